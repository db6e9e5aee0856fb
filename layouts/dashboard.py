"""Dashboard: panels in rows, and how they are answered for a viewer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Protocol

from app.values.context import QueryContext
from app.values.errors import Refusal
from app.values.hierarchy import PATHS, TIME_LEVELS
from app.values.selection import Filter, Narrowing
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import say, words
from layouts import format as fmt
from layouts.answered import AnsweredPanel, State, best_reference, unit_line
from layouts.columns import in_language, level_name
from layouts.derive import derived
from layouts.marks import Cumulative, Gesture, Rows, VarianceBars
from layouts.narrative import finding
from layouts.nothing import empty_sentence, nobody_called
from layouts.panel import Panel
from layouts.ready import Preset, ReadyMade
from layouts.recalled import Found, Memory, among, found_for, recall, remember, unmet
from layouts.settle import (
    last_quarter,
    level_of,
    readable_grain,
    settle,
    span_of,
    versus_of,
    view_of_period,
)
from layouts.unplanned import instead, is_unplanned
from queries.answer import CUT_MONTHS
from queries.frame import Frame, Member
from queries.query import Query

NO_SCOPE = say("No sales have been assigned to you yet. An administrator can give you a role.")
NO_PERMISSION = say("Your role does not open this dashboard.")
NOBODY_CHOSEN = say("This is told of one member: choose one first.")
MASKED = say("Your role does not see cost and margin.")
BROKEN = say("This panel could not be drawn. Try again; if it stays, tell an administrator.")

LISTED = frozenset({"document", "line"})
"""Levels whose members are rows of a table and never marks of a picture."""

__all__ = ["AnsweredPanel", "Asker", "Dashboard", "answer", "answer_panel", "panel_query", "queries_of", "rows_for"]

log = logging.getLogger(__name__)


class Asker(Memory, Protocol):
    """Whoever can answer queries; the house hands one in."""

    def ask(self, query: Query, context: QueryContext) -> Frame: ...

    def ask_all(self, queries: Sequence[Query], context: QueryContext) -> list[Frame]: ...

    def members(
        self, level: str, context: QueryContext, *, where: Iterable[Narrowing] = (), limit: int = 50
    ) -> list[Member]: ...


@dataclass(frozen=True)
class Dashboard:
    """A screen with a purpose. `audience` says in words for whom; `permission` is what a viewer needs to open it.

    `about` names a level of which one member has to be chosen before there is anything to show; `own` a level whose
    member the viewer is, where none is chosen. `whole`: it is about all rows, for those who see all of them. `views`
    are ready-made ones, for those who come with a question of their own; `presets` are files of its lines.
    """

    id: str
    title: str
    rows: tuple[tuple[Panel, ...], ...]
    audience: str = ""
    permission: str = "dashboards"
    about: str = ""
    own: str = ""
    whole: bool = False
    views: tuple[ReadyMade, ...] = ()
    presets: tuple[Preset, ...] = ()

    def is_open_to(self, viewer: Viewer) -> bool:
        """Whether a viewer may open it."""
        seen = viewer.context.scope.is_everything or not self.whole
        return seen and viewer.may(self.permission)

    def panels(self) -> tuple[Panel, ...]:
        """Every panel, in reading order."""
        return tuple(panel for row in self.rows for panel in row)

    def panel(self, panel_id: str) -> Panel | None:
        """The panel of that id, if there is one."""
        return next((panel for panel in self.panels() if panel.id == panel_id), None)


def context_of(view: View, viewer: Viewer) -> QueryContext:
    """The viewer's context, in the currency the selection asks for."""
    currency = view.selection.currency
    return replace(viewer.context, currency=currency) if currency else viewer.context


def queries_of(panel: Panel, view: View, context: QueryContext) -> dict[str, Query]:
    """Every query of a panel for a view, by name; its own under "main"."""
    questions = {"main": panel.query, **panel.beside}
    settled = {
        name: settle(question, panel, view.selection, context)
        for name, question in questions.items()
        if not question.among and not question.needs & context.masks
    }
    return {name: query for name, query in settled.items() if query is not None}


