"""Segmentation: which customers make which segment, as a company has settled it, and which version of that it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from app.values.errors import Invalid
from app.values.words import Text, say

SCORES = range(1, 6)
"""From the least to the best."""

NAMES: dict[str, Text] = {
    "champions": say("Champions"),
    "loyal": say("Loyal"),
    "promising": say("Promising"),
    "new": say("Just begun"),
    "drifting": say("Drifting"),
    "cannot_lose": say("Not to be lost"),
    "at_risk": say("At risk"),
    "hibernating": say("Asleep"),
}
"""Every segment there can be, and how it is called."""

MEASURES: dict[str, Text] = {
    "recency": say("Days since the last order"),
    "frequency": say("Orders"),
    "money": say("Net sales"),
}
"""What is scored."""

BREAKS = len(SCORES) - 1

_MOST = Decimal(10) ** 12

Range = tuple[int, int]
"""Two scores, the first not above the second."""


@dataclass(frozen=True)
class Rule:
    """A segment: customers with these recency scores, and these means of frequency and money, rounded down."""

    segment: str
    recency: Range
    frequency_money: Range

    def fits(self, recency: int, both: int) -> bool:
        """Whether the two scores are among those of the segment."""
        return (
            self.recency[0] <= recency <= self.recency[1] and self.frequency_money[0] <= both <= self.frequency_money[1]
        )


SHIPPED: tuple[Rule, ...] = (
    Rule("champions", (4, 5), (4, 5)),
    Rule("loyal", (3, 5), (3, 5)),
    Rule("promising", (3, 5), (2, 2)),
    Rule("new", (4, 5), (1, 1)),
    Rule("drifting", (3, 3), (1, 1)),
    Rule("cannot_lose", (1, 2), (4, 5)),
    Rule("at_risk", (1, 2), (3, 3)),
    Rule("hibernating", (1, 2), (1, 2)),
)


@dataclass(frozen=True)
class Segmentation:
    """The table of segments and the breaks of the scores.

    `rules` are read from top to bottom, the first that fits names the segment; they name every pair of scores, and each
    names at least one. `recency` (days), `frequency` (orders) and `money` (net sales in `currency`) are four breaks
    each, from the smallest up; none means fifths of the customers. `version` 0 is what is shipped; `since` is its day.
    Raises Invalid for what is none of this.
    """

    rules: tuple[Rule, ...] = SHIPPED
    recency: tuple[int, ...] = ()
    frequency: tuple[int, ...] = ()
    money: tuple[Decimal, ...] = ()
    currency: str = ""
    version: int = 0
    since: date | None = None

    def __post_init__(self) -> None:
        for measure in MEASURES:
            _check_breaks(measure, getattr(self, measure))
        if self.money and not self.currency:
            raise Invalid("Amounts that divide customers need a currency.")
        _check_rules(self.rules)

    @property
    def needs_fifths(self) -> bool:
        """Whether something is scored by fifths of the customers, which a few do not have."""
        return not (self.recency and self.frequency and self.money)

    def segment_of(self, recency: int, both: int) -> str:
        """The segment of a recency score and the mean of frequency and money, rounded down."""
        return next(rule.segment for rule in self.rules if rule.fits(recency, both))


def _check_breaks(measure: str, breaks: tuple[int | Decimal, ...]) -> None:
    if not breaks:
        return
    title = MEASURES[measure]
    if len(breaks) != BREAKS:
        raise Invalid("{measure}: give four breaks, or none for fifths of the customers.", measure=title)
    if breaks[0] < 0 or breaks[-1] > _MOST:
        raise Invalid("{measure}: breaks are numbers from zero up.", measure=title)
    if any(after <= before for before, after in pairwise(breaks)):
        raise Invalid("{measure}: each break has to be larger than the one before it.", measure=title)


def _check_rules(rules: Iterable[Rule]) -> None:
    left = {(recency, both) for recency in SCORES for both in SCORES}
    seen: set[str] = set()
    for rule in rules:
        if rule.segment not in NAMES or rule.segment in seen:
            raise Invalid("Each segment has one row in the table.")
        seen.add(rule.segment)
        name = NAMES[rule.segment]
        for low, high in (rule.recency, rule.frequency_money):
            if not SCORES[0] <= low <= high <= SCORES[-1]:
                raise Invalid(
                    "{segment}: scores go from the smaller to the larger, and lie between 1 and 5.", segment=name
                )
        own = {each for each in left if rule.fits(*each)}
        if not own:
            raise Invalid("{segment}: the segments above take all of its customers.", segment=name)
        left -= own
    if left:
        recency, both = max(left)
        raise Invalid(
            "No segment is named for recency {recency} with frequency and money {both}.", recency=recency, both=both
        )


AS_SHIPPED = Segmentation()
