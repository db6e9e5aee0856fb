"""Tools: what an assistant can do, each with a description by which it succeeds at the first try."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

from app.assistants.arguments import Arguments
from app.handing import handed, handout
from app.questions import (
    PERMISSION,
    Look,
    answered,
    dashboards_of,
    explained,
    looked_at,
    unknown,
)
from app.values.document import Document
from app.values.errors import Busy, NotFound, TooBig
from app.values.viewer import Viewer
from app.values.words import say, words
from layouts.dashboard import rows_for
from layouts.render import formats, json
from queries.catalogue import describe
from queries.members import Search

if TYPE_CHECKING:
    from app.assembly import House

MOST_ROWS = 1_000
"""Rows of one answer to an assistant; more are refused, never cut."""

MOST_FOUND = 200
"""Members found at once."""

PLACE = "salient://"
"""What addresses of resources begin with."""

LARGEST_FILE = 4 * 1024 * 1024
"""Bytes of one file that is handed to an assistant."""

DRAWN_AT_ONCE = 2

_DRAWING = BoundedSemaphore(DRAWN_AT_ONCE)

Told = Mapping[str, Any] | Document
Do = Callable[["House", Viewer, Arguments], Told]


@dataclass(frozen=True)
class Tool:
    """One thing an assistant can do: `arguments` are JSON schemas by name, `needed` those it cannot do without."""

    name: str
    title: str
    description: str
    arguments: Mapping[str, Mapping[str, Any]]
    do: Do
    needed: tuple[str, ...] = ()

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of a call."""
        return {
            "type": "object",
            "properties": {name: dict(each) for name, each in self.arguments.items()},
            "required": list(self.needed),
            "additionalProperties": False,
        }


def _texts(description: str, *examples: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}, "description": description, "examples": list(examples)}


def _text(description: str, *examples: Any, choices: tuple[str, ...] = ()) -> dict[str, Any]:
    told = {"type": "string", "description": description, "examples": list(examples)}
    return told | ({"enum": list(choices)} if choices else {})


def _members(description: str) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
        "description": description,
        "examples": [{"region": ["UK North", "Denmark"]}],
    }


_PERIOD = _text(
    "A stretch of time: a year (2025), quarter (2025-Q2), month (2025-03) or day; this-year, last-quarter, "
    "last-12-months, year-to-date, a range (2025-01..2025-06), or all.",
    "this-year",
    "2025-Q2",
)
_VERSUS = _texts("At most two of: previous, last-year, budget, or a period.", ["last-year"], ["budget"])
_BASIS = _text("What counts as a sale when.", "booked", choices=("booked", "invoiced", "paid"))
_CURRENCY = _text("A reporting currency other than the company's, three letters.", "USD")
_WHERE = _members("Only these members of a dimension; keys or exact names. Use find_members when unsure of a name.")

_QUESTION: Mapping[str, Mapping[str, Any]] = {
    "metrics": _texts("Ids of metrics from the tool catalogue.", ["net_sales", "orders"]),
    "by": _texts("Ids of dimensions to break the figures down by.", ["region"], ["month", "category"]),
    "where": _WHERE,
    "where_not": _members("All but these members of a dimension."),
    "period": _PERIOD,
    "versus": _VERSUS,
    "basis": _BASIS,
    "limit": {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST_ROWS,
        "description": "The so many rows with the largest first metric; everything else is one row, others.",
        "examples": [10],
    },
    "currency": _CURRENCY,
}
_LOOK: Mapping[str, Mapping[str, Any]] = {
    "dashboard": _text("The id of a dashboard, from the tool dashboards.", "overview"),
    "panel": _text("The id of one panel of it; without it all of them.", "net-sales"),
    "where": _WHERE,
    "period": _PERIOD,
    "versus": _VERSUS,
    "basis": _BASIS,
    "currency": _CURRENCY,
}


def _catalogue(house: House, viewer: Viewer, given: Arguments) -> Told:
    viewer.require(PERMISSION)
    kind, search = given.text("kind"), given.text("search").casefold()
    kinds = ("metric", "dimension", "hierarchy", "path")
    if kind and kind not in kinds:
        raise unknown(say("kind"), kind, kinds)
    hidden = viewer.context.masks
    t = words(viewer.context.locale)
    found = [
        entry | {name: t(entry[name]) for name in ("title", "plural", "definition") if entry.get(name)}
        for entry in describe(house.catalogue)
        if (not kind or entry["kind"] == kind) and not hidden.intersection(entry.get("needs", ()))
    ]
    return {"entries": [entry for entry in found if not search or search in str(entry).casefold()]}


