"""Terms: offered, answered once, with or without an account, and amended."""
