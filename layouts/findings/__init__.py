"""Findings: what one kind of picture shows in a sentence, a module a mark; the others are in narrative."""
