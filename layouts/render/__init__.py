"""Renderers: answered panels in whatever format is asked for."""
