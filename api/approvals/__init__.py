"""
What is asked of approvers, and what they decided.

One proposal, one decision: an approval covers one or several subjects (a scope, a budget, a
campaign) with one document and one hash, and deciding it moves them all, in the same transaction.
A decision is bound to the content it was given for, is never edited, and is the client's own, or
recorded for the client with evidence and told at once, or deemed, as the client's policy says.
The policy names how many decide, by when, and whether the agency decides first, inside; what an
approval asks for is fixed when it is asked. Whoever edits what was shown takes the request back.
"""
