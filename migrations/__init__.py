"""The schema, step by step. A migration imports nothing of the application."""
