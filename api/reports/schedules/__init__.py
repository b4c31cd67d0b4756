"""What reports begin from, what begins them, and who is reminded."""
