"""
The proof that a collaboration was delivered: the post that is live and how long it stays, whether
its advertising is disclosed as the law of its readers wants, and what it is said to have reached.
"""
