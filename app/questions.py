"""Questions: what programs and assistants ask, read from plain texts, and answered at every door alike.

The texts are those of `salient ask`, and so are the figures: whatever is asked here is asked of the one Asker, in the
viewer's own context.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from app.values.context import QueryContext
from app.values.errors import NotFound, TooBig
from app.values.period import Period
from app.values.selection import DEFAULT_PERIOD, DEFAULT_VERSUS, Filter, Selection
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import Text, say
from layouts.columns import in_language
from layouts.dashboard import Dashboard, rows_for
from queries.explain import Explanation
from queries.frame import Frame
from queries.members import Search
from queries.query import Direction, Query

if TYPE_CHECKING:
    from app.assembly import House

PERMISSION = "dashboards"
LISTED = frozenset({"document", "line"})
"""Levels whose members are the rows behind a figure."""

MOST_MEMBERS = 50
"""Members that one filter may name."""

MOST_WORDS = 20
"""Metrics, dimensions, filters or comparisons in one question."""

MOST_ROWS = 10_000
"""Rows of one answer; more are refused, never cut."""


@dataclass(frozen=True)
class Where:
    """Only these members of a dimension, or all but these; each is a key or, whatever the case, an exact name."""

    dimension: str
    members: tuple[str, ...]
    exclude: bool = False


@dataclass(frozen=True)
class Question:
    """A question as it is written down. With `limit` so many rows are kept, by `order` or the largest of the first
    metric; the rest is one row."""

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: tuple[Where, ...] = ()
    period: str = "all"
    versus: tuple[str, ...] = ()
    basis: str = "booked"
    limit: int | None = None
    currency: str | None = None
    order: tuple[tuple[str, Direction], ...] = ()


@dataclass(frozen=True)
class Look:
    """A dashboard or one panel of it, and what it is looked at through; `versus` None is the usual comparisons."""

    dashboard: str
    panel: str | None = None
    where: tuple[Where, ...] = ()
    period: str = ""
    versus: tuple[str, ...] | None = None
    basis: str = "booked"
    currency: str | None = None


def asked(house: House, viewer: Viewer, question: Question) -> Query:
    """The query of a question. Raises a Refusal with a sentence that names the nearest thing there is."""
    for words in (question.metrics, question.by, question.where, question.versus):
        if len(words) > MOST_WORDS:
            raise TooBig("A question names at most {most} of a kind.", most=MOST_WORDS)
    context = context_for(viewer, question)
    return Query(
        metrics=tuple(house.catalogue.metric(name).id for name in question.metrics),
        by=tuple(house.catalogue.level(name).id for name in question.by),
        where=filters_of(house, context, question.where),
        period=Period.parse(question.period),
        versus=question.versus,
        basis=question.basis,  # type: ignore[arg-type]
        order=question.order or (((question.metrics[0], "desc"),) if question.limit and question.metrics else ()),
        limit=question.limit,
        others=question.limit is not None,
        totals=bool(question.by),
    )


def answered(house: House, viewer: Viewer, question: Question, most: int = MOST_ROWS) -> Frame:
    """The answer in the viewer's language. Raises a Refusal; TooBig beyond `most` rows, which are never cut."""
    admit(viewer, question)
    frame = house.asker.ask(asked(house, viewer, question), context_for(viewer, question))
    if len(frame.rows) > most:
        raise TooBig(
            "This answer has {rows:,} rows, and {most:,} are the most: ask with a limit, a filter or fewer dimensions.",
            rows=len(frame.rows),
            most=most,
        )
    return in_language(frame, viewer.context.locale)


def explained(house: House, viewer: Viewer, question: Question) -> Explanation:
    """How a question is answered; without its statements for those who may not read them."""
    admit(viewer, question)
    found = house.asker.explain(asked(house, viewer, question), context_for(viewer, question))
    if viewer.may("explain:sql"):
        return found
    return replace(found, legs=tuple(replace(leg, sql="") for leg in found.legs))


