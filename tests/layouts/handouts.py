"""Handouts of the small company, of any dashboard and for whoever asks: what the tests of files hand to renderers."""

from __future__ import annotations

from typing import Any

from app.values.template import PLAIN, Template
from app.values.view import View
from layouts.dashboard import Asker, answer
from layouts.dashboards import dashboards
from layouts.handout import Handout
from layouts.imprint import DataVersion, imprint
from layouts.lede import lede
from queries.catalogue import catalogue
from tests.layouts.company import Company, view, viewer

ORIGIN = "https://sales.example"


def additive() -> frozenset[str]:
    """Metrics whose parts add up."""
    return frozenset(name for name, metric in catalogue().metrics.items() if metric.additivity == "additive")


def handed(
    at: str | View = "/d/overview", company: Asker | None = None, template: Template = PLAIN, **who: Any
) -> Handout:
    """All panels of a view's dashboard for Erin, or for whom `who` tells of (scope, masks, locale)."""
    asked = view(at) if isinstance(at, str) else at
    dashboard = next(each for each in dashboards() if each.id == asked.dashboard)
    reader = viewer(**who)
    panels = answer(dashboard, asked, reader, company or Company())
    data = next(
        (
            DataVersion(each.frame.provenance.generation, each.frame.provenance.as_of)
            for each in panels
            if each.frame is not None
        ),
        DataVersion(0, None),
    )
    head = "".join(phrase.text for phrase in lede(panels))
    return Handout(
        title=dashboard.title,
        name=f"{dashboard.id}-2026-10-01-2026-11-21",
        panels=panels,
        context=reader.context,
        subtitle="This quarter to 21 Nov 2026",
        made_for=reader.name,
        about=imprint(asked, reader, reader.context, {}, data),
        sentences=(head,) if head else (),
        link=f"{ORIGIN}{asked}",
        additive=additive(),
        template=template,
    )
