"""What an agency owes to creators: payables behind their gates, payees, payouts, claw-backs."""
