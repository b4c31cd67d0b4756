"""
What a collaboration brought: links that count who follows them, codes that name who sent a buyer,
and the sales (and refunds) that are told with either.
"""
