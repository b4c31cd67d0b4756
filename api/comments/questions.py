"""
What a client asked and nobody answered yet: threads for the client that one of its people began,
in which the last word is theirs still, and which nobody resolved.
"""

_BY = """(select m.kind from memberships m
    where m.agency_id = {0}.agency_id and m.id = {0}.author_id)"""
# Of a row of `comments`, whoever asks: one place says it for lists and for counts.
UNANSWERED = f"""(comments.parent_id is null and comments.audience = 'client'
    and comments.resolved_at is null and comments.deleted_at is null
    and {_BY.format("comments")} = 'client_contact'
    and coalesce((
        select {_BY.format("reply")} = 'client_contact' from comments reply
        where reply.agency_id = comments.agency_id and reply.parent_id = comments.id
            and reply.deleted_at is null
        order by reply.id desc limit 1
    ), true))"""  # noqa: S608
