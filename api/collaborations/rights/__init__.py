"""What may be done with what was made, and for whom else its maker may not work meanwhile."""
