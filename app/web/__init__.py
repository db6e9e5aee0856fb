"""The web door: who is let in, the plain pages around the dashboards, health, headers and errors."""
