"""What a collaboration came to: figures of those above, on one page."""
