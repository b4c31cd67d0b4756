"""What the story is about: what was agreed, told and billed, and who made what."""
