"""Condition: when a schedule's message is worth sending, for each audience by its own figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from app.values.errors import Invalid
from app.values.words import say

Kind = Literal["always", "not-empty", "changed", "metric"]
KINDS: tuple[Kind, ...] = ("always", "not-empty", "changed", "metric")
Test = Literal["above", "below"]
TESTS: tuple[Test, ...] = ("above", "below")

EMPTY = say("There is nothing in it.")
UNCHANGED = say("Nothing has changed since it was sent last.")
NOT_MET = say("The condition is not met.")

LONGEST_WAIT = 24
"""Hours that a message waits for fresh data at most."""


@dataclass(frozen=True)
class Condition:
    """`kind` "metric" compares `metric` over the first view with `bound` by `test`.

    `fresh_days`: only once the newest sale is at most so many days old (0 is the day itself); None does not ask. After
    `wait_hours` the message goes out all the same, marked as stale. Raises Invalid for what cannot be.
    """

    kind: Kind = "always"
    metric: str = ""
    test: Test = "above"
    bound: Decimal = Decimal(0)
    fresh_days: int | None = None
    wait_hours: int = 4

    def __post_init__(self) -> None:
        """Refuse now what could not be decided when it is due."""
        if self.kind not in KINDS or self.test not in TESTS:
            raise Invalid("Choose when to send: always, if not empty, if changed, or if a figure is above or below.")
        if (self.kind == "metric") != bool(self.metric):
            raise Invalid("Choose the figure that decides whether it is sent.")
        if not self.bound.is_finite():
            raise Invalid("The bound of the condition is a number.")
        if self.fresh_days is not None and not 0 <= self.fresh_days <= 366:
            raise Invalid("Fresh data are between 0 and 366 days old.")
        if not 0 <= self.wait_hours <= LONGEST_WAIT:
            raise Invalid("A message waits between 0 and {most} hours for fresh data.", most=LONGEST_WAIT)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Condition:
        """Read what `stored` wrote. Raises Invalid."""
        given = dict(stored)
        try:
            bound = Decimal(str(given.pop("bound", 0)))
            return cls(**given, bound=bound)
        except (TypeError, InvalidOperation):
            raise Invalid("This is no condition of a schedule.") from None

    def stored(self) -> dict[str, Any]:
        """As JSON; what is usual is left out."""
        told: dict[str, Any] = {"kind": self.kind}
        if self.kind == "metric":
            told |= {"metric": self.metric, "test": self.test, "bound": str(self.bound)}
        if self.fresh_days is not None:
            told |= {"fresh_days": self.fresh_days, "wait_hours": self.wait_hours}
        return told

    def holds(self, value: Decimal | int | None) -> bool:
        """Whether a figure meets the test; a figure that is undefined never does."""
        if value is None:
            return False
        return value > self.bound if self.test == "above" else value < self.bound


ALWAYS = Condition()
