"""One file per change of the application database, oldest first."""
