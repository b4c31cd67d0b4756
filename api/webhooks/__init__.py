"""What others tell us over HTTP: Stripe, of its own accord."""
