"""Assistants: the door for AI assistants, which ask and explain as the owner of their token."""
