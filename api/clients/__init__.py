"""The brands the agency serves: the client record, its people, and what was agreed with it."""
