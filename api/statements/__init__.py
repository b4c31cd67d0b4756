"""
One statement of a client's money: what was planned, what both sides are bound to, what it has come
to and what it will come to, with the document behind each figure. The client reads the same one.
"""
