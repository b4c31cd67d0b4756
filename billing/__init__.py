"""Money in and out: what an agency pays for, bills to its clients, and owes to creators."""
