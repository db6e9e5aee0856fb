"""Reporting: a report's parts answered for a reader and set as one paper; made, its files are kept as they were."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from app.handing import PERMISSION, data_of, handout
from app.services import filing, instances, reports
from app.services.contents import Content, own_of
from app.services.exports import record_export
from app.services.instances import Contents, InstanceCard
from app.values.document import Document
from app.values.errors import NotAskable, NotFound, Refusal
from app.values.report import WAITS, Part, Report
from app.values.template import Template
from app.values.view import View, parse_selection
from app.values.viewer import Viewer
from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.handout import Handout
from layouts.imprint import Pairs, imprint
from layouts.marks import Rows
from layouts.render import formats
from layouts.render.kind import Format
from layouts.selected import BASIS_NAMES, names_of
from layouts.settle import period_of, span_of
from queries.frame import Frame
from queries.frame import Row as FrameRow
from queries.warehouse.failpoints import failpoint

if TYPE_CHECKING:
    from app.assembly import House

MOST_SENTENCES = 3
"""Of the findings of its parts, as many stand at the head of a report."""

_UNSAFE = re.compile(r"[^a-z0-9]+")


def paper(
    house: House, viewer: Viewer, report: Report, *, template: Template | None = None, made_for: str = ""
) -> Handout:
    """All parts of a report that are the viewer's to see, in its order, as one thing to hand over.

    Parts that are not are left out, and it says how many. NotFound when nothing is left.
    """
    answered: list[AnsweredPanel] = []
    papers: list[Handout] = []
    for part, view in zip(report.parts, report.views(), strict=True):
        try:
            one = handout(house, viewer, view, made_for=made_for)
        except (NotFound, NotAskable):
            continue
        papers.append(one)
        answered += [_as_wanted(each, part, report) for each in one.panels]
    if not papers:
        raise NotFound("Nothing of this report is yours to see.")
    first, look = papers[0], house.template() if template is None else template
    said = [sentence for one in papers for sentence in one.sentences]
    selection = parse_selection(report.selection)
    return replace(
        first,
        title=report.name,
        name=_UNSAFE.sub("-", report.name.lower()).strip("-") or "report",
        subtitle=fmt.period_name(str(period_of(selection)), span_of(selection, first.context), first.context.locale),
        panels=tuple(answered),
        about=_about(house, viewer, report, first, len(report.parts) - len(papers)),
        sentences=tuple(dict.fromkeys(said))[:MOST_SENTENCES],
        template=replace(look, accent=report.accent or look.accent),
    )


def paper_of(house: House, viewer: Viewer, content: Content, made_for: str = "") -> Handout:
    """Whatever a schedule sends, as one thing to hand over: a view about its reader is about this one."""
    if content.report is not None:
        return paper(house, viewer, content.report, made_for=made_for)
    view = own_of(content.view, house.dashboards)
    return handout(house, viewer, view, title=content.title, template=house.template(), made_for=made_for)


def make(house: House, viewer: Viewer, report_id: str, format_ids: Sequence[str] = ()) -> InstanceCard:
    """Make a report now for the viewer, in its own formats or in others, and keep what was made.

    Raises Forbidden without the permission to export, NotFound for no such report or format, and whatever stands in
    the way of making it, which the instance tells, too.
    """
    viewer.require(PERMISSION)
    with house.database.write() as session:
        report = reports.find(session, viewer, report_id).report
        instances.admit(session, viewer)
        wanted = [formats.known(each) for each in format_ids or report.formats]
        begun = instances.begin(session, viewer, report_id)
    return _kept(house, viewer, report, wanted, begun)


def taken_away(house: House, viewer: Viewer, report_id: str, format_id: str) -> Document:
    """A report made now in one format and kept, as the file that it is. Raises as `make`."""
    made = make(house, viewer, report_id, (format_id,))
    with house.database.write() as session:
        home = house.settings.home.resolve()
        return instances.open_file(session, viewer, home, made.id, made.files[0].name)


def make_later(house: House, viewer: Viewer, report_id: str) -> str:
    """Let a report be made for the viewer in the background; returns the instance's id. Raises as `make`."""
    viewer.require(PERMISSION)
    with house.database.write() as session:
        instances.admit(session, viewer)
        return instances.put_off(session, viewer, report_id)


