"""Kept: a saved view as the frame and its menus know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Whose = Literal["mine", "team", "role", "everyone"]


@dataclass(frozen=True)
class KeptView:
    """A saved view. `view` is its address, `whose` how it came to the viewer, `version` what a change is made on."""

    id: str
    name: str
    view: str
    dashboard: str
    owner: str
    whose: Whose
    version: int = 1
    is_pinned: bool = False
    visibility: str = "private"
    roles: tuple[str, ...] = ()

    @property
    def href(self) -> str:
        """Where it is opened: its address with its id behind the `#`, so that the page knows its name."""
        return f"{self.view}#v={self.id}"

    @property
    def is_mine(self) -> bool:
        """Whether the viewer may change it."""
        return self.whose == "mine"


def with_saved(href: str, saved: str) -> str:
    """An address that keeps the name of the saved view it began as."""
    return f"{href}#v={saved}" if saved else href


def saved_of(href: str) -> str:
    """The id of the saved view that an address names; empty when it names none."""
    _, _, fragment = href.partition("#")
    return fragment.removeprefix("v=")[:16] if fragment.startswith("v=") else ""
