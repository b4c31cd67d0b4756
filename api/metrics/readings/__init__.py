"""What is measured: how it comes, which word of it counts, and the proof of what is kept."""
