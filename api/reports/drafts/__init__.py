"""A report's draft: begun, worded, reviewed, frozen; and the board of all."""
