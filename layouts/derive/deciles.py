"""Deciles: customers in tenths by value, what each tenth makes, and where its customers stood a year before."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.domain.figures import share, total
from app.domain.segments import deciles
from app.values.context import QueryContext
from app.values.errors import Invalid
from app.values.selection import Selection
from app.values.words import words
from layouts.derive.buying import amounts_of
from queries.frame import Column, Frame, Member, Row

FEWEST = 20
"""Fewer customers make no tenths."""


def value_deciles(frames: Mapping[str, Frame], _selection: Selection, context: QueryContext) -> Frame:
    """The tenths from the best: customers, `net_sales`, `share`, and of them `risen`, `same`, `fallen` and `new`.

    Main has customers with `net_sales` of twelve months, "before" of the twelve before. The four last add up to the
    customers of the tenth; `gone` are those of the tenth of then who bought nothing since. Invalid for a few customers.
    """
    main, t = frames["main"], words(context.locale)
    now, before = amounts_of(main), amounts_of(frames.get("before"))
    if len(now) < FEWEST:
        raise Invalid("Too few customers for tenths: there are fewer than {fewest}.", fewest=FEWEST)
    standing, stood = deciles(now.items()), deciles(before.items())
    whole = total(now.values())
    rows: list[Row] = []
    for tenth in range(1, 11):
        keys = [key for key, place in standing.items() if place == tenth]
        net = total(now[key] for key in keys)
        former = [stood.get(key) for key in keys]
        rows.append(
            (
                Member(str(tenth), t("Best tenth") if tenth == 1 else t("Tenth {n}", n=tenth)),
                len(keys),
                net,
                share(net, whole),
                sum(1 for place in former if place is not None and place > tenth),
                sum(1 for place in former if place == tenth),
                sum(1 for place in former if place is not None and place < tenth),
                former.count(None),
                sum(1 for key, place in stood.items() if place == tenth and key not in standing),
            )
        )
    columns = (
        Column("decile", t("By value"), "dimension"),
        _count("customers", t("Customers")),
        Column("net_sales", t("Net sales"), "metric", "net_sales", unit="money", format="money"),
        Column("share", t("Share"), "metric", "share", unit="ratio", format="percent"),
        _count("risen", t("Risen into it")),
        _count("same", t("In it before")),
        _count("fallen", t("Fallen into it")),
        _count("new", t("New")),
        _count("gone", t("Left us from it")),
    )
    counted = [sum(int(str(row[at])) for row in rows) for at in (4, 5, 6, 7, 8)]
    totals: Row = (None, len(now), whole, Decimal(1), *counted)
    return Frame(columns, tuple(rows), main.provenance, main.currency, totals, notes=main.notes)


def _count(column_id: str, title: str) -> Column:
    return Column(column_id, title, "metric", column_id, unit="count", format="integer")
