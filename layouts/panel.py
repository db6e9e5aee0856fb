"""Panel: one question and the picture it deserves, as pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.values.hierarchy import settle_level
from app.values.words import Text, say
from layouts.marks import Mark

Reach = Literal["selection", "year", "history", "trail", "seasons", "cycle", "rest", "complete", "recent"]
"""How far a question looks, seen from the selected period: the period itself · the year it ends in, where it is shorter
than half of one · every earlier period of its kind · the thirteen months (or weeks) before its end · three years · the
month, quarter or year it lies in · what is still to come of a running period, which asks nothing of a finished one ·
`months` complete months, the last of them `back` months before the last complete one · the `months` months to its last
day."""


@dataclass(frozen=True)
class Question:
    """A query before it meets a selection.

    `by` may name hierarchies ("place") that settle to a level with the drill path, and after "goods" what is bought
    with them ("beside"); `start` is the level such a hierarchy begins at instead of its topmost. `versus` None takes
    the selection's comparisons, without the budget where `plan` says that a budget has no meaning for these metrics.
    `months` and `back` belong to the reaches that count months. `among` names another question of the panel: only the
    members of its answer are asked about. Filters on the levels `free` do not reach it. `needs` names the masks under
    which it is not asked beside the panel's own.
    """

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    reach: Reach = "selection"
    versus: tuple[str, ...] | None = None
    plan: bool = True
    start: str | None = None
    months: int = 12
    back: int = 0
    among: str = ""
    free: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    order: tuple[tuple[str, Literal["asc", "desc"]], ...] = ()
    limit: int | None = None
    others: bool = False
    totals: bool = False


@dataclass(frozen=True)
class Panel:
    """A picture of the answer to `query`, `width` twelfths of a row wide.

    `title` may hold `{level}` and `{reference}`, which settle with the view. `unit` replaces the metric's unit in the
    unit line. `beside` are further questions the mark needs, by name: the picture stands without their answers.
    `derive` names what is computed from the answers before they are drawn (layouts/derive). `needs` names the masks
    that hide the panel. `opens`: the dashboard about one member that a row of its table leads to.
    """

    id: str
    title: str
    query: Question
    mark: Mark
    width: int = 6
    unit: str = ""
    note: str = ""
    beside: Mapping[str, Question] = field(default_factory=dict)
    derive: str = ""
    needs: frozenset[str] = frozenset()
    opens: str = ""

    @property
    def label(self) -> Text:
        """The title before any view settles it, for the place where the answer will stand."""
        level = self.query.start or (level_of_the_top(self.query.by[0]) if self.query.by else "")
        return say(self.title, level=say(level), reference=say("budget"))


def level_of_the_top(by: str) -> str:
    """The level a hierarchy starts at in words; a map starts at countries, a series at months."""
    starts = {"map": "country", "time": "month"}
    return starts.get(by) or settle_level(by, ()).replace("_", " ")
