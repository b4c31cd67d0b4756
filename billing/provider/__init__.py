"""Whoever collects and moves money for us: the port, its adapters, and what is kept of Stripe."""
