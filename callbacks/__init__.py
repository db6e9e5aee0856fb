"""Callbacks: gestures turn an event into an address, drawings turn the address into components."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callbacks import (
    displays,
    draw,
    drill,
    explain,
    filters,
    ledger,
    narrow,
    navigate,
    notes,
    rows,
    sets,
    tour,
    tree,
    views,
)

if TYPE_CHECKING:
    from app.assembly import House
    from callbacks.registry import Registry


def register(registry: Registry, house: House) -> None:
    """Put every callback on the registry's application, each with the permission it needs."""
    looking = (navigate, draw, drill, filters, narrow, rows, ledger, explain, tree)
    for family in (*looking, tour, views, displays, sets, notes):
        family.register(registry, house)
