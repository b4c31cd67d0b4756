"""
What is usual in an industry, as somebody published it: figures with their source, beside which a
client's own are read. The agency keeps them for all its clients, and none is made up.
"""
