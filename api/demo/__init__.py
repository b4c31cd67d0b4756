"""The main job, end to end: an agency's month with one client, played over HTTP by its people."""
