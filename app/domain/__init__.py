"""The sums: what dashboards compute beyond asking; pure functions over frozen values, no web, no database."""
