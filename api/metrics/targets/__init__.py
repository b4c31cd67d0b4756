"""What KPIs shall come to, and how they stand."""
