"""Channels: saying it outside, by mail and into the rooms where people talk; one file each, one shape."""
