"""Everything that happened, in order: the activity feed, and the trail an auditor follows."""
