"""Published posts, and what they reached."""
