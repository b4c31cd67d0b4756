"""Who is who: agencies, their people, the ways in, and who does what for which client."""
