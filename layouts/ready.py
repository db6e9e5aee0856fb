"""Ready: the views and files that a dashboard comes with, for those who come with a question of their own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReadyMade:
    """A view of a dashboard that comes with Salient: its name, for whom it is, and the query of its address."""

    title: str
    audience: str
    query: str


@dataclass(frozen=True)
class Preset:
    """A file of lines with a name: its columns and their order, and what the lines are sorted by, as in an address."""

    id: str
    title: str
    audience: str
    layout: str
