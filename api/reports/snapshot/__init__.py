"""A version as it is frozen: every figure and every word."""