def make_begun(house: House, viewer: Viewer, report_id: str, begun: str) -> InstanceCard:
    """Make a report that was put off, under the rights of now. Raises as `make`; then the instance tells why."""
    try:
        viewer.require(PERMISSION)
        with house.database.read() as session:
            report = reports.find(session, viewer, report_id).report
        wanted = [formats.known(each) for each in report.formats]
    except Refusal as refusal:
        with house.database.write() as session:
            instances.fail(session, viewer, begun, words(viewer.context.locale)(refusal.sentence))
        raise
    return _kept(house, viewer, report, wanted, begun)


def _kept(house: House, viewer: Viewer, report: Report, wanted: Sequence[Format], begun: str) -> InstanceCard:
    """The files of a report that has been begun, kept as they were made."""
    home = house.settings.home.resolve()
    try:
        made = paper(house, viewer, report)
        drawn = [_named(each.write(made), each.id) for each in wanted]
        failpoint("report-rendered")
        filed = tuple(filing.file_away(home, each) for each in drawn)
        failpoint("report-filed")
    except Exception as error:
        reason = error.sentence if isinstance(error, Refusal) else f"It could not be made ({type(error).__name__})."
        with house.database.write() as session:
            instances.fail(session, viewer, begun, words(viewer.context.locale)(reason))
        raise
    with house.database.write() as session:
        for each in wanted:
            record_export(session, viewer, made.panels[0].view, "dashboard", each.id)
        return instances.end(session, viewer, home, begun, replace(what_is_in(made), files=filed))


def what_is_in(made: Handout) -> Contents:
    """What an instance tells of a paper, its files left out."""
    frames = [each.frame for each in made.panels if each.frame is not None]
    spans = [frame.provenance.span for frame in frames if frame.provenance.span is not None]
    days: tuple[date, date] | None = None
    if spans:
        days = min(span.start for span in spans), max(span.last_day for span in spans)
    return Contents(
        files=(),
        rows=sum(len(frame.rows) for frame in frames),
        generation=frames[0].provenance.generation if frames else None,
        days=days,
        summary=made.sentences,
    )


def _named(document: Document, ending: str) -> Document:
    """The document under a name that no other format of the report has."""
    return document if document.name.endswith(f".{ending}") else replace(document, name=f"{document.name}.{ending}")


def _as_wanted(answered: AnsweredPanel, part: Part, report: Report) -> AnsweredPanel:
    """A panel drawn as its part wants it; its title tells a basis that is not the report's."""
    basis = answered.view.selection.basis
    if basis != parse_selection(report.selection).basis:
        told = words(answered.context.locale)(BASIS_NAMES[basis])
        answered = replace(answered, title=f"{answered.title} · {told}")
    if part.chart != "table" or answered.frame is None:
        return answered
    frame = _narrowed(answered.frame, part.columns) if part.columns else answered.frame
    panel = replace(answered.panel, mark=Rows())
    return replace(answered, panel=panel, mark=Rows(), frames={**answered.frames, "main": frame})


def _narrowed(frame: Frame, wanted: Sequence[str]) -> Frame:
    """Only the columns of these metrics, and those that say whose they are."""
    kept = [at for at, each in enumerate(frame.columns) if each.metric is None or each.metric in wanted]

    names = {frame.columns[at].id for at in kept}

    def cut(row: FrameRow | None) -> FrameRow | None:
        return None if row is None else tuple(row[at] for at in kept)

    return replace(
        frame,
        columns=tuple(frame.columns[at] for at in kept),
        rows=tuple(tuple(row[at] for at in kept) for row in frame.rows),
        totals=cut(frame.totals),
        others=cut(frame.others),
        reasons={(row, column): why for (row, column), why in frame.reasons.items() if column in names},
    )


def _about(house: House, viewer: Viewer, report: Report, first: Handout, missing: int) -> Pairs:
    """The imprint of the whole: what all parts have in common, what was left out, what still waits for its data."""
    context, t = first.context, words(first.context.locale)
    selection = parse_selection(report.selection)
    view = View(first.panels[0].dashboard, selection=selection)
    named = replace(viewer, name=first.made_for)
    names = names_of(selection, viewer, house.asker)
    pairs = imprint(view, named, context, names, replace(data_of(first.panels), span=None))
    told = [(t("Report"), report.name)]
    if report.description:
        told.append((t("Description"), report.description))
    if missing:
        told.append((t("Left out"), t.n("{n} part is not for you.", "{n} parts are not for you.", missing)))
    told += [(t("Still to come"), t(WAITS[each])) for each in report.waits]
    kept = [pair for pair in pairs if pair[0] != t("View")]
    return (kept[0], *told, *kept[1:])
