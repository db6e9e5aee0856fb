"""Report: parts of dashboards through one selection, under a name and with a look of its own; pure data."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from app.values.errors import Invalid
from app.values.selection import DEFAULT_PERIOD, DEFAULT_VERSUS, Selection
from app.values.template import Template
from app.values.view import View, parse_selection, selection_text
from app.values.words import Text, say

KINDS: Mapping[str, Text] = {
    "executive": say("Executive sales"),
    "team": say("Team performance"),
    "pipeline": say("Pipeline analysis"),
    "revenue": say("Revenue recognition"),
    "custom": say("Own report"),
}

WAITS: Mapping[str, Text] = {
    "pipeline": say(
        "Pipeline, stages, conversion and win or loss wait for opportunities: no source delivers them yet."
    ),
    "activities": say("Calls, mails, meetings and demos wait for activities: no source delivers them yet."),
    "recurring": say("Recurring and one-off revenue wait for a mark on products or lines: no source delivers it yet."),
}
"""What a report would also show, once there is the data."""

CHARTS: Mapping[str, Text] = {"": say("As on the screen"), "table": say("As a table")}
"""How a part is drawn."""

MOST_PARTS = 40
LONGEST_NAME, LONGEST_DESCRIPTION = 120, 500


@dataclass(frozen=True)
class Part:
    """A whole dashboard or one panel of it: `view` is its address, whose own period, basis, grain and filters count
    more than the report's. `chart` is one of CHARTS; `columns` are the ids of those shown of its table, empty for all.
    """

    view: str
    chart: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What a report is made of. `selection` is the text of a Selection that all parts are looked at through; `grain` in
    it is how time is grouped. `accent` is #rrggbb or empty, `formats` are ids, `waits` keys of WAITS.

    Raises Invalid, with the sentence for whoever made it.
    """

    name: str
    parts: tuple[Part, ...]
    description: str = ""
    kind: str = "custom"
    selection: str = ""
    accent: str = ""
    formats: tuple[str, ...] = ("pdf",)
    waits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Bring every text into its one spelling, or refuse it."""
        name = unicodedata.normalize("NFC", self.name).strip()
        description = unicodedata.normalize("NFC", self.description).strip()
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise Invalid("A name has 1 to {longest} printable characters.", longest=LONGEST_NAME)
        if len(description) > LONGEST_DESCRIPTION or not description.replace("\n", " ").isprintable():
            raise Invalid("A description has at most {longest} printable characters.", longest=LONGEST_DESCRIPTION)
        if not 0 < len(self.parts) <= MOST_PARTS:
            raise Invalid("A report has 1 to {most} parts.", most=MOST_PARTS)
        if self.kind not in KINDS or any(each not in WAITS for each in self.waits):
            raise Invalid("There is no such kind of report.")
        if any(part.chart not in CHARTS for part in self.parts):
            raise Invalid("A part is drawn as on the screen, or as a table.")
        if not self.formats:
            raise Invalid("Choose at least one format.")
        Template(accent=self.accent)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "description", description)
        object.__setattr__(self, "selection", selection_text(parse_selection(self.selection)))
        settled = tuple(Part(str(View.parse(part.view)), part.chart, tuple(part.columns)) for part in self.parts)
        object.__setattr__(self, "parts", settled)
        object.__setattr__(self, "formats", tuple(dict.fromkeys(self.formats)))

    def views(self) -> tuple[View, ...]:
        """What each part shows: its panel through the report's selection and its own."""
        common = parse_selection(self.selection)
        return tuple(_through(View.parse(part.view), common) for part in self.parts)

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Report:
        """What `told` wrote."""
        parts = tuple(Part(each["view"], each["chart"], tuple(each["columns"])) for each in told["parts"])
        return cls(**{**told, "parts": parts, "formats": tuple(told["formats"]), "waits": tuple(told["waits"])})


def _through(part: View, common: Selection) -> View:
    own, chosen = part.selection, common
    if own.period != DEFAULT_PERIOD:
        chosen = chosen.with_period(own.period)
    if own.versus != DEFAULT_VERSUS:
        chosen = chosen.with_versus(*own.versus)
    if own.basis != "booked":
        chosen = chosen.with_basis(own.basis)
    if own.grain is not None:
        chosen = chosen.with_grain(own.grain)
    if own.currency is not None:
        chosen = chosen.with_currency(own.currency)
    for each in own.filters:
        chosen = chosen.with_filter(each.level, each.members, exclude=each.exclude, sets=each.sets)
    for amount in own.amounts:
        chosen = chosen.with_amount(amount.of, amount)
    if own.fields is not None:
        chosen = chosen.with_fields(own.fields)
    for level, member in own.drill:
        chosen = chosen.drill_to(level, member)
    return part.with_selection(chosen)
