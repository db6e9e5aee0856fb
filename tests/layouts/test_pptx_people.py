"""Decks over the demo company: each person's deck has that person's figures, and no one else's rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache

import pytest

from app.assembly import House, assemble
from app.handing import handout
from app.values.errors import NotFound
from app.values.view import View
from layouts.card import card_face
from layouts.dashboard import Dashboard
from layouts.handout import Handout
from layouts.marks import Card
from layouts.native.chart import OTHERS
from layouts.render import json as typed
from layouts.render.pptx import document
from layouts.render.pptx.fitting import plain
from tests.layouts.decks import Chart, charts_of, drawn, matched, parts_of, slides_in, tables_of, texts_of
from tests.services.salient import with_demo, workspace

PEOPLE = ("erin", "mia", "sam", "remy", "tess")
LINES = 6_000


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Salient over a small demo company, with its people."""
    found = assemble(with_demo(workspace(tmp_path_factory.mktemp("decks")), LINES))
    yield found
    found.close()


Decks = Callable[[str], list[tuple[Handout, bytes]]]


@pytest.fixture(scope="module")
def decks(house: House) -> Decks:
    """Somebody's handouts, each with its deck, made once."""

    @cache
    def made(who: str) -> list[tuple[Handout, bytes]]:
        return [(each, document(each).content) for each in handouts(house, who)]

    return made


def handouts(house: House, who: str) -> Iterator[Handout]:
    """Every dashboard that somebody may open, of the first customer where it is about one."""
    viewer = house.viewer_named(f"{who}@salient.example")
    for dashboard in house.dashboards:
        try:
            yield handout(house, viewer, View.parse(f"/d/{dashboard.id}{_about(house, who, dashboard)}"))
        except NotFound:
            continue


def _about(house: House, who: str, dashboard: Dashboard) -> str:
    if not dashboard.about:
        return ""
    viewer = house.viewer_named(f"{who}@salient.example")
    member = house.asker.members(dashboard.about, viewer.context, limit=1)[0]
    return f"?{dashboard.about}={member.key}&period=all"


@pytest.mark.parametrize("who", PEOPLE)
def test_the_deck_has_the_figures_of_the_screen_and_of_the_json(decks: Decks, who: str) -> None:
    charts = tables = 0
    for handed, content in decks(who):
        told = {each["id"]: each for each in json.loads(typed.document(handed).content)["panels"]}
        for answered, slide in matched(handed, slides_in(content)):
            wanted = answered.finding if answered.state == "ready" and answered.finding else answered.title
            assert slide.shapes.title.text_frame.text == plain(wanted)
            notes = slide.notes_slide.notes_text_frame.text
            assert all(f"{name}: {said}" in notes for name, said in handed.about)
            if answered.state != "ready":
                assert plain(answered.sentence) in texts_of(slide)
                continue
            chart, rows = drawn(answered), told[answered.panel.id]["rows"]
            for read in map(Chart, charts_of(slide)):
                assert chart is not None
                for series, (_, values, _) in zip(chart.series, read.series, strict=False):
                    if not (series.column and chart.rows):
                        continue
                    charts += 1
                    for row, value in zip(chart.rows, values, strict=True):
                        figure = (told[answered.panel.id]["others"] if row == OTHERS else rows[row])[series.column]
                        assert (value is None) == (figure is None)
                        if value is not None:
                            assert abs(Decimal(repr(value)) - Decimal(str(figure))) <= Decimal("5e-7")
            for heads, *body in tables_of(slide):
                tables += 1
                assert len(heads) > 1
                assert body
    assert charts > 10
    assert tables > 5


@pytest.mark.parametrize("who", PEOPLE)
def test_key_figures_are_the_cards_of_the_screen(decks: Decks, who: str) -> None:
    for handed, content in decks(who):
        said = "\n".join(texts_of(slide) for slide in slides_in(content))
        for answered in handed.panels:
            if isinstance(answered.mark, Card):
                face = card_face(answered)
                assert face.title in said
                assert face.value_text in said if answered.state == "ready" else plain(answered.sentence) in said


def test_mia_reads_nothing_of_cost_in_any_deck(decks: Decks) -> None:
    shown = {part for _, content in decks("mia") for _, part in parts_of(content)}
    for word in (b"Gross margin", b"Margin rate", b"margin_rate"):
        assert not any(word in part for part in shown)
    assert any(b"Gross margin" in part for _, content in decks("erin") for _, part in parts_of(content))


def test_sam_reads_the_customers_he_sells_to_and_no_others(house: House, decks: Decks) -> None:
    sam, erin = (house.viewer_named(f"{who}@salient.example") for who in ("sam", "erin"))
    own = {each.name for each in house.asker.members("customer", sam.context, limit=10_000)}
    others = {each.name for each in house.asker.members("customer", erin.context, limit=10_000)} - own
    assert own
    assert len(others) > len(own)
    said = b"\n".join(part for _, content in decks("sam") for _, part in parts_of(content))
    assert any(name.encode() in said for name in own)
    assert [name for name in others if f">{name}<".encode() in said] == []
