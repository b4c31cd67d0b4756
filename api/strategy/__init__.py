"""
What a client wants, and against whom: objectives with a due date, and the competitors that they
are measured beside. The agency's eyes only; a client reads of them in published reports.
"""
