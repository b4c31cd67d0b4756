"""Share links: a report for whoever holds an address."""
