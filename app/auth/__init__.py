"""Who may what: passwords, sessions, roles, and the row policy that turns a person into a Viewer."""
