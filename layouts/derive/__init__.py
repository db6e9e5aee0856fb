"""Derivations: what is computed from a panel's answers before they are drawn; a closed set, listed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from app.values.context import QueryContext
from app.values.selection import Selection
from layouts.derive.pareto import pareto
from layouts.derive.quadrant import quadrant, top_share_card
from layouts.derive.tail import tail_list
from layouts.derive.tree import tree
from layouts.derive.waterfall import margin_waterfall
from queries.frame import Frame

Derivation = Callable[[Mapping[str, Frame], Selection, QueryContext], Frame]
"""From the answers by the name of their question to the frame that is drawn, listed and handed over.

It may refuse with a sentence, such as that there are too few orders to tell.
"""

DERIVATIONS: Mapping[str, Derivation] = MappingProxyType(
    {
        "pareto": pareto,
        "margin-waterfall": margin_waterfall,
        "quadrant": quadrant,
        "tail": tail_list,
        "top-share": top_share_card,
        "tree": tree,
    }
)


def derived(name: str, frames: Mapping[str, Frame], selection: Selection, context: QueryContext) -> Frame:
    """What the derivation of that name makes of the answers. Raises KeyError when there is none."""
    return DERIVATIONS[name](frames, selection, context)
        "seasonality": seasonality,
