"""Drill paths: where a click on a bar leads."""

from __future__ import annotations

import pytest

from app.values.hierarchy import HIERARCHIES, LEVELS, PATHS, SINGLES, ancestors, hierarchy_of, settle_level


def test_a_hierarchy_settles_below_the_deepest_level_drilled() -> None:
    assert settle_level("place", ()) == "market"
    assert settle_level("place", ("market", "country")) == "region"
    assert settle_level("place", ("country",)) == "region"
    assert settle_level("place", ("market", "country", "region", "rep", "customer")) == "document"


def test_the_bottom_of_a_path_stays_the_bottom() -> None:
    assert settle_level("goods", ("category", "document", "line")) == "line"


def test_drilling_along_one_hierarchy_leaves_the_others_alone() -> None:
    assert settle_level("goods", ("market", "country")) == "category"


@pytest.mark.parametrize("level", sorted(LEVELS))
def test_a_plain_level_stays_itself_unless_it_names_a_path(level: str) -> None:
    assert settle_level(level, ("market", "category")) == level


def test_every_step_of_every_path_is_a_level() -> None:
    for path in PATHS.values():
        assert set(path) <= LEVELS
        assert len(set(path)) == len(path)


def test_ancestors_come_top_first() -> None:
    assert ancestors("region") == ("market", "country")
    assert ancestors("market") == ()
    assert ancestors("channel") == ()
    assert [hierarchy_of(level) for level in SINGLES] == [None] * len(SINGLES)
    assert all(hierarchy_of(level) == name for name, levels in HIERARCHIES.items() for level in levels)