def panel_query(panel: Panel, view: View, viewer: Viewer) -> Query:
    """The query whose answer the panel shows."""
    return queries_of(panel, view, context_of(view, viewer))["main"]


def rows_for(dashboard: Dashboard, viewer: Viewer) -> tuple[tuple[Panel, ...], ...]:
    """The rows without what the viewer's masks hide: nothing is left where it would have stood."""
    masks = viewer.context.masks
    rows = (tuple(panel for panel in row if not panel.needs & masks) for row in dashboard.rows)
    return tuple(row for row in rows if row)


def answer_panel(dashboard: Dashboard, panel: Panel, view: View, viewer: Viewer, asker: Asker) -> AnsweredPanel:
    """One panel alone, answered for a viewer."""
    return _answer(dashboard, (panel,), view, viewer, asker)[0]


def answer(dashboard: Dashboard, view: View, viewer: Viewer, asker: Asker) -> tuple[AnsweredPanel, ...]:
    """All panels the viewer may see, in reading order, their queries put together."""
    panels = tuple(panel for row in rows_for(dashboard, viewer) for panel in row)
    return _answer(dashboard, panels, view, viewer, asker)


def _answer(
    dashboard: Dashboard, panels: tuple[Panel, ...], view: View, viewer: Viewer, asker: Asker
) -> tuple[AnsweredPanel, ...]:
    context = context_of(view, viewer)
    refusals = [_refusal(dashboard, panel, view, viewer) for panel in panels]
    queries: list[dict[str, Query]] = []
    for panel, refusal in zip(panels, refusals, strict=True):
        try:
            queries.append({} if refusal else queries_of(panel, view, context))
        except Refusal as told:
            queries.append({})
            refusals[len(queries) - 1] = told.sentence
    known = [recall(panel, named, view, context, asker) for panel, named in zip(panels, queries, strict=True)]
    answers = _ask(
        (query for named, seen in zip(queries, known, strict=True) if seen is None for query in named.values()),
        context,
        asker,
    )
    if any(question.among for panel in panels for question in panel.beside.values()):
        confined = [
            among(panel, view, context, named, answers) if seen is None else unmet(panel, view, context)
            for panel, named, seen in zip(panels, queries, known, strict=True)
        ]
        answers |= _ask(
            (query for named, seen in zip(confined, known, strict=True) if seen is None for query in named.values()),
            context,
            asker,
        )
        queries = [{**named, **more} for named, more in zip(queries, confined, strict=True)]
    strange = cache(partial(_strange, view, viewer, asker))
    found = tuple(
        _refused(dashboard, panel, view, context, "refused", refusal)
        if refusal
        else _answered(dashboard, panel, view, context, named, found_for(named, answers, seen), strange, asker)
        for panel, refusal, named, seen in zip(panels, refusals, queries, known, strict=True)
    )
    return _built_up(dashboard, _planned(dashboard, found, view, viewer, asker), view, viewer, asker)


def _built_up(
    dashboard: Dashboard, found: tuple[AnsweredPanel, ...], view: View, viewer: Viewer, asker: Asker
) -> tuple[AnsweredPanel, ...]:
    """The same answers; over all time, what builds up within a cycle is that of the quarter of the newest sale."""
    if span_of(view.selection, context_of(view, viewer)) is not None:
        return found
    return tuple(_of_newest_quarter(dashboard, each, viewer, asker) for each in found)


def _of_newest_quarter(dashboard: Dashboard, found: AnsweredPanel, viewer: Viewer, asker: Asker) -> AnsweredPanel:
    newest = found.frame.provenance.as_of if found.frame is not None else None
    if not isinstance(found.mark, Cumulative) or newest is None:
        return found
    quarter = last_quarter(newest)
    (other,) = _answer(dashboard, (found.panel,), view_of_period(found.view, quarter), viewer, asker)
    locale = viewer.context.locale
    note = words(locale)(
        "All time has no end to build up to: this is the newest quarter, {quarter}.",
        quarter=fmt.time_name(quarter, locale),
    )
    return replace(other, notes=(note, *other.notes), page=found.view)


