"""The agency's work, one folder per domain, and the only package that speaks HTTP."""
