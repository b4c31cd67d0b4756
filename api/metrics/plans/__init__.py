"""How plans are kept: publishing on the day, spending at its pace."""
