"""Mappings: one readable file that says how a source's tables become the star's."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from app.values.errors import Invalid, NotFound
from queries.warehouse.schema import STAGED

KEYS: Mapping[str, tuple[str, ...]] = {
    "place": ("place_key",),
    "team": ("team_key", "valid_from"),
    "rep": ("rep_key", "valid_from"),
    "product": ("product_key", "valid_from"),
    "customer": ("customer_key",),
    "campaign": ("campaign_key",),
    "channel": ("channel_key",),
    "currency": ("currency_key",),
    "published_rate": ("currency_key", "day"),
    "sales_line": ("line_key",),
    "budget": ("plan_key",),
    "quota": ("plan_key",),
}
"""What makes two staged rows the same row."""

MONTHS = "months"
"""A plan feed's own pseudo column: over how many months, from `month` on, its amount is spread."""

_FEED_FIELDS = {"table", "title", "from", "join", "where", "let", "columns", "rules", "distinct", "latest", "control"}
_TOP_FIELDS = {"name", "description", "currency", "settings", "sources", "optional", "csv", "feed"}


@dataclass(frozen=True)
class Setting:
    """A knob of a mapping, with its default and its meaning in one sentence."""

    name: str
    value: str
    meaning: str
    shown: Mapping[str, str] = field(
        default_factory=dict
    )  # "below" and "above" zero, or "always": what readers are told

    def told(self, value: str) -> str:
        """The sentence that tells readers of this value; empty where it has none. `{size}` is it without its sign."""
        sign = "below" if value.startswith("-") else "above" if value.strip("0.") else ""
        text = self.shown.get("always") or self.shown.get(sign, "")
        return text.replace("{size}", value.removeprefix("-")).replace("{value}", value)


@dataclass(frozen=True)
class Rule:
    """What every row must fulfil: `that` is SQL over staged columns and source columns."""

    require: str  # the sentence, e.g. "the customer exists"
    that: str
    column: str | None = None  # the source column to show, as alias.column


@dataclass(frozen=True)
class Feed:
    """Rows of one source table (others looked up beside it) that become rows of one star table."""

    table: str
    title: str
    source: str
    joins: Mapping[str, str]  # source → condition; at most one row each
    where: str | None  # rows the mapping wants at all
    let: Mapping[str, str]  # values several columns share, named let.<name> there
    columns: Mapping[str, str]
    rules: tuple[Rule, ...]
    distinct: bool  # members collected from lines: one row per key
    latest: str | None  # with distinct: the row with the greatest value speaks for the member
    control: str | None  # the amount summed in the source; by default the staged one


@dataclass(frozen=True)
class SourceMapping:
    """A whole mapping file."""

    name: str
    description: str
    currency: str
    settings: tuple[Setting, ...]
    sources: Mapping[str, str]  # alias → file or table name
    optional_sources: frozenset[str]
    optional_columns: Mapping[str, frozenset[str]]
    delimiter: str
    feeds: tuple[Feed, ...]
    text: str = field(repr=False)

    def notices(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """What readers of the data should know of the settings in force."""
        told = (setting.told(values[setting.name]) for setting in self.settings)
        return tuple(sentence for sentence in told if sentence)

    def values(self, given: Mapping[str, str]) -> dict[str, str]:
        """The settings in force. Raises Invalid for one the mapping does not have."""
        values = {setting.name: setting.value for setting in self.settings}
        for name, value in given.items():
            if name not in values:
                known = ", ".join(values) or "none"
                raise Invalid(f"The mapping {self.name} has no setting {name}; it has: {known}.")
            values[name] = value
        return values


@cache
def shipped_mappings() -> tuple[SourceMapping, ...]:
    """The mappings that come with Salient, by name."""
    folder = resources.files(__package__) / "mappings"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name)
    return tuple(parse_mapping(item.read_text(encoding="utf-8"), item.name) for item in files)


