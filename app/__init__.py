"""Salient: the application around the sales warehouse."""
