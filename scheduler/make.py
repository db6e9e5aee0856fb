"""Make: the documents of one audience, from its rights as they are now; runs wherever a worker runs."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from app.assembly import House
from app.reporting import paper_of, what_is_in
from app.services.contents import Content
from app.services.recipients import kept_from, reader
from app.values.condition import EMPTY, NOT_MET, UNCHANGED, Condition
from app.values.context import QueryContext
from app.values.document import Document
from app.values.errors import Refusal
from app.values.hierarchy import ACCOUNT_OWNER
from app.values.report import Report
from app.values.selection import Filter
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import say, words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.columns import level_name
from layouts.dashboard import context_of
from layouts.handout import Handout
from layouts.render import formats
from layouts.render.mail import mail
from layouts.settle import period_of, where_of
from queries.query import Query
from scheduler.audience import key_of, opened_by, seen_by, terms_on
from scheduler.job import Job, Made

log = logging.getLogger(__name__)

MOVED = say("The recipient's rights changed while it was made.")
SHOWN = 6
"""Members of a scope that are listed by name."""


def made(house: House, job: Job) -> Made:
    """What a job asks for. Refusals are told; anything else that goes wrong is told as broken, and logged."""
    try:
        return _made(house, job)
    except Refusal as refusal:
        return Made("refused", str(refusal.sentence))
    except Exception as error:
        log.exception("the documents of run %s could not be made", job.id)
        return Made("broken", f"It could not be drawn ({type(error).__name__}).")


def _made(house: House, job: Job) -> Made:
    contents = tuple(
        Content(View.parse(text), title, Report.of(report) if report else None) for text, title, report in job.views
    )
    with house.database.read() as session:
        one = reader(session, job.reader, house.trees(), terms_on(house, job.today), job.now)
    viewer = one.viewer
    if viewer is None or kept_from(viewer, contents, house.dashboards):
        return Made("moved", str(MOVED))
    views = seen_by(house, viewer, contents)
    if key_of(viewer, views, opened_by(viewer, views, house.dashboards)) != job.audience:
        return Made("moved", str(MOVED))
    scope = scope_name(house, viewer.context)
    papers = [paper_of(house, viewer, each, scope) for each in contents]
    fingerprint = fingerprint_of(papers)
    unwanted = _unwanted(house, viewer, papers, Condition.of(job.condition), fingerprint == job.last)
    generation = next((_generation(each) for each in papers), None)
    told = Made(
        "unwanted" if unwanted else "made", str(unwanted), scope=scope, fingerprint=fingerprint, generation=generation
    )
    if unwanted:
        return told
    inside = what_is_in(papers[0])
    told = replace(told, rows=inside.rows, days=inside.days)
    return replace(told, documents=_documents(papers, job.formats, job.title), body=mail(papers, job.subject))


def scope_name(house: House, context: QueryContext) -> str:
    """The rows of an audience in words: what a paper that several people get says it is made for."""
    t, clauses = words(context.locale), context.scope.clauses
    if context.scope.is_everything:
        return t("All sales")
    told = []
    for clause in sorted(clauses, key=lambda each: sorted((level, sorted(members)) for level, members in each)):
        for level, members in sorted(clause):
            keys = tuple(sorted(members))[:SHOWN]
            names = _names(house, "rep" if level == ACCOUNT_OWNER else level, keys, context)
            shown = ", ".join(names.get(key) or key for key in keys) + (" …" if len(members) > SHOWN else "")
            told.append(f"{fmt.heading(t(level_name(level)))}: {shown}")
    return "; ".join(told)


def _names(house: House, level: str, keys: tuple[str, ...], context: QueryContext) -> dict[str, str]:
    try:
        found = house.asker.members(level, context, where=(Filter(level, keys),), limit=len(keys))
    except Refusal:
        return {}
    return {each.key: each.name for each in found}


def fingerprint_of(papers: Sequence[Handout]) -> str:
    """Equal for papers that show the same figures, whichever day they were made on."""
    shown = hashlib.sha256()
    for paper in papers:
        for panel in paper.panels:
            table = panel.table
            shown.update(repr((panel.panel.id, panel.state, table)).encode())
    return shown.hexdigest()


def _generation(paper: Handout) -> int | None:
    return next((each.frame.provenance.generation for each in paper.panels if each.frame is not None), None)


def _unwanted(house: House, viewer: Viewer, papers: Sequence[Handout], condition: Condition, is_same: bool) -> str:
    """Why it is not sent, though it is due; empty when it is."""
    match condition.kind:
        case "not-empty" if not any(_has_figures(panel) for paper in papers for panel in paper.panels):
            return EMPTY
        case "changed" if is_same:
            return UNCHANGED
        case "metric" if not condition.holds(_figure(house, viewer, papers[0], condition.metric)):
            return NOT_MET
    return ""


def _has_figures(panel: AnsweredPanel) -> bool:
    """Whether something was sold: plans and former years alone are nothing."""
    if panel.state != "ready" or panel.frame is None:
        return False
    metrics = [at for at, column in enumerate(panel.frame.columns) if column.role == "metric"]
    return any(row[at] for row in panel.frame.rows for at in metrics or range(len(row)))


def _figure(house: House, viewer: Viewer, paper: Handout, metric: str) -> Decimal | int | None:
    view = paper.panels[0].page or paper.panels[0].view
    chosen = view.selection
    query = Query((metric,), where=tuple(where_of(chosen)), period=period_of(chosen), basis=chosen.basis)
    frame = house.asker.ask(query, context_of(view, viewer))
    value = frame.values(metric)[0] if frame.rows else None
    return value if isinstance(value, Decimal | int) else None


def _documents(papers: Sequence[Handout], wanted: Sequence[str], title: str) -> tuple[Document, ...]:
    """Each paper in each format under a name of its own; with a `title` all are one where a format has sections."""
    known = [formats.known(each) for each in wanted]
    as_one = {each.id: each.bind for each in known if title and len(papers) > 1 and each.bind is not None}
    found: dict[str, Document] = {}
    for each in known:
        bind = as_one.get(each.id)
        if bind is not None:
            _under_a_name(found, bind(title, papers))
    for paper in papers:
        for each in known:
            if each.id not in as_one:
                _under_a_name(found, each.write(paper))
    return tuple(found.values())


def _under_a_name(found: dict[str, Document], document: Document) -> None:
    stem, dot, ending = document.name.rpartition(".")
    number = 1
    while document.name in found:
        number += 1
        document = replace(document, name=f"{stem}-{number}{dot}{ending}")
    found[document.name] = document
