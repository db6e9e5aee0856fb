"""Handing: a view answered for a viewer, and rendered as the file that was asked for; the same from every door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from app.services.drafts import Offer
from app.services.exports import Kind, record_export
from app.values.document import Document
from app.values.errors import NotAskable, NotFound
from app.values.template import Template
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.dashboard import Dashboard, answer, answer_panel, context_of, queries_of, rows_for
from layouts.handout import Handout, file_name
from layouts.imprint import DataVersion, imprint
from layouts.panel import Panel
from layouts.render import formats
from layouts.selected import names_of
from layouts.sentences import sentences
from layouts.settle import period_of, span_of
from queries.catalogue.model import Ratio

if TYPE_CHECKING:
    from app.assembly import House

PERMISSION = "export"
CHANNELS = frozenset({"mail"})
"""Ways in which a schedule may send."""

UNANSWERED = frozenset({"refused", "error"})
"""States of a panel without an answer; one that is empty was answered."""


def opened(house: House, viewer: Viewer, view: View) -> Dashboard:
    """The dashboard, if there is one that the viewer may open: the two look alike. Raises NotFound."""
    found = next((each for each in house.dashboards if each.id == view.dashboard), None)
    if found is None or not found.is_open_to(viewer) or viewer.context.scope.is_nothing:
        raise NotFound("There is no such dashboard.")
    return found


def panel_of(found: Dashboard, viewer: Viewer, view: View) -> Panel:
    """The panel of the view, if there is one that the viewer may see: the two look alike. Raises NotFound."""
    panel = found.panel(view.panel or "")
    if panel is None or not any(panel in row for row in rows_for(found, viewer)):
        raise NotFound("There is no such panel.")
    return panel


def handed(house: House, viewer: Viewer, view: View, format_id: str, template: Template | None = None) -> Document:
    """A view as a file for whoever asks for it, noted before it is handed out.

    Forbidden without the permission to export, NotFound for what is not the viewer's to see or no format, and what
    stands in the way of the first panel when none can be answered.
    """
    viewer.require(PERMISSION)
    wanted = formats.known(format_id)
    made = wanted.write(handout(house, viewer, view, template=template))
    note(house, viewer, view, "panel" if view.panel else "dashboard", wanted.id)
    return made


def handout(
    house: House,
    viewer: Viewer,
    view: View,
    *,
    title: str = "",
    template: Template | None = None,
    made_for: str = "",
) -> Handout:
    """A dashboard or one panel of it, answered under a viewer's rights. `made_for` names an audience, not a person.

    Without a `template` it looks as the company's papers do.
    """
    view = house.looked_up(viewer, view)
    found = opened(house, viewer, view)
    if view.panel is None:
        answers: Sequence[AnsweredPanel] = answer(found, view, viewer, house.asker)
    else:
        answers = [answer_panel(found, panel_of(found, viewer, view), view, viewer, house.asker)]
    if answers and all(answered.state in UNANSWERED for answered in answers):
        _refuse(house, answers[0])
    context = context_of(view, viewer)
    data = data_of(answers)
    span = data.span or span_of(view.selection, context)
    named = replace(viewer, name=made_for) if made_for else viewer
    names = names_of(view.selection, viewer, house.asker)
    return Handout(
        title=title or fmt.heading(answers[0].title if view.panel else words(context.locale)(found.title)),
        name=file_name(view, span if view.panel else None),
        panels=tuple(answers),
        context=context,
        subtitle=fmt.period_name(str(period_of(view.selection)), span, context.locale),
        made_for=named.name,
        about=imprint(view, named, context, names, data if view.panel else replace(data, span=None)),
        sentences=sentences(answers),
        link=f"{house.settings.origin}{view}",
        additive=_additive(house),
        parts=_ratios(house),
        template=house.template() if template is None else template,
        for_spreadsheets=house.settings.csv == "spreadsheets",
    )


def offer(house: House) -> Offer:
    """What a schedule can be made of in this house."""
    metrics = {name: metric.needs for name, metric in house.catalogue.metrics.items() if metric.listed}
    return Offer(house.dashboards, frozenset(each.id for each in formats.FORMATS), CHANNELS, metrics)


def data_of(answers: Sequence[AnsweredPanel]) -> DataVersion:
    """The data that answered, as the first panel with an answer says."""
    told = next((each.frame.provenance for each in answers if each.frame is not None), None)
    return DataVersion(0, None) if told is None else DataVersion(told.generation, told.as_of, told.span)


def note(house: House, viewer: Viewer, view: View, kind: Kind, format_id: str) -> None:
    """Write down who takes what: what cannot be noted is not handed out."""
    with house.database.write() as session:
        record_export(session, viewer, view, kind, format_id)


def _refuse(house: House, answered: AnsweredPanel) -> NoReturn:
    """Raise what keeps the panel from being answered: asking once more says of which kind it is."""
    house.asker.ask(queries_of(answered.panel, answered.view, answered.context)["main"], answered.context)
    raise NotAskable(answered.sentence)


def _additive(house: House) -> frozenset[str]:
    """Metrics whose parts add up."""
    return frozenset(name for name, metric in house.catalogue.metrics.items() if metric.additivity == "additive")


def _ratios(house: House) -> dict[str, tuple[str, str]]:
    """Ratios with the two metrics that each is made of."""
    return {
        name: (metric.expression.numerator, metric.expression.denominator)
        for name, metric in house.catalogue.metrics.items()
        if isinstance(metric.expression, Ratio)
    }
