"""
The client's money: what was planned, what the client approved, what is set aside and what is spent.

A budget covers a client and a period in one currency, in lines (partidas). Nothing is spent before
it is active. Every movement is an entry that nobody edits; a line's balances are the sums of its
entries, and what is committed and spent never passes what is allocated. Money that was already
spent is a fact: it is kept, what the line cannot bear as unfunded, until a transfer covers it.

A line may count units beside money. What the agency spends on a line that is passed through is
billed on at cost. How far money goes is told by the day: when asked, when a part of it is gone,
and once a period when it will not last.
"""
