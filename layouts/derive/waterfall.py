"""Margin waterfall: from gross sales over discounts, returns and cost to gross margin, each as a share of the start."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.domain.figures import share
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.selection import Selection
from app.values.words import words
from layouts.columns import number
from queries.frame import Column, Frame, Member, Row

LEVELS = ("gross", "net", "margin")
"""The rows that stand on the ground."""


def margin_waterfall(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """One row a step, from the one row of "main" with gross and net sales, discount, returns, cost and margin.

    Columns: `step`, `amount`, `share` (of gross sales) and, where there is a comparison in time, that share then and
    its difference. Net sales whose cost is not known leave in a step of their own; where none is known the rows end
    with net sales. Invalid without gross sales.
    """
    main, t = frames["main"], words(context.locale)
    versus = next((c.versus for c in main.columns if c.role == "reference" and c.versus != "budget"), None)
    now = _amounts(main, "")
    before = _amounts(main, f"@{versus}") if versus else {}
    if now.get("gross", Decimal(0)) <= 0:
        raise Invalid("A waterfall begins with sales above zero.")
    names = {
        "gross": t("Gross sales"),
        "discount": t("Discount"),
        "returns": t("Returns"),
        "net": t("Net sales"),
        "unknown": t("Cost unknown"),
        "cost": t("Cost"),
        "margin": t("Gross margin"),
    }
    rows = tuple(_row(Member(key, names[key]), now, before, compared=versus is not None) for key in names if key in now)
    share_of = Column("share", t("% of gross"), "metric", "share", unit="ratio", format="percent", better="up")
    columns = [
        Column("step", t("Step"), "dimension"),
        Column("amount", t("Amount"), "metric", "amount", unit="money", format="money"),
        share_of,
    ]
    if versus is not None:
        reference = {"metric": "share", "versus": versus, "unit": "ratio", "format": "percent", "better": "up"}
        columns.append(Column(f"share@{versus}", t("% of gross"), "reference", **reference))
        columns.append(Column(f"share@{versus}:delta", t("% of gross"), "delta", **reference))
    return Frame(tuple(columns), rows, main.provenance, main.currency, notes=main.notes)


def _amounts(main: Frame, suffix: str) -> dict[str, Decimal]:
    """Every step's signed amount, those without meaning left out; nothing where the figures are not there."""

    def figure(metric: str) -> Decimal | None:
        value = number(main.rows[0][main.index(metric + suffix)]) if main.rows else None
        return None if value is None else Decimal(value)

    gross, net, costed, cost = (figure(each) for each in ("gross_sales", "net_sales", "costed_net_sales", "cost"))
    discount, returns, margin = (figure(each) for each in ("discount", "returns", "margin"))
    if gross is None or net is None or discount is None or returns is None:
        return {}
    found = {"gross": gross, "discount": -discount, "returns": -returns, "net": net}
    if costed is None or cost is None or margin is None or not costed:
        return found
    if costed != net:
        found["unknown"] = costed - net
    return {**found, "cost": -cost, "margin": margin}


def _row(step: Member, now: Mapping[str, Decimal], before: Mapping[str, Decimal], *, compared: bool) -> Row:
    part = share(now[step.key], now["gross"])
    row: Row = (step, now[step.key], part)
    if not compared:
        return row
    if step.key == "gross":
        return (*row, part, None)
    then = share(before[step.key], before["gross"]) if step.key in before else None
    return (*row, then, None if part is None or then is None else part - then)