def _planned(
    dashboard: Dashboard, found: tuple[AnsweredPanel, ...], view: View, viewer: Viewer, asker: Asker
) -> tuple[AnsweredPanel, ...]:
    """The same answers, with the actuals and the reason in place of each plan that is not set at the asked level."""
    unplanned = [each for each in found if is_unplanned(each)]
    if not unplanned:
        return found
    others = _answer(dashboard, tuple(instead(each.panel) for each in unplanned), view, viewer, asker)
    shown = {
        each.panel.id: replace(other, notes=tuple(dict.fromkeys((*each.notes, *other.notes))))
        for each, other in zip(unplanned, others, strict=True)
    }
    return tuple(shown.get(each.panel.id, each) for each in found)


def _refusal(dashboard: Dashboard, panel: Panel, view: View, viewer: Viewer) -> str:
    if viewer.context.scope.is_nothing:
        return NO_SCOPE
    if not dashboard.is_open_to(viewer):
        return NO_PERMISSION
    if dashboard.about and view.selection.only_member(dashboard.about) is None:
        return NOBODY_CHOSEN
    return MASKED if panel.needs & viewer.context.masks else ""


def _ask(queries: Iterable[Query], context: QueryContext, asker: Asker) -> dict[Query, Frame | Exception]:
    """Every distinct query with its frame in the reader's language, or with what stood in its way.

    One refusal spoils no other panel.
    """
    distinct = list(dict.fromkeys(queries))
    if not distinct:
        return {}
    try:
        found: dict[Query, Frame | Exception] = dict(zip(distinct, asker.ask_all(distinct, context), strict=True))
    except Exception:
        found = {query: _ask_one(query, context, asker) for query in distinct}
    return {
        query: in_language(each, context.locale) if isinstance(each, Frame) else each for query, each in found.items()
    }


def _ask_one(query: Query, context: QueryContext, asker: Asker) -> Frame | Exception:
    try:
        return asker.ask(query, context)
    except Refusal as refusal:
        return refusal
    except Exception as failure:
        log.exception("a panel's query failed")
        return failure


def _refused(
    dashboard: Dashboard, panel: Panel, view: View, context: QueryContext, state: State, sentence: str
) -> AnsweredPanel:
    title = title_of(panel, view, context, {})
    told = words(context.locale)(sentence)
    return AnsweredPanel(dashboard.id, panel, view, context, state, told, title, mark=panel.mark)


def _answered(
    dashboard: Dashboard,
    panel: Panel,
    view: View,
    context: QueryContext,
    queries: Mapping[str, Query],
    found: Found,
    strange: Callable[[], str],
    asker: Asker,
) -> AnsweredPanel:
    main = found.answers["main"]
    if isinstance(main, Refusal):
        return _refused(dashboard, panel, view, context, "refused", main.sentence)
    if isinstance(main, Exception):
        return _refused(dashboard, panel, view, context, "error", BROKEN)
    t, frames = words(context.locale), found.frames()
    # Most answers hold figures: only for those without is it worth asking whether they are about anybody.
    nobody = strange() if not found.derived and _is_nothing(main) else ""
    empty = bool(nobody) or (not found.derived and _is_empty(main))
    if panel.derive and not empty and not found.derived:
        try:
            computed = derived(panel.derive, frames, view.selection, context)
        except Refusal as told:
            # Nothing is kept from anybody: there is too little to compute from, and another period may have more.
            return _refused(dashboard, panel, view, context, "empty", told.sentence)
        frames["main"] = in_language(computed, context.locale)
        if len(frames) == len(found.answers):
            remember(panel, queries, view, context, frames, asker)
    main = frames["main"]
    level, gesture = _clicks(panel, view, context)
    listed = level in LISTED and not isinstance(panel.mark, Rows)
    answered = AnsweredPanel(
        dashboard=dashboard.id,
        panel=panel,
        view=view,
        context=context,
        state="empty" if empty else "ready",
        sentence=nobody or (empty_sentence(main, view, context) if empty else ""),
        title=fmt.heading(t(level_name(level or "", plural=True)))
        if listed
        else title_of(panel, view, context, frames),
        mark=Rows() if listed else panel.mark,
        frames=frames,
        queries=queries,
        notes=(*_shortened(panel, level, view, context), *_notes(panel, frames, found.answers, context)),
        drill_level=level,
        gesture=gesture,
    )
    return replace(answered, unit_line=unit_line(answered), finding=finding(answered))


