"""Several questions at once read what they have in common once, and are told what each would be told alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.values.period import Period
from queries.asking import Asker
from queries.gather import Reading
from queries.query import Query
from queries.slice import Slice
from tests.queries.company import context

METRICS = ("net_sales", "orders", "margin_rate", "budget_attainment")


def test_the_cards_of_a_dashboard_read_their_months_once(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    cards = [Query((metric,), ("month",), period=Period.parse("2023"), totals=True) for metric in METRICS]
    cards += [Query((metric,), period=Period.parse("2023"), versus=("last-year",)) for metric in METRICS]
    read: list[Slice] = []
    really = Reading._read

    def noted(reading: Reading, asked: Slice) -> list[tuple[Any, ...]]:
        read.append(replace(asked, parts=()))
        return really(reading, asked)

    monkeypatch.setattr(Reading, "_read", noted)
    alone = [asker.ask(card, context()) for card in cards]
    each_alone = len(read)
    read.clear()
    assert asker.ask_all(cards, context()) == alone
    of_sales = {asked for asked in read if asked.source.fact == "sales_line"}
    assert of_sales
    assert len([asked for asked in read if asked in of_sales]) == len(of_sales)
    assert len(read) < each_alone
