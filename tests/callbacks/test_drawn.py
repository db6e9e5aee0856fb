"""Drawn before: the same for all who may see the same, drawn anew for everybody else and whenever data come in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from plotly.io.json import to_json_plotly

from app.assembly import House, assemble
from app.values.errors import TooBig
from app.values.view import View
from callbacks import draw, drill
from callbacks.drawn import Drawn
from callbacks.surroundings import visible
from layouts.screen.panel import ANY_KEY
from tests.services.salient import with_demo, workspace

LINES = 3_000


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A small demo company."""
    opened = assemble(with_demo(workspace(tmp_path_factory.mktemp("drawn")), LINES))
    yield opened
    opened.close()


def at(view: str) -> dict[str, Any]:
    return {"view": view}


def sent(parts: object) -> Any:
    """As the browser receives it."""
    return orjson.loads(to_json_plotly(parts))


def panel(house: House, who: str, view: str, name: str, before: Drawn | None) -> Any:
    viewer = house.viewer_named(f"{who}@salient.example")
    place = {"dashboard": View.parse(view).dashboard, "panel": name}
    return sent(draw.panel_parts(house, viewer, at(view), place, before))


@pytest.mark.parametrize(
    "view", ["/d/overview?period=2026", "/d/sales?drill=month:2026-10", "/d/regions?period=2026-Q3"]
)
def test_a_picture_leads_where_the_server_would_lead(house: House, view: str) -> None:
    erin = house.viewer_named("erin@salient.example")
    found = next(each for each in visible(house, erin) if each.id == View.parse(view).dashboard)
    metas = [
        drawn["layout"]["meta"]
        for each in found.panels()
        for _, drawn in [panel(house, "erin", view, each.id, None)]
        if drawn
    ]
    opening = [meta for meta in metas if meta.get("gesture") == "drill" and meta["level"]]
    assert opening
    for meta in opening:
        mark = {"level": meta["level"], "key": "a & (b)/ü", "gesture": "drill"}
        assert meta["leads"].replace(ANY_KEY, quote("a & (b)/ü", safe="()")) == drill.clicked(view, mark)


@pytest.mark.parametrize("dashboard", ["overview", "sales", "regions", "products", "team", "customers", "campaigns"])
def test_every_panel_is_sent_as_it_was_drawn(house: House, dashboard: str) -> None:
    before, view = Drawn(house.engine), f"/d/{dashboard}"
    erin = house.viewer_named("erin@salient.example")
    found = next(each for each in visible(house, erin) if each.id == dashboard)
    for each in found.panels():
        drawn = panel(house, "erin", view, each.id, None)
        assert panel(house, "erin", view, each.id, before) == drawn
        assert panel(house, "erin", view, each.id, before) == drawn
    assert sent(draw.sentence(house, erin, at(view), before)) == sent(draw.sentence(house, erin, at(view)))
    again = sent(draw.sentence(house, erin, at(view), before))
    assert again == sent(draw.sentence(house, erin, at(view)))


def test_cards_are_sent_as_they_were_drawn(house: House) -> None:
    before, erin = Drawn(house.engine), house.viewer_named("erin@salient.example")
    drawn = sent(draw.cards(house, erin, at("/d/overview"), 0))
    for _ in range(2):
        assert sent(draw.cards(house, erin, at("/d/overview"), 0, before)) == drawn


def test_otto_and_a_rep_are_not_sent_what_was_drawn_for_an_executive(house: House) -> None:
    before, view = Drawn(house.engine), "/d/regions"
    for_erin = panel(house, "erin", view, "ranked", before)
    for who in ("otto", "sam", "remy"):
        own = panel(house, who, view, "ranked", before)
        assert own == panel(house, who, view, "ranked", None)
        assert own != for_erin


def test_another_language_or_period_is_drawn_anew(house: House) -> None:
    before = Drawn(house.engine)
    panel(house, "erin", "/d/regions", "ranked", before)
    other = "/d/regions?period=last-year"
    assert panel(house, "erin", other, "ranked", before) == panel(house, "erin", other, "ranked", None)
    erin = house.viewer_named("erin@salient.example")
    german = replace(erin, context=replace(erin.context, locale="de"))
    place = {"dashboard": "regions", "panel": "ranked"}
    told = sent(draw.panel_parts(house, german, at("/d/regions"), place, before))
    assert told == sent(draw.panel_parts(house, german, at("/d/regions"), place))


def test_a_failure_is_not_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Drawn(house.engine)
    with monkeypatch.context() as patch:

        def busy(*_: object, **__: object) -> None:
            raise TooBig("This question took too long and was stopped.")

        patch.setattr("callbacks.draw.answer_panel", busy)
        failed = panel(house, "erin", "/d/regions", "ranked", before)
    assert "took too long" in str(failed)
    assert panel(house, "erin", "/d/regions", "ranked", before) == panel(house, "erin", "/d/regions", "ranked", None)
    assert "took too long" not in str(panel(house, "erin", "/d/regions", "ranked", before))


def test_what_is_kept_of_loads_is_drawn_anew_each_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before, asked = Drawn(house.engine), list[str]()
    plain = draw.answer_panel

    def counted(*given: Any) -> Any:
        asked.append(given[1].id)
        return plain(*given)

    monkeypatch.setattr("callbacks.draw.answer_panel", counted)
    for name in ("loads", "loads"):
        panel(house, "erin", "/d/data-quality", name, before)
    for _ in range(2):
        panel(house, "erin", "/d/regions", "ranked", before)
    assert asked == ["loads", "loads", "ranked"]