def _is_empty(frame: Frame) -> bool:
    figures = [at for at, column in enumerate(frame.columns) if column.role == "metric"]
    return not any(row[at] is not None for row in frame.rows for at in figures or range(len(row)))


def _is_nothing(frame: Frame) -> bool:
    """Whether no figure is there or other than zero; where there are no figures at all, nothing else either."""
    figures = [at for at, column in enumerate(frame.columns) if column.role == "metric"]
    return not any(row[at] for row in frame.rows for at in figures or range(len(row)))


def _strange(view: View, viewer: Viewer, asker: Asker) -> str:
    """What to say when a filter or a step names only members without any row that the viewer may see; else empty.

    A member that does not exist and one of somebody else's are the same to the viewer.
    """
    context = context_of(view, viewer)
    within = () if viewer.only is None else viewer.only.stays(view.selection)
    for each in view.selection.where:
        if not isinstance(each, Filter) or each.exclude or each.level in TIME_LEVELS:
            continue
        if not asker.members(each.level, context, where=(each, *within), limit=1):
            known = (*(repr(member[:60]) for member in each.members), *(f"@{name}" for name in each.sets))
            return nobody_called(known[:3], level_name(each.level), words(context.locale))
    return ""


def _notes(
    panel: Panel, frames: Mapping[str, Frame], found: Mapping[str, Frame | Exception], context: QueryContext
) -> tuple[str, ...]:
    """What the reader should know: the panel's own note, what the answer says, what could not be asked beside it.

    How plans are cut is the same for all panels: it is said where figures are explained.
    """
    t = words(context.locale)
    told = [note for name in found if name in frames for note in frames[name].notes if note != t(CUT_MONTHS)]
    refused = [t(each.sentence) for each in found.values() if isinstance(each, Refusal)]
    own = [t(panel.note)] if panel.note else []
    return tuple(dict.fromkeys((*own, *told, *refused)))


def _shortened(panel: Panel, level: str | None, view: View, context: QueryContext) -> tuple[str, ...]:
    """That a series has coarser steps than were asked for."""
    asked = view.selection.grain
    if "time" not in panel.query.by or asked is None or level != readable_grain(view.selection, context):
        return ()
    if level == asked:
        return ()
    told = {"level": level_name(level), "asked": level_name(asked)}
    return (words(context.locale)("By {level}: by {asked} it would be too long to read.", **told),)


def _clicks(panel: Panel, view: View, context: QueryContext) -> tuple[str | None, Gesture]:
    """The level whose members the marks carry, and what a click on one does."""
    if not panel.query.by:
        return None, "none"
    level = level_of(panel.query.by[0], panel.query, view.selection, context)
    if level == "line":
        return level, "none"
    if level == "state":
        return level, "filter"
    return level, "drill" if any(level in path for path in PATHS.values()) else "filter"


def title_of(panel: Panel, view: View, context: QueryContext, frames: Mapping[str, Frame]) -> str:
    """The panel's title with its level and its reference filled in."""
    t, by = words(context.locale), panel.query.by[0] if panel.query.by else ""
    level = level_name(level_of(by, panel.query, view.selection, context)) if by else level_name("")
    versus = versus_of(panel.query, view.selection)
    drawn = best_reference(frames["main"], panel.query.metrics[0]) if "main" in frames else None
    if drawn is None and "main" in frames and isinstance(panel.mark, VarianceBars):
        # Without figures to differ from, the picture is a ranking.
        return t("{metric} by {level}", metric=frames["main"].column(panel.query.metrics[0]).title, level=level)
    reference = drawn or ("budget" if "budget" in versus else next(iter(versus), "budget"))
    return t(panel.title, level=level, reference=fmt.reference_name(reference, context.locale))
