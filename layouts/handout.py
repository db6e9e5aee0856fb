"""Handout: answered panels under a title, with all that a paper has to say about itself: what every format renders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.values.context import QueryContext
from app.values.period import Span
from app.values.template import PLAIN, Template
from app.values.view import View
from layouts.answered import AnsweredPanel
from layouts.imprint import Pairs

_UNSAFE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Handout:
    """What is handed over, the same whatever the format.

    `title` is the dashboard's, panel's, saved view's or report's; `subtitle` says the period in words; `name` is the
    file's without its ending. `made_for` is the person, or of a schedule the audience's scope. `about` is the imprint,
    in the reader's language. `sentences` are the few that matter, the first being the head of the dashboard. `link` is
    the address of the live view, absolute where it is known. `additive` names the metrics whose parts add up, `parts`
    the two metrics that a ratio is made of (numerator, denominator). `for_spreadsheets`: plain text is written as the
    reader's spreadsheet reads it, not as programs do.
    """

    title: str
    name: str
    panels: tuple[AnsweredPanel, ...]
    context: QueryContext
    subtitle: str = ""
    made_for: str = ""
    about: Pairs = ()
    sentences: tuple[str, ...] = ()
    link: str = ""
    additive: frozenset[str] = frozenset()
    parts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    template: Template = PLAIN
    for_spreadsheets: bool = False

    def link_of(self, answered: AnsweredPanel) -> str:
        """The address of one panel's live view, beside that of the whole."""
        origin = self.link.partition("/d/")[0] if "/d/" in self.link else ""
        return origin + str(answered.view.of_panel(answered.panel.id))


def file_name(view: View, span: Span | None = None) -> str:
    """Dashboard, panel and days, in letters that every system takes: "overview-variance-2026-10-01-2026-11-21"."""
    parts = [view.dashboard, *([view.panel] if view.panel else [])]
    if span is not None:
        parts += [span.start.isoformat(), span.last_day.isoformat()]
    return _UNSAFE.sub("-", "-".join(parts).lower()).strip("-")


def bound_name(title: str) -> str:
    """The name of a file of several handouts, from its title."""
    return _UNSAFE.sub("-", title.lower()).strip("-")[:80] or "papers"
