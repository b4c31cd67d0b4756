"""
Figures that come as files: what networks export, our own layout, and whatever a mapping explains.

A file is recognised by its headers, read a row at a time, and recorded as readings; tried first if
somebody wants to see what it would change. The same file twice is once.
"""
