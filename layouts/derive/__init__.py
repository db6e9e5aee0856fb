"""Derivations: what is computed from a panel's answers before they are drawn; a closed set, listed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from app.values.context import QueryContext
from app.values.selection import Selection
from layouts.derive.attach import attach
from layouts.derive.bridge import bridge
from layouts.derive.compare import compare
from layouts.derive.deciles import value_deciles
from layouts.derive.decline import declining_customers
from layouts.derive.discounts import discount_evidence
from layouts.derive.distribution import distribution
from layouts.derive.expansion import expansion_split
from layouts.derive.flow import (
    cohort_table,
    customer_flow,
    kept_card,
    retention_card,
    revenue_bridge,
    top_ten_card,
)
from layouts.derive.identity import identity_in_words
from layouts.derive.keeping import keeping
from layouts.derive.lift import campaign_bands, campaign_lift
from layouts.derive.mix import mix_over_time
from layouts.derive.movers import movers
from layouts.derive.pace import pace
from layouts.derive.pareto import pareto
from layouts.derive.preferred import preferred
from layouts.derive.quadrant import quadrant, top_share_card
from layouts.derive.quality import in_words
from layouts.derive.response import price_response
from layouts.derive.rhythm import frequent_buyers, own_rhythm
from layouts.derive.risks import risks
from layouts.derive.seasonality import seasonality
from layouts.derive.segments import segment_grid, segment_list, segment_sums
from layouts.derive.shift import mix_shift
from layouts.derive.tail import tail_list
from layouts.derive.timeline import order_timeline
from layouts.derive.tree import tree
from layouts.derive.waterfall import margin_waterfall
from layouts.derive.weeks import by_week
from queries.frame import Frame

Derivation = Callable[[Mapping[str, Frame], Selection, QueryContext], Frame]
"""From the answers by the name of their question to the frame that is drawn, listed and handed over.

It may refuse with a sentence, such as that there are too few orders to tell.
"""

DERIVATIONS: Mapping[str, Derivation] = MappingProxyType(
    {
        "attach": attach,
        "customer-flow": customer_flow,
        "cohorts": cohort_table,
        "customers-retained": kept_card,
        "net-retention": retention_card,
        "revenue-bridge": revenue_bridge,
        "top-ten-customers": top_ten_card,
        "deciles": value_deciles,
        "expansion": expansion_split,
        "declining": declining_customers,
        "frequent": frequent_buyers,
        "own-rhythm": own_rhythm,
        "order-timeline": order_timeline,
        "price-response": price_response,
        "segments": segment_sums,
        "segment-grid": segment_grid,
        "segment-list": segment_list,
        "bridge": bridge,
        "campaign-bands": campaign_bands,
        "campaign-lift": campaign_lift,
        "by-week": by_week,
        "identity-in-words": identity_in_words,
        "loads-in-words": in_words,
        "risks": risks,
        "mix-over-time": mix_over_time,
        "mix-shift": mix_shift,
        "pareto": pareto,
        "seasonality": seasonality,
        "margin-waterfall": margin_waterfall,
        "preferred": preferred,
        "quadrant": quadrant,
        "tail": tail_list,
        "top-share": top_share_card,
        "tree": tree,
        "compare": compare,
        "discounts": discount_evidence,
        "distribution": distribution,
        "keeping": keeping,
        "movers": movers,
        "pace": pace,
    }
)


def derived(name: str, frames: Mapping[str, Frame], selection: Selection, context: QueryContext) -> Frame:
    """What the derivation of that name makes of the answers. Raises KeyError when there is none."""
    return DERIVATIONS[name](frames, selection, context)
