"""What a metric, a level and a catalogue are: definitions as data that the planner, the help and the pickers read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from app.values.errors import NotAskable
from queries.warehouse.rollups import Rollup

Unit = Literal["money", "count", "quantity", "ratio", "day"]
Format = Literal["money", "integer", "decimal", "percent", "signed_percent", "day"]
Additivity = Literal["additive", "semi", "never"]
Better = Literal["up", "down"]
Fact = Literal["sales_line", "budget", "quota"]


@dataclass(frozen=True)
class Sum:
    """Σ of signed measures of the fact: `Sum(((1, "costed_net"), (-1, "cost")))` is costed net less cost.

    A measure of sales lines is one of `schema.MEASURES`; of a plan it is its column `amount`.
    """

    terms: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Documents:
    """Documents that are not credit notes: Σ of `measure` while only document-level dimensions are touched, else a
    distinct count of the fact's `column` over lines outside credit notes."""

    measure: str
    column: str


@dataclass(frozen=True)
class Distinct:
    """Distinct members of `level` over the lines outside credit notes; missing members do not count.

    In a rollup these are the rows with `sale_lines` > 0.
    """

    level: str


@dataclass(frozen=True)
class Ratio:
    """One metric ÷ another, divided after aggregation; the two may live in different facts."""

    numerator: str
    denominator: str


@dataclass(frozen=True)
class Difference:
    """One metric less another; the two may live in different facts."""

    minuend: str
    subtrahend: str


@dataclass(frozen=True)
class Change:
    """A metric's change against a comparison, as a fraction of the size of the older figure."""

    metric: str
    versus: str


@dataclass(frozen=True)
class Collected:
    """What is picked out of the lines outside credit notes by the date of the basis: "first_day", "last_day", or
    "months", a whole number whose bit n says that something was bought n months before the last month of the period;
    months more than 60 before it are left out.
    """

    what: Literal["first_day", "last_day", "months"]


Expression = Sum | Documents | Distinct | Ratio | Difference | Change | Collected


@dataclass(frozen=True)
class Metric:
    """A figure, defined once.

    `additivity`: "additive" parts add up to the whole, "never" parts must be asked again for every total. `needs`
    names the masks that hide it ("cost"); `better` says which way is good news, None when neither is; `listed` is
    False for parts of ratios that people do not ask for. `fact` is None when several facts meet. `credited` names a
    level: only lines with a member there count, such as those that some rep is credited with.
    """

    id: str
    title: str
    definition: str
    unit: Unit
    format: Format
    additivity: Additivity
    fact: Fact | None
    expression: Expression
    needs: frozenset[str] = frozenset()
    better: Better | None = None
    listed: bool = True
    credited: str | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The metrics it is made of; none for what a fact answers by itself."""
        match self.expression:
            case Ratio(a, b) | Difference(a, b):
                return (a, b)
            case Change(metric, _):
                return (metric,)
        return ()


@dataclass(frozen=True)
class Level:
    """Something figures are broken down by.

    Its members' keys and names are the columns `key` and `name` of `table`, or of the fact itself when `table` is
    None; a level of time has no name column, its key is read out by the locale. `via` says through which column each
    fact reaches it: the id of `table`, or the fact's own column; a fact that is not named lacks the dimension.
    `via` of a time level is "date": the date of the basis for sales lines, the month for plans.
    `document_level`: all lines of a document share the member. `listed` is False for levels only scopes use, and for
    those that only pairs are asked by: `pairs_with` names the level whose members of other lines of the same document
    these are.
    """

    id: str
    title: str
    plural: str
    definition: str
    hierarchy: str | None
    table: str | None
    key: str
    name: str | None
    via: Mapping[str, str]
    document_level: bool
    listed: bool = True
    pairs_with: str | None = None

    @property
    def is_time(self) -> bool:
        """Whether its members are stretches of time."""
        return self.table == "calendar"

    def reaches(self, fact: str) -> bool:
        """Whether the fact has this dimension."""
        return fact in self.via


@dataclass(frozen=True)
class Catalogue:
    """Everything that can be asked for."""

    metrics: Mapping[str, Metric]
    levels: Mapping[str, Level]
    hierarchies: Mapping[str, tuple[str, ...]]
    paths: Mapping[str, tuple[str, ...]]
    rollups: tuple[Rollup, ...] = ()
    fact_titles: Mapping[str, str] = field(default_factory=dict)

    def metric(self, metric_id: str) -> Metric:
        """A metric by its id; NotAskable, naming the nearest one, when there is none."""
        found = self.metrics.get(metric_id)
        if found is None:
            listed = [metric.id for metric in self.metrics.values() if metric.listed]
            raise NotAskable(_unknown(metric_id, "metric", listed))
        return found

    def level(self, level_id: str) -> Level:
        """A level by its id; NotAskable, naming the nearest one, when there is none."""
        found = self.levels.get(level_id)
        if found is None:
            listed = [level.id for level in self.levels.values() if level.listed]
            raise NotAskable(_unknown(level_id, "dimension", listed))
        return found

    def base_metrics(self, metric_ids: Iterable[str]) -> tuple[Metric, ...]:
        """The metrics that facts answer by themselves and that these are made of, each once."""
        found: dict[str, Metric] = {}
        for metric_id in metric_ids:
            metric = self.metric(metric_id)
            if metric.parts:
                found.update((part.id, part) for part in self.base_metrics(metric.parts))
            else:
                found[metric.id] = metric
        return tuple(found.values())

    def facts(self, metric_id: str) -> frozenset[str]:
        """The facts a metric reads."""
        return frozenset(base.fact for base in self.base_metrics((metric_id,)) if base.fact is not None)

    def askable(self, metric_id: str, level_id: str) -> bool:
        """Whether every fact the metric reads has the dimension."""
        level = self.level(level_id)
        return all(level.reaches(fact) for fact in self.facts(metric_id))

    def visible(self, masks: frozenset[str]) -> tuple[Metric, ...]:
        """The metrics to choose from under these masks."""
        return tuple(m for m in self.metrics.values() if m.listed and not m.needs & masks)


def _unknown(wanted: str, kind: str, known: list[str]) -> str:
    near = get_close_matches(wanted.lower(), known, 1, cutoff=0.0)
    return f"There is no {kind} {wanted[:40]!r}; the nearest is {near[0]!r}."
