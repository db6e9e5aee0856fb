"""What is seen: panels, marks, dashboards and the formats they are drawn in."""
