"""
What was sold and what came of it.

A campaign has a goal and a budget. A scope (alcance) says what is delivered for it, line by line,
and once the client has accepted it, it is the baseline. Each line's lot counts its units: those
reserved by deliverables at work, those delivered, those given beyond the contract. A deliverable
(entregable) is one such unit on its way from planned to delivered, with the proof of it.
"""
