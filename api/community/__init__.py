"""
How a client's community was answered: figures brought day by day from wherever its messages are
handled, and what they come to. The agency's eyes only; a client reads of them in published reports.
"""
