"""What accepted terms owe, part by part: set aside, earned, shared of the sales."""
