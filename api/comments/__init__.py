"""
What is said about the work: among the agency's people, or with the client.

A comment is about one thing, its subject, and whoever does not see the subject sees no comment on
it. A thread has one audience: a reply is for whom the first comment is for, so that nothing a
client may see is changed, counted or kept because of something it may not.
"""
