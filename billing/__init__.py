"""Money in and out: what an agency pays for the platform, bills to its clients and owes to creators."""
