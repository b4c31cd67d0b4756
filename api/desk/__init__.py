"""
What waits for whom: everybody's day, the agency's overview, and calendars that programs read.

Reads across all the domains, and changes nothing of theirs.
"""
