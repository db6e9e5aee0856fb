"""Saying it outside: against real servers on loopback."""
