"""
What the work costs the agency: the time people spend, what an hour of theirs costs, and what is
left of the price. The agency's eyes only.
"""
