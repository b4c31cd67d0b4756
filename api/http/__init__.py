"""The HTTP contract: what holds for every operation, and is written once."""
