"""
What waits for whom: everybody's day, and the agency's overview.

Reads across all the domains and changes nothing.
"""
