"""Rule: when a figure deserves that people are told, as a value; it is looked at by the figures of each reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from app.values.errors import Invalid
from app.values.selection import COMPARISONS

Kind = Literal["threshold", "change", "target", "anomaly", "no-data", "rhythm"]
KINDS: tuple[Kind, ...] = ("threshold", "change", "target", "anomaly", "no-data", "rhythm")

Test = Literal["above", "below", "either"]
TESTS: tuple[Test, ...] = ("above", "below", "either")

TARGETS = ("budget_attainment", "quota_attainment")
"""The metrics that say how much of a target has been reached; over a running period the target counts to its day."""

STEPS = ("day", "week", "month")
"""The stretches of time whose figures are held against their own history."""

UNUSUAL = Decimal("3.5")
"""From how many robust deviations on a figure is unusual (analytics-methods §10.2)."""

MOST_HOLDS, MOST_DAYS = 30, 365
LARGEST = Decimal(10) ** 15


@dataclass(frozen=True)
class Rule:
    """`metric` is held against `bound`, for the whole or for every member of the level `by`.

    `threshold`: the figure itself. `change`: its relative change against `versus`. `target`: one of TARGETS, below the
    bound. `anomaly`: how many robust deviations the last complete `step` lies off what its history lets expect.
    `no-data`: complete days without a sale, `bound` of them or more. `rhythm`: a customer's silence as a multiple of
    the longest that is usual for this customer, by customer. It has to hold for `holds` checks in a row; once it fires,
    it ends at `clear` only, which lies on the good side of the bound (None: at the bound). Raises Invalid for what
    cannot be.
    """

    metric: str
    kind: Kind
    bound: Decimal
    test: Test = "below"
    clear: Decimal | None = None
    versus: str = ""
    by: str = ""
    step: str = ""
    holds: int = 1

    def __post_init__(self) -> None:
        """Refuse now what could not be decided when it is checked."""
        if self.kind not in KINDS or self.test not in TESTS or not self.metric:
            raise Invalid("Choose what the alert looks for.")
        if (self.test == "either") > (self.kind == "anomaly"):
            raise Invalid("Choose whether the alert looks for too much or too little.")
        for each in (self.bound, self.clear):
            if each is not None and not (each.is_finite() and abs(each) <= LARGEST):
                raise Invalid("The bound of an alert is a number.")
        if not 1 <= self.holds <= MOST_HOLDS:
            raise Invalid("An alert waits for 1 to {most} checks in a row.", most=MOST_HOLDS)
        self._fits()
        if self.clear is not None and self._limit(self.clear) > self._limit(self.bound):
            raise Invalid("An alert ends on the good side of its bound: choose another figure for its end.")

    def _fits(self) -> None:
        """Refuse what does not go with the kind."""
        if (self.kind == "change") != bool(self.versus) or (self.versus and self.versus not in COMPARISONS):
            raise Invalid("Choose what the figure is compared with.")
        if (self.kind == "anomaly") != bool(self.step) or (self.step and self.step not in STEPS):
            raise Invalid("Choose whether days, weeks or months are held against their history.")
        match self.kind:
            case "target" if self.metric not in TARGETS or self.test != "below" or self.bound <= 0:
                raise Invalid("A target is at risk when its attainment is below a share that you choose.")
            case "anomaly" | "rhythm" if self.bound <= 0:
                raise Invalid("The bound of this alert is larger than zero.")
            case "no-data" if not (1 <= self.bound <= MOST_DAYS and self.bound == int(self.bound)):
                raise Invalid("Choose between 1 and {most} days without a sale.", most=MOST_DAYS)
            case "rhythm" if self.by != "customer":
                raise Invalid("A rhythm is that of each customer.")

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Rule:
        """Read what `stored` wrote. Raises Invalid."""
        given = dict(stored)
        try:
            bound, clear = Decimal(str(given.pop("bound"))), given.pop("clear", None)
            return cls(**given, bound=bound, clear=None if clear is None else Decimal(str(clear)))
        except (TypeError, KeyError, InvalidOperation):
            raise Invalid("This is no rule of an alert.") from None

    def stored(self) -> dict[str, Any]:
        """As JSON; what is usual is left out."""
        told: dict[str, Any] = {"metric": self.metric, "kind": self.kind, "bound": str(self.bound), "test": self.test}
        told |= {name: getattr(self, name) for name in ("versus", "by", "step") if getattr(self, name)}
        if self.clear is not None:
            told["clear"] = str(self.clear)
        return told if self.holds == 1 else told | {"holds": self.holds}

    def is_breached_by(self, judged: Decimal) -> bool:
        """Whether what was read lies beyond the bound; days without a sale are, when they reach it."""
        badness, limit = self._badness(judged), self._limit(self.bound)
        return badness >= limit if self.kind == "no-data" else badness > limit

    def is_calmed_by(self, judged: Decimal) -> bool:
        """Whether what was read ends an alert that fires."""
        if self.clear is None:
            return not self.is_breached_by(judged)
        return self._badness(judged) <= self._limit(self.clear) and not self.is_breached_by(judged)

    def _badness(self, judged: Decimal) -> Decimal:
        """Grows with how bad it is."""
        if self.kind in ("no-data", "rhythm"):
            return judged
        return abs(judged) if self.test == "either" else judged if self.test == "above" else -judged

    def _limit(self, bound: Decimal) -> Decimal:
        """A bound as a badness: distances and durations are so already."""
        return bound if self.kind in ("anomaly", "no-data", "rhythm") or self.test == "above" else -bound
