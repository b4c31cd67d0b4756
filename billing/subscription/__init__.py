"""The agency's own subscription: plans, what they let it do, and selling them."""
