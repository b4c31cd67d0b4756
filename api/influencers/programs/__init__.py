"""Programs: who is put forward for one, asked by a link, and taken in."""
