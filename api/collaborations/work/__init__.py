"""The work that was agreed: its pieces, what is handed in for them, and how long they stay."""
