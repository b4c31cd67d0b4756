"""The parts a client report is made of, each turned from figures into words, rows and drawings."""
