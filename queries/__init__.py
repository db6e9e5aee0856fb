"""Asking: a question as a value, planned, compiled, answered and cached."""
