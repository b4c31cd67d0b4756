"""How a version reaches the client's people: sent, opened, read."""
