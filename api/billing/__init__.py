"""What the agency bills its clients for, as it was earned."""
