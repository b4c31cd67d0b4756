"""
Collaborations: an influencer's work on a client's campaign, from the shortlist to the result.

Terms are offered and accepted before anything is made; accepting them sets the fee aside on a named
line of a budget, grants the use of what is made, and keeps the influencer's exclusivity across the
agency's clients, none of whom learns of another. What is handed in is decided on by the client's
policy. Work that was accepted is an expense and is owed to the influencer, once; what
holds the money back are gates, each with its evidence.
"""
