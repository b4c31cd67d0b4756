"""What became different between two versions, and why."""
