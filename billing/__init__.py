"""
Money in and out: what an agency pays for, bills to its clients, and owes to creators.

`receivable` is what clients owe, `payable` what creators are owed, `subscription` what the agency
itself pays; `provider` is whoever collects and moves money for us. All of it meets in the ledger.
"""
