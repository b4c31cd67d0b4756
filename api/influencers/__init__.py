"""
The creators an agency works with: its roster of influencers, what each may see of it when they log
in, and the programs into which they are invited.
"""
