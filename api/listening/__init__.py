"""
Who is spoken of, and how: the topics that are listened to, mentions counted under a query, and the
client's share of voice among named competitors. The agency's eyes only; a client reads of it in
published reports.
"""
