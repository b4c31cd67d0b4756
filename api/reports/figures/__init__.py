"""What the domains know of a period, in the snapshot's form."""
