"""How a page the agency signs looks: its two colours, its letters, figures and dates as read.

Reports use it, and any paper sent to a client may: nothing here knows what the document is about.
"""
