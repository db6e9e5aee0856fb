"""Catalogue: what can be asked, by whom asks: metrics, dimensions, dashboards and their panels; and members."""

from __future__ import annotations

from pydantic import Field

from app.questions import LISTED, dashboards_of
from app.values.words import words
from app.web.api.door import Call, Door
from app.web.api.shapes import Asked, Count, Told
from layouts import format as fmt
from layouts.dashboard import Dashboard, rows_for
from queries.catalogue import describe
from queries.members import Search


class MetricTold(Told):
    """A figure. `dimensions` are those it can be broken down by; `better` says whether more of it is good news."""

    id: str
    title: str
    definition: str
    unit: str
    format: str
    additivity: str
    better: str | None
    dimensions: list[str]


class DimensionTold(Told):
    """Something that figures are broken down by and filtered on."""

    id: str
    title: str
    plural: str
    definition: str
    hierarchy: str | None


class LevelsTold(Told):
    """A hierarchy, or a path that drilling follows: its levels from the top down."""

    id: str
    levels: list[str]


class PanelNamed(Told):
    """A panel."""

    id: str
    title: str


class DashboardNamed(Told):
    """A dashboard and the panels that are on it for whoever asks. `about`: a member of this level is chosen first."""

    id: str
    title: str
    audience: str
    about: str | None
    panels: list[PanelNamed]


class CatalogueTold(Told):
    """Everything that can be asked for."""

    metrics: list[MetricTold]
    dimensions: list[DimensionTold]
    hierarchies: list[LevelsTold]
    paths: list[LevelsTold]
    dashboards: list[DashboardNamed]


class MemberTold(Told):
    """A member of a dimension: its key, which filters take, and its name."""

    key: str
    name: str


class MembersTold(Told):
    """Members by name, and how many match in all."""

    items: list[MemberTold]
    total: int


class MembersAsked(Asked):
    """Which members."""

    q: str = Field(default="", max_length=200, description="A part of the name or the key.")
    limit: Count = Field(default=50, ge=1, le=200)


def add(door: Door) -> None:
    """/catalogue, /dashboards and /members."""

    @door.operation("GET", "/catalogue", scope="read", answers=CatalogueTold, etag=True)
    def show(call: Call) -> CatalogueTold:
        """What you can ask for.

        Metrics that are hidden from your role, and dashboards that are not for it, are not there.
        """
        return _catalogue(call)

    @door.operation("GET", "/members/{dimension}", scope="read", query=MembersAsked, answers=MembersTold)
    def members(call: Call, dimension: str) -> MembersTold:
        """Members of a dimension in your rows.

        Documents and lines take the scope `rows`.
        """
        if dimension in LISTED:
            call.viewer.require("rows")
        search = Search(dimension, call.query.q, limit=call.query.limit)
        found = call.house.asker.options(search, call.viewer.context)
        items = [MemberTold(key=each.key, name=each.name) for each in found.members]
        return MembersTold(items=items, total=found.total)


def named(call: Call, board: Dashboard) -> DashboardNamed:
    """A dashboard as whoever asks finds it."""
    t = words(call.viewer.context.locale)
    panels = [
        PanelNamed(id=panel.id, title=fmt.heading(t(panel.label)))
        for row in rows_for(board, call.viewer)
        for panel in row
    ]
    return DashboardNamed(
        id=board.id, title=t(board.title), audience=t(board.audience), about=board.about or None, panels=panels
    )


def _catalogue(call: Call) -> CatalogueTold:
    t, masks = words(call.viewer.context.locale), call.viewer.context.masks
    kinds: dict[str, list[dict[str, object]]] = {}
    for row in describe(call.house.catalogue):
        kinds.setdefault(str(row["kind"]), []).append(row)
    hidden = {name for name, metric in call.house.catalogue.metrics.items() if metric.needs & masks}
    metrics = [row for row in kinds["metric"] if row["id"] not in hidden]

    def said(row: dict[str, object], *names: str) -> dict[str, object]:
        told = {name: row[name] for name in names}
        return told | {name: t(str(row[name])) for name in ("title", "plural", "definition") if name in told}

    return CatalogueTold.model_validate(
        {
            "metrics": [said(row, *MetricTold.model_fields) for row in metrics],
            "dimensions": [said(row, *DimensionTold.model_fields) for row in kinds["dimension"]],
            "hierarchies": [said(row, "id", "levels") for row in kinds["hierarchy"]],
            "paths": [said(row, "id", "levels") for row in kinds["path"]],
            "dashboards": [named(call, board) for board in dashboards_of(call.house, call.viewer)],
        }
    )