def looked_at(house: House, viewer: Viewer, look: Look) -> View:
    """The view of a look. NotFound, naming the nearest, for what there is not or not for the viewer."""
    viewer.require(PERMISSION)
    found = dashboard_named(house, viewer, look.dashboard)
    if look.panel is not None:
        known = [panel.id for row in rows_for(found, viewer) for panel in row]
        if look.panel not in known:
            raise unknown(say("panel"), look.panel, known)
    selection = Selection(
        period=Period.parse(look.period) if look.period else DEFAULT_PERIOD,
        versus=DEFAULT_VERSUS if look.versus is None else look.versus,
        filters=filters_of(house, viewer.context, look.where),
        basis=look.basis,  # type: ignore[arg-type]
        currency=look.currency,
    )
    return View(found.id, look.panel, selection)


def dashboard_named(house: House, viewer: Viewer, name: str) -> Dashboard:
    """The dashboard of that id. NotFound, naming the nearest, for none that is open to the viewer."""
    known = {each.id: each for each in dashboards_of(house, viewer)}
    if name not in known:
        raise unknown(say("dashboard"), name, tuple(known))
    return known[name]


def dashboards_of(house: House, viewer: Viewer) -> tuple[Dashboard, ...]:
    """The dashboards that the viewer may open."""
    viewer.require(PERMISSION)
    if viewer.context.scope.is_nothing:
        return ()
    return tuple(each for each in house.dashboards if each.is_open_to(viewer))


def context_for(viewer: Viewer, question: Question) -> QueryContext:
    """The viewer's context, in the currency the question asks for."""
    if question.currency is None:
        return viewer.context
    return replace(viewer.context, currency=str(Selection(currency=question.currency).currency))


def admit(viewer: Viewer, question: Question) -> None:
    """Raise Forbidden for a question that is not the viewer's to ask; masks and scope are the answer's own."""
    viewer.require(PERMISSION)
    if LISTED.intersection((*question.by, *(each.dimension for each in question.where))):
        viewer.require("rows")


def filters_of(house: House, context: QueryContext, wanted: Iterable[Where]) -> tuple[Filter, ...]:
    """Filters by keys. NotFound, naming the nearest, for a member there is not or not for the viewer."""
    return tuple(_filter(house, context, each) for each in wanted)


def _filter(house: House, context: QueryContext, wanted: Where) -> Filter:
    if len(wanted.members) > MOST_MEMBERS:
        raise TooBig("A filter names at most {most} members.", most=MOST_MEMBERS)
    level = house.catalogue.level(wanted.dimension).id
    keys = tuple(_member(house, context, level, text) for text in wanted.members)
    return Filter(level, keys, exclude=wanted.exclude)


def _member(house: House, context: QueryContext, level: str, text: str) -> str:
    try:
        return house.asker.member_named(level, text, context).key
    except NotFound as refusal:
        near = nearest_member(house, context, level, text)
        if not near:
            raise
        raise NotFound("{refusal} The nearest is {near!r}.", refusal=refusal.sentence, near=near) from None


def nearest_member(house: House, context: QueryContext, level: str, text: str) -> str:
    """The name most like a text among the members that the viewer may see; empty when there is none at all."""
    found = house.asker.options(Search(level, limit=1_000), context).members
    names = {member.name.casefold(): member.name for member in found}
    near = get_close_matches(text.strip().casefold(), names, 1, cutoff=0.4)
    return names[near[0]] if near else ""


def unknown(kind: Text, wanted: str, known: Sequence[str]) -> NotFound:
    """The refusal of an id that there is not, with the nearest there is."""
    near = get_close_matches(wanted.lower(), known, 1, cutoff=0.0)
    if not near:
        return NotFound("There is no {kind} {wanted!r}.", kind=kind, wanted=wanted[:40])
    return NotFound(
        "There is no {kind} {wanted!r}; the nearest is {near!r}.", kind=kind, wanted=wanted[:40], near=near[0]
    )
