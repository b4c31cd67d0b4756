"""The client report: what was promised, what happened, what it cost and what comes next."""
