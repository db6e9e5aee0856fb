"""Tests mirror the source; their sentences are about people."""
