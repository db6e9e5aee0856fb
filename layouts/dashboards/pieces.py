"""Pieces: the panels that several dashboards are made of, a card of one figure and the largest moves."""

from __future__ import annotations

from typing import Literal

from layouts.marks import ROW, Card, Movers
from layouts.panel import Panel, Question

COST = frozenset({"cost"})
"""What whoever sees cost and margin is allowed."""


def card(
    metric: str,
    title: str,
    *,
    plan: bool = False,
    versus: tuple[str, ...] | None = None,
    needs: frozenset[str] = frozenset(),
) -> Panel:
    """One figure with its deltas and its trail; `versus` as in a question, `needs` as in a panel."""
    return Panel(
        id=metric.replace("_", "-"),
        title=title,
        query=Question((metric,), plan=plan, versus=versus),
        beside={"trail": Question((metric,), by=("trail",), reach="trail", versus=())},
        mark=Card(metric),
        width=2,
        needs=needs,
    )


def moved(panel_id: str, title: str, by: str, *, each: int, width: int, start: str | None = None) -> Panel:
    """The members whose net sales moved most against last year: `each` up and as many down, and all others."""

    def question(direction: Literal["asc", "desc"]) -> Question:
        return Question(
            ("net_sales",),
            by=(by,),
            start=start,
            versus=("last-year",),
            order=(("net_sales@last-year:delta", direction),),
            limit=each,
            totals=True,
        )

    return Panel(
        id=panel_id,
        title=title,
        query=question("desc"),
        beside={"down": question("asc")},
        derive="movers",
        mark=Movers(rows=2 * each, height=2 * each * ROW + 60),
        width=width,
    )
