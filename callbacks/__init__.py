"""Gestures and drawings: the Dash door."""