def _find_members(house: House, viewer: Viewer, given: Arguments) -> Told:
    viewer.require(PERMISSION)
    level = house.catalogue.level(given.text("dimension")).id
    if level in ("document", "line"):
        viewer.require("rows")
    most = given.number("limit", MOST_FOUND) or 50
    search = Search(level, given.text("search"), where=(), limit=most)
    found = house.asker.options(search, viewer.context)
    return {
        "dimension": level,
        "members": [{"key": each.key, "name": each.name} for each in found.members],
        "matching_in_all": found.total,
    }


def _ask(house: House, viewer: Viewer, given: Arguments) -> Told:
    frame = answered(house, viewer, given.question(MOST_ROWS), MOST_ROWS)
    return json.answer_told(frame, viewer.context.locale) | {"notes": list(frame.notes)}


def _explain(house: House, viewer: Viewer, given: Arguments) -> Told:
    found = explained(house, viewer, given.question(MOST_ROWS))
    return {
        "steps": [{"title": title, "lines": list(lines)} for title, lines in found.steps],
        "statements": [
            {"fact": leg.fact, "period": leg.period, "table": leg.table, "sql": leg.sql or None} for leg in found.legs
        ],
    }


def _dashboards(house: House, viewer: Viewer, _: Arguments) -> Told:
    t = words(viewer.context.locale)
    told = []
    for each in dashboards_of(house, viewer):
        panels = [panel for row in rows_for(each, viewer) for panel in row]
        metrics = {panel.id: list(panel.query.metrics) for panel in panels}
        told.append(
            {
                "id": each.id,
                "title": t(each.title),
                "for": t(each.audience),
                "address": f"{house.settings.origin}/d/{each.id}",
                "needs_one": each.about or None,
                "panels": [{"id": name, "metrics": of} for name, of in metrics.items()],
            }
        )
    return {"dashboards": told}


def look_of(given: Arguments) -> Look:
    """The dashboard or panel that the arguments name."""
    return Look(
        dashboard=given.text("dashboard"),
        panel=given.optional("panel"),
        where=given.where("where"),
        period=given.text("period"),
        versus=given.texts("versus") or None,
        basis=given.text("basis", "booked"),
        currency=given.optional("currency"),
    )


def _read_dashboard(house: House, viewer: Viewer, given: Arguments) -> Told:
    return json.told(handout(house, viewer, looked_at(house, viewer, look_of(given))))


def _print(house: House, viewer: Viewer, given: Arguments) -> Told:
    known = [each.id for each in formats.FORMATS]
    wanted = given.text("format", "pdf")
    if wanted not in known:
        raise unknown(say("format"), wanted, known)
    if not _DRAWING.acquire(blocking=False):
        raise Busy("Many files are being made just now. Try again in a moment.")
    try:
        made = handed(house, viewer, looked_at(house, viewer, look_of(given)), wanted)
    finally:
        _DRAWING.release()
    if len(made.content) > LARGEST_FILE:
        raise TooBig(
            "This file has {size:,} bytes, and {most:,} are the most here: print one panel of it.",
            size=len(made.content),
            most=LARGEST_FILE,
        )
    return made


