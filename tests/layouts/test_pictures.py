"""Every picture in every language, at every depth: nothing breaks, nothing reads "None"."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from layouts.card import card_face
from layouts.dashboard import answer
from layouts.dashboards import dashboards
from layouts.marks import Card, HeatTable
from layouts.render.plotly import drawable, figure, merged
from layouts.theme import resolve, tokens
from tests.conftest import SOAK
from tests.layouts.company import Company, answered, view, viewer

ADDRESSES = [
    "",
    "?period=this-month",
    "?period=2025",
    "?period=all",
    "?period=2026-W20&versus=previous",
    "?versus=none",
    "?versus=2025-Q1,previous",
    "?drill=market:europe",
    "?drill=country:united-states",
    "?drill=region:dach",
    "?drill=rep:okafor",
    "?drill=month:2026-03",
    "?drill=category:hardware/subcategory:pumps",
    "?drill=region:dach/rep:okafor/customer:juno-group/document:so-1001",
    "?grain=quarter",
]
COMPANIES = {"plan": Company(), "no plan": Company(no_plan=True)}
CASES = [
    (dashboard, address, plan)
    for row, dashboard in enumerate(dashboards())
    for column, address in enumerate(ADDRESSES)
    for turn, plan in enumerate(COMPANIES)
    if SOAK or (row + column + turn) % 2 == 0
]
"""Each dashboard at each address, with and without plans in turns; every combination in a soak."""


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


@pytest.mark.parametrize(("dashboard", "address", "plan"), CASES, ids=lambda each: getattr(each, "id", each))
def test_every_panel_draws(dashboard: Any, address: str, plan: str) -> None:
    company = COMPANIES[plan]
    for each in answer(dashboard, view(f"/d/{dashboard.id}{address}"), viewer(locale="de"), company):
        drawn = figure(each)
        written = json.dumps(drawn, allow_nan=False)
        told = [*texts(drawn), each.title, each.unit_line, each.finding, each.sentence, *each.notes]
        assert not [text for text in told if re.search(r"\b(None|nan|NaN|Decimal|\{level\}|\{reference\})\b", text)]
        assert len(written) < 200_000
        if drawable(each) and each.state == "ready":
            assert drawn["layout"]["height"] == each.mark.height
            resolve(drawn, tokens("dark"))


def test_every_card_has_a_face_in_every_state_of_its_comparisons() -> None:
    for address in ADDRESSES:
        for each in answer(dashboards()[0], view(f"/d/overview{address}"), viewer(), Company()):
            if isinstance(each.mark, Card):
                face = card_face(each)
                assert len(face.spark) == 13
                assert all(point is None or math.isfinite(point) for point in face.spark)
                assert not re.search(r"None|nan", repr((face.value_text, face.exact_text, face.rows, face.spoken)))


def test_colours_are_tokens_and_never_values() -> None:
    for dashboard in dashboards():
        for each in answer(dashboard, view(f"/d/{dashboard.id}"), viewer(), Company()):
            assert not re.search(r"#[0-9a-fA-F]{6}", json.dumps(figure(each)))


def test_a_bar_carries_its_members_key_and_the_others_none() -> None:
    bars = figure(answered("top-customers"))["data"][-1]
    assert bars["customdata"][0] == "aldergate-group"
    assert bars["customdata"][-1] is None
    heat = figure(answered("growth", "/d/sales"))["data"][0]
    assert {key for row in heat["customdata"] for key in row} >= {"dach", "iberia"}
    states = figure(answered("map", "/d/regions?drill=country:united-states"))
    assert states["data"][0]["locations"][0] == "CA"
    assert (states["layout"]["meta"]["level"], states["layout"]["meta"]["gesture"]) == ("state", "filter")


def test_a_members_name_is_text_and_never_markup() -> None:
    drawn = json.dumps(
        figure(answered("variance", "/d/overview?drill=market:europe/country:germany")), ensure_ascii=False
    )
    assert "UK &amp; Ireland" in drawn
    assert "UK & Ireland" not in drawn


def test_the_running_month_is_hatched_and_the_finished_ones_are_not() -> None:
    actual = next(t for t in figure(answered("by-month", "/d/sales"))["data"] if "pattern" in t["marker"])
    shapes = actual["marker"]["pattern"]["shape"]
    assert shapes[-1] == "/"
    assert set(shapes[:-1]) == {""}


def test_the_running_total_ends_today_and_its_plan_at_the_quarters_end() -> None:
    drawn = figure(answered("cumulative"))
    lengths = [len(trace["x"]) for trace in drawn["data"] if trace["mode"] == "lines"]
    assert lengths[-1] == 52
    assert lengths[-2] == 92
    assert any("Plan" in label["text"] for label in drawn["layout"]["annotations"])
    assert any("Today" in label["text"] for label in drawn["layout"]["annotations"])


def test_a_phone_has_shorter_names_and_the_same_height() -> None:
    each = answered("rep-attainment")
    wide, narrow = figure(each), figure(each, 340)
    assert narrow["layout"]["height"] == wide["layout"]["height"]
    assert narrow["layout"]["margin"]["l"] <= wide["layout"]["margin"]["l"]
    assert merged({"a": {"b": 1, "c": [1]}}, {"a": {"c": [2]}}) == {"a": {"b": 1, "c": [2]}}


def test_numbers_on_axes_follow_the_locale() -> None:
    assert figure(answered("cumulative", locale="de"))["layout"]["separators"] == ",."
    assert figure(answered("cumulative", locale="en"))["layout"]["separators"] == ".,"


def test_whom_the_finding_names_the_heat_table_shows() -> None:
    each = answered("growth", "/d/sales")
    small = replace(each, mark=HeatTable(rows=1))
    assert each.finding.startswith("Iberia")
    assert figure(small)["data"][0]["customdata"] == [["iberia"] * 11]
    assert "the 1 of 8" in figure(small)["layout"]["annotations"][0]["text"]


def test_on_a_phone_one_small_picture_leaves_no_blank_below_it() -> None:
    many = answered("trends", "/d/team")
    member = many.frame.rows[0][0]
    rows = tuple(row for row in many.frame.rows if row[0] == member)
    alone = figure(replace(many, frames={name: replace(each, rows=rows) for name, each in many.frames.items()}))
    meta = alone["layout"]["meta"]
    assert meta["compact"]["height"] == meta["few"]["tall"] < alone["layout"]["height"] / 2
    full = replace(many, mark=replace(many.mark, most=3))
    assert "few" not in figure(full)["layout"]["meta"]


def test_on_a_phone_a_single_bar_leaves_no_blank_below_it() -> None:
    for panel_id in ("attainment", "ranking"):
        many = answered(panel_id, "/d/team")
        few = replace(many, frames={name: replace(each, rows=each.rows[:1]) for name, each in many.frames.items()})
        alone, everybody = figure(few)["layout"], figure(replace(few, mark=replace(few.mark, rows=1)))["layout"]
        assert alone["height"] == many.mark.height
        assert alone["meta"]["compact"]["height"] == alone["meta"]["few"]["tall"] < many.mark.height / 3
        assert alone["meta"]["compact"]["yaxis"]["range"] == [0.5, -0.5]
        # Where all the rows there is room for are taken, the phone's picture is as tall as any.
        assert "few" not in everybody["meta"]
