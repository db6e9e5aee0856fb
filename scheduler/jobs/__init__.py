"""What the scheduler does besides sending: one file each, every one a function that works off what is due."""