TOOLS: tuple[Tool, ...] = (
    Tool(
        "catalogue",
        "What can be asked",
        "Lists what can be asked: metrics (net_sales, orders, …) with definitions, units and the dimensions they can "
        "be broken down by, dimensions, hierarchies and drill paths. Begin here when unsure of an id. "
        'Example: {"kind": "metric", "search": "margin"}.',
        {
            "kind": _text("Only this kind.", "metric", choices=("metric", "dimension", "hierarchy", "path")),
            "search": _text("Only what holds this text.", "margin"),
        },
        _catalogue,
    ),
    Tool(
        "find_members",
        "Find members of a dimension",
        "Finds members (customers, products, regions, reps, …) by part of their name, among the rows the person may "
        'see. Example: {"dimension": "customer", "search": "bakery"}. Their keys or exact names go into where.',
        {
            "dimension": _text("The id of a dimension.", "customer"),
            "search": _text("Part of a name or key; without it the first ones by name.", "north"),
            "limit": {"type": "integer", "minimum": 1, "maximum": MOST_FOUND, "description": "At most so many (50)."},
        },
        _find_members,
        needed=("dimension",),
    ),
    Tool(
        "ask",
        "Ask for figures",
        "Answers a question about sales with exact figures: metrics, optionally by dimensions, filtered, in a period, "
        "compared. Money is text to the cent in `currency`; ratios and changes are fractions (0.12 is 12 %). `totals` "
        "are over all rows. `missing` says why a figure is not there. `provenance` says which data answered. "
        'Examples: net sales by region this year against last: {"metrics": ["net_sales"], "by": ["region"], '
        '"period": "this-year", "versus": ["last-year"]}. The ten largest customers of 2025 in UK North: '
        '{"metrics": ["net_sales"], "by": ["customer"], "where": {"region": ["UK North"]}, "period": "2025", '
        '"limit": 10}. Monthly orders: {"metrics": ["orders"], "by": ["month"], "period": "last-12-months"}. '
        f"An answer has at most {MOST_ROWS:,} rows; more is an error, not a cut.",
        _QUESTION,
        _ask,
        needed=("metrics",),
    ),
    Tool(
        "explain",
        "Explain how a question is answered",
        "Tells how a question (the same arguments as ask) is answered: what was asked, which days it settles to, how "
        "metrics are defined, which tables are read; for those who may also the SQL. "
        'Example: {"metrics": ["margin"], "period": "2025"}.',
        _QUESTION,
        _explain,
        needed=("metrics",),
    ),
    Tool(
        "dashboards",
        "List dashboards",
        "Lists the dashboards the person may open, with their panels and addresses. Where `needs_one` names a "
        "dimension, where has to choose one member of it.",
        {},
        _dashboards,
    ),
    Tool(
        "read_dashboard",
        "Read a dashboard or panel",
        "Reads a dashboard, or one panel of it, as data: titles, findings in words and all figures, as on the screen. "
        'Example: {"dashboard": "overview", "period": "this-quarter"}. One panel is quicker and shorter.',
        _LOOK,
        _read_dashboard,
        needed=("dashboard",),
    ),
    Tool(
        "print",
        "Print a dashboard or panel as a file",
        "Makes a file of a dashboard or panel: pdf, xlsx, pptx, csv, json or png; returned inside the answer. "
        'Example: {"dashboard": "sales", "period": "2025", "format": "pdf"}. It is noted who took what.',
        {**_LOOK, "format": _text("The kind of file.", "pdf", choices=tuple(each.id for each in formats.FORMATS))},
        _print,
        needed=("dashboard",),
    ),
)


def called(house: House, viewer: Viewer, name: str, given: Mapping[str, Any]) -> Told:
    """What a tool tells. Raises a Refusal with a sentence, NotFound with the nearest name for a tool there is not."""
    tool = next((each for each in TOOLS if each.name == name), None)
    if tool is None:
        raise unknown(say("tool"), name, tuple(each.name for each in TOOLS))
    taken = Arguments(given, tool.arguments)
    for needed in tool.needed:
        if given.get(needed) in (None, "", []):
            raise NotFound("The tool {tool} needs the argument {name}.", tool=name, name=needed)
    return tool.do(house, viewer, taken)


def encoded(made: Document) -> str:
    """A file as text."""
    return base64.b64encode(made.content).decode()


def listed_resources(house: House, viewer: Viewer) -> tuple[tuple[str, str, str], ...]:
    """What can be read by address: (address, name, title)."""
    t = words(viewer.context.locale)
    own = tuple(
        (f"{PLACE}dashboards/{each.id}", each.id, t(each.title))
        for each in dashboards_of(house, viewer)
        if not each.about or each.own
    )
    return ((f"{PLACE}catalogue", "catalogue", t("What can be asked")), *own)


def resource(house: House, viewer: Viewer, address: str) -> Told:
    """What stands at an address. NotFound, naming the nearest, for nothing."""
    steps = address.removeprefix(PLACE).split("/")
    if address.startswith(PLACE) and steps == ["catalogue"]:
        return _catalogue(house, viewer, Arguments({}, {}))
    if not address.startswith(PLACE) or steps[0] != "dashboards" or not 2 <= len(steps) <= 3:
        raise unknown(say("resource"), address, [each for each, _, _ in listed_resources(house, viewer)])
    look = Look(steps[1], steps[2] if len(steps) == 3 else None)
    return json.told(handout(house, viewer, looked_at(house, viewer, look)))
