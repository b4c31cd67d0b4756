"""Long work, followed to its end: a PDF being made, an import being read."""
