"""Looks: the catalogue, dashboards with their panels and figures, and how a question is answered."""

from __future__ import annotations

import strawberry

from app.values.words import words
from app.web.graphql.answers import Answer, answer_of
from app.web.graphql.asking import Asking
from layouts.answered import AnsweredPanel
from layouts.dashboard import Dashboard as Declared
from layouts.dashboard import rows_for
from layouts.handout import Handout
from layouts.render.json import UNANSWERED
from queries.catalogue import describe
from queries.explain import Explanation as Explained


@strawberry.type
class Metric:
    """A figure that can be asked for."""

    id: strawberry.ID
    title: str
    definition: str
    unit: str
    additivity: str
    better: str | None
    dimensions: list[strawberry.ID]


@strawberry.type
class Dimension:
    """What figures can be broken down by and filtered on."""

    id: strawberry.ID
    title: str
    plural: str
    definition: str
    hierarchy: str | None


@strawberry.type
class Catalogue:
    """What can be asked."""

    metrics: list[Metric]
    dimensions: list[Dimension]


@strawberry.type(description="A panel of a dashboard.")
class Panel:
    """A panel by its id."""

    id: strawberry.ID
    metrics: list[strawberry.ID]


@strawberry.type
class Dashboard:
    """A dashboard; `about` names a dimension of which one member has to be chosen."""

    id: strawberry.ID
    title: str
    audience: str
    address: str
    about: str | None
    panels: list[Panel]


@strawberry.type(description="A panel with its figures; `sentence` says why there are none.")
class LookedPanel:
    """A panel as on the screen."""

    id: strawberry.ID
    title: str
    state: str
    sentence: str
    unit: str
    finding: str
    notes: list[str]
    link: str
    answer: Answer | None


@strawberry.type
class Named:
    """A line of what is said about the answer."""

    name: str
    text: str


@strawberry.type(description="A dashboard, or one panel of it, with what its figures say.")
class Looked:
    """A dashboard as on the screen."""

    title: str
    subtitle: str
    sentences: list[str]
    about: list[Named]
    link: str
    panels: list[LookedPanel]


@strawberry.type
class Step:
    """A step on the way to an answer."""

    title: str
    lines: list[str]


@strawberry.type
class Statement:
    """What is read from the warehouse; `sql` for those who may read it."""

    fact: str
    period: str
    table: str
    sql: str | None


@strawberry.type
class Explanation:
    """How a question is answered."""

    steps: list[Step]
    statements: list[Statement]


def catalogue_of(asking: Asking) -> Catalogue:
    """What can be asked, without what the viewer's masks hide."""
    t, masks = words(asking.viewer.context.locale), asking.viewer.context.masks
    told = describe(asking.house.catalogue)
    metrics = [each for each in told if each["kind"] == "metric" and not masks.intersection(each["needs"])]
    dimensions = [each for each in told if each["kind"] == "dimension"]
    return Catalogue(
        metrics=[
            Metric(
                id=each["id"],
                title=t(each["title"]),
                definition=t(each["definition"]),
                unit=each["unit"],
                additivity=each["additivity"],
                better=each["better"],
                dimensions=each["dimensions"],
            )
            for each in metrics
        ],
        dimensions=[
            Dimension(
                id=each["id"],
                title=t(each["title"]),
                plural=t(each["plural"]),
                definition=t(each["definition"]),
                hierarchy=each["hierarchy"],
            )
            for each in dimensions
        ],
    )


def dashboard_of(asking: Asking, found: Declared) -> Dashboard:
    """A dashboard without what the viewer's masks hide."""
    t = words(asking.viewer.context.locale)
    panels = [panel for row in rows_for(found, asking.viewer) for panel in row]
    return Dashboard(
        id=strawberry.ID(found.id),
        title=t(found.title),
        audience=t(found.audience),
        address=f"{asking.house.settings.origin}/d/{found.id}",
        about=found.about or None,
        panels=[Panel(id=each.id, metrics=list(each.query.metrics)) for each in panels],  # type: ignore[arg-type]
    )


def looked_of(made: Handout) -> Looked:
    """What a handout says."""
    return Looked(
        title=made.title,
        subtitle=made.subtitle,
        sentences=list(made.sentences),
        about=[Named(name=name, text=text) for name, text in made.about],
        link=made.link,
        panels=[_panel(each, made) for each in made.panels],
    )


def _panel(answered: AnsweredPanel, made: Handout) -> LookedPanel:
    frame = None if answered.state in UNANSWERED else answered.frame
    return LookedPanel(
        id=strawberry.ID(answered.panel.id),
        title=answered.title,
        state=answered.state,
        sentence=answered.sentence,
        unit=answered.unit_line,
        finding=answered.finding,
        notes=list(answered.notes),
        link=made.link_of(answered),
        answer=None if frame is None else answer_of(frame, answered.context.locale),
    )


def explanation_of(found: Explained) -> Explanation:
    """The steps and statements of an explanation."""
    return Explanation(
        steps=[Step(title=title, lines=list(lines)) for title, lines in found.steps],
        statements=[
            Statement(fact=leg.fact, period=leg.period, table=leg.table, sql=leg.sql or None) for leg in found.legs
        ],
    )