def open_mapping(name: str) -> SourceMapping:
    """A shipped mapping by its name, or the user's own by the path of its file."""
    for mapping in shipped_mappings():
        if mapping.name == name:
            return mapping
    path = Path(name)
    if not path.is_file():
        known = ", ".join(mapping.name for mapping in shipped_mappings())
        raise NotFound(f"There is no mapping {name}: it is neither a file nor one of {known}.")
    try:
        return parse_mapping(path.read_text(encoding="utf-8"), path.name)
    except UnicodeDecodeError:
        raise Invalid(f"The mapping {path.name} is not UTF-8 text.") from None


def parse_mapping(text: str, title: str) -> SourceMapping:
    """A mapping from its TOML text. Raises Invalid with a sentence that names `title` and what is wrong."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"The mapping {title} is not valid TOML: {error}.") from None
    try:
        _only(raw, _TOP_FIELDS, "the mapping")
        sources = {_plain(alias): str(name) for alias, name in raw["sources"].items()}
        optional = raw.get("optional", {})
        _only(optional, {"sources", "columns"}, "[optional]")
        return SourceMapping(
            str(raw["name"]),
            str(raw["description"]),
            str(raw["currency"]),
            tuple(_setting(name, setting) for name, setting in raw.get("settings", {}).items()),
            sources,
            frozenset(optional.get("sources", ())),
            {alias: frozenset(names) for alias, names in optional.get("columns", {}).items()},
            str(raw.get("csv", {}).get("delimiter", ",")),
            tuple(_feed(feed, sources) for feed in raw["feed"]),
            text,
        )
    except KeyError as error:
        raise Invalid(f"The mapping {title} lacks {error.args[0]}.") from None
    except (AttributeError, TypeError) as error:
        raise Invalid(f"The mapping {title} has something of the wrong shape: {error}.") from None
    except Invalid as error:
        raise Invalid(f"The mapping {title} cannot be used: {error.sentence}") from None


def _setting(name: str, raw: Mapping[str, Any]) -> Setting:
    _only(raw, {"value", "meaning", "shown"}, f"the setting {name}")
    shown = raw.get("shown", {})
    shown = {"always": shown} if isinstance(shown, str) else shown
    _only(shown, {"always", "above", "below"}, f"what the setting {name} shows")
    return Setting(name, str(raw["value"]), str(raw["meaning"]), {sign: str(text) for sign, text in shown.items()})


def _plain(alias: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", alias):
        raise Invalid(f"“{alias}” is no name for a source; letters, digits and _ are, a letter first.")
    return alias


def _only(raw: Mapping[str, Any], allowed: set[str], place: str) -> None:
    unknown = set(raw) - allowed
    if unknown:
        raise Invalid(f"{place} has {', '.join(sorted(unknown))}, known are {', '.join(sorted(allowed))}.")


def _feed(raw: Mapping[str, Any], sources: Mapping[str, str]) -> Feed:
    table = str(raw["table"])
    _only(raw, _FEED_FIELDS, f"a feed of {table}")
    if table not in STAGED:
        raise Invalid(f"there is no table {table}; there are {', '.join(STAGED)}.")
    joins = {alias: str(condition) for alias, condition in raw.get("join", {}).items()}
    for alias in (raw["from"], *joins):
        if alias not in sources:
            raise Invalid(f"a feed of {table} takes {alias}, which is not among the sources.")
    columns = {name: str(expression) for name, expression in raw["columns"].items()}
    allowed = {*STAGED[table], *((MONTHS,) if table in {"budget", "quota"} else ())}
    _only(columns, allowed, f"a feed of {table}")
    rules = tuple(Rule(str(r["require"]), str(r["that"]), r.get("column")) for r in raw.get("rules", ()))
    return Feed(
        table,
        str(raw.get("title", table)),
        str(raw["from"]),
        joins,
        raw.get("where"),
        {name: str(expression) for name, expression in raw.get("let", {}).items()},
        columns,
        rules,
        bool(raw.get("distinct", False)),
        raw.get("latest"),
        raw.get("control"),
    )
