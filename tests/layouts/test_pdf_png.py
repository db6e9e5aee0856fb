"""Handouts as PNG: one picture at twice the screen's size, in the colours of its theme."""

from __future__ import annotations

import io
from collections import Counter
from typing import cast

import numpy as np
import pytest
from PIL import Image

from layouts.dashboard import Dashboard
from layouts.dashboards import dashboards
from layouts.render.png import CARD, FORMAT, NARROW, WIDE, document
from layouts.theme import Theme, tokens
from tests.layouts.company import answered, of_somebody, paper
from tests.layouts.handouts import handed
from tests.layouts.papers import handed_over, listed

EDGES = 40
"""Pixels around the panels, left and right together."""


def seen(content: bytes) -> Image.Image:
    """The picture."""
    return Image.open(io.BytesIO(content)).convert("RGB")


def counted(picture: Image.Image) -> Counter[str]:
    """How many dots have which colour."""
    found = cast("list[tuple[int, tuple[int, int, int]]]", picture.getcolors(1 << 24) or [])
    return Counter({f"#{bytes(each).hex()}": count for count, each in found})


@pytest.mark.parametrize("dashboard", dashboards(), ids=lambda each: each.id)
def test_every_dashboard_is_one_picture(dashboard: Dashboard) -> None:
    picture = seen(document(handed(of_somebody(dashboard, "period=2026"))).content)
    assert abs(picture.width - 2 * (WIDE + EDGES)) <= 2
    assert picture.height > 800
    assert len(counted(picture)) > 50


@pytest.mark.parametrize(("panel", "width"), [("variance", NARROW), ("orders", CARD)])
def test_a_panel_alone_is_as_wide_as_it_needs(panel: str, width: int) -> None:
    picture = seen(document(paper(answered(panel))).content)
    assert abs(picture.width - 2 * (width + EDGES)) <= 2


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_picture_has_the_colours_of_its_theme(theme: Theme) -> None:
    picture = seen(document(paper(answered("variance")), theme=theme).content)
    colours = counted(picture)
    wanted = tokens(theme)
    assert {wanted["pos"], wanted["neg"]} <= set(colours)
    assert {each for each, _ in colours.most_common(2)} == {wanted["bg"], wanted["surface"]}


def test_a_long_table_is_cut_in_a_picture() -> None:
    short, long, longer = (
        seen(document(handed_over(listed([f"Customer {at}" for at in range(count)]))).content).height
        for count in (10, 60, 600)
    )
    assert short < long == longer


def test_equal_handouts_make_equal_pictures() -> None:
    assert document(handed()).content == document(handed()).content


def test_the_format_is_known_by_its_ending() -> None:
    made = FORMAT.write(paper(answered("variance")))
    assert (FORMAT.id, made.media_type) == ("png", "image/png")
    assert made.name.endswith(".png")
    assert made.content.startswith(b"\x89PNG")


def test_a_table_has_lines_below_its_rows_and_none_between_its_columns() -> None:
    picture = seen(document(handed_over(listed([f"Customer {at}" for at in range(30)]))).content).convert("L")
    dots = np.asarray(picture)
    drawn = dots < int(np.median(dots)) - 8
    inside = drawn[120:-120, 80:-80]
    assert inside.mean(axis=0).max() < 0.6
    assert (inside.mean(axis=1) > 0.95).sum() >= 25
