"""How clients did: totals, days and KPIs of a period, beside the past and beside others."""
