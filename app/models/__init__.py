"""The application database: who works here, what they may, and what was done; one file per aggregate."""
