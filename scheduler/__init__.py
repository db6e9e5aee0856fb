"""The scheduler process: its clock and its jobs."""
