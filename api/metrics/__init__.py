"""A client's channels, what is measured on them day by day, and the figures that follow."""
