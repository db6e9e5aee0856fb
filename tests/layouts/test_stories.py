"""The planted stories of the demo company are told by findings, and are not told where they were left out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from layouts.dashboard import answer_panel
from layouts.dashboards import dashboards
from queries.asking import Asker
from queries.catalogue import catalogue
from queries.catalogue.rollups import ROLLUPS
from queries.warehouse.demo import build_demo
from queries.warehouse.demo.stories import stories
from queries.warehouse.engines import open_engine
from tests.layouts.company import TODAY, context, view, viewer

TOLD = {
    "slipping-region": ("/d/regions", "growth", "Iberia East has lost ground every month"),
    "price-rise": ("/d/products?period=2026&category=storage", "margin-waterfall", "+4.8 pt on last year"),
    "rep-left": ("/d/team?period=2026", "ranking", "Amy Pemberton sells most"),
    "churning-account": ("/d/customers", "declining", "Elmholm Motors Corp. fell silent"),
    "campaign-worked": ("/d/campaigns", "lift", "Northern Safety Days worked"),
    "campaign-failed": ("/d/campaigns", "lift", "Grand Clearance did not"),
    "bad-quarter": ("/d/overview?period=2025-Q2", "cumulative", "20.4% behind plan"),
    "product-launch": ("/d/products", "pareto", "Lift Table Quill 682 alone makes"),
}
"""Story → the page and the panel whose finding tells it, and the words it tells it in."""


def asking(home_of: pytest.TempPathFactory, without: frozenset[str]) -> Iterator[Asker]:
    """Salient over a demo company that is large enough for its stories to show."""
    home = home_of.mktemp("stories")
    engine = open_engine("", home, ROLLUPS, context().calendar, "EUR", (), threads=1)
    build_demo(engine, lines=100_000, seed=1, today=TODAY, scratch=home / "scratch", progress=None, without=without)
    yield Asker(engine, catalogue())
    engine.close()


@pytest.fixture(scope="module")
def eventful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """A company in which all of it happened."""
    yield from asking(tmp_path_factory, frozenset())


@pytest.fixture(scope="module")
def uneventful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """The same company in years in which nothing of it happened."""
    yield from asking(tmp_path_factory, frozenset(TOLD))


def finding(story: str, asker: Asker) -> str:
    """What the panel that tells a story says to whoever may see everything."""
    address, panel_id, _ = TOLD[story]
    at = view(address)
    dashboard = next(each for each in dashboards() if each.id == at.dashboard)
    panel = dashboard.panel(panel_id)
    assert panel is not None
    return answer_panel(dashboard, panel, at, viewer(None), asker).finding


def test_every_story_has_a_panel_that_tells_it() -> None:
    assert {story.id for story in stories(TODAY)} == set(TOLD)


@pytest.mark.parametrize("story", TOLD)
def test_whoever_opens_the_page_reads_the_story_in_its_finding(story: str, eventful: Asker) -> None:
    assert TOLD[story][2] in finding(story, eventful)


@pytest.mark.parametrize("story", TOLD)
def test_what_did_not_happen_is_not_told(story: str, uneventful: Asker) -> None:
    said = finding(story, uneventful)
    assert said
    assert TOLD[story][2] not in said
