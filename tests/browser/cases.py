"""Which pages are looked at: a cover of all pairs in each run, everything in a soak."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from layouts.dashboards import DASHBOARDS
from tests.conftest import SOAK
from tests.pairwise import Case, everything, pairwise

CAST = ("erin", "remy", "tess", "sam", "mia")
"""An executive, a lead of regions, a lead of a team, a rep, and marketing: each sees other rows and figures."""
WIDTHS = {"small": 320, "phone": 390, "tablet": 768, "desk": 1440, "wall": 1920}

DIMENSIONS = {
    "dashboard": [dashboard.id for dashboard in DASHBOARDS],
    "who": CAST,
    "theme": ("light", "dark"),
    "locale": ("en", "de", "fr", "en-XA"),
    "width": tuple(WIDTHS),
}


def pages() -> list[Case]:
    """The cases of this run."""
    return everything(DIMENSIONS) if SOAK else pairwise(DIMENSIONS)


def rounds(cases: list[Case]) -> Iterator[tuple[tuple[str, str], list[Case]]]:
    """The cases by person and language, for which alone a page is loaded; the window changes as seldom as can be."""

    def turn(case: Case) -> tuple[str, str]:
        return case["who"], case["locale"]

    for key, own in groupby(sorted(cases, key=lambda case: (*turn(case), case["theme"], case["width"])), turn):
        yield key, list(own)
