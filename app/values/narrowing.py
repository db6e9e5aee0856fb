"""Narrowing: amounts between two bounds, and rules on the fields a company keeps of its customers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.values.errors import Invalid, TooBig
from app.values.period import Period

Bound = Literal["line", "document", "customer"]
BOUNDS: tuple[Bound, ...] = ("line", "document", "customer")
"""What an amount range can be about: a line's own net amount, or the total of a document or of a customer."""

Test = Literal["is", "not", "has", "from", "to", "known", "unknown"]
TESTS: tuple[Test, ...] = ("is", "not", "has", "from", "to", "known", "unknown")
"""How a field is looked at: one of these values · none of them · holds this text · at least · at most · there · not."""

MOST_CONDITIONS, MOST_VALUES = 20, 50
LONGEST_FIELD, LONGEST_VALUE = 80, 200

_AMOUNT = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,4})?", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", re.ASCII)

CONTACT = r"^(.*[^ ]@[^ ]+[.][^ ].*|([+]|00|[(])[0-9][0-9 ()/.-]{6,})$"
"""How a value reads that tells how to reach somebody, spelt as Python and the engines all read it."""


@dataclass(frozen=True)
class AmountRange:
    """Net amounts from `low` to `high`, both included, in the reporting currency; a missing bound is open.

    A total counts the lines that are left by everything else: filters, and ranges about less (lines before documents,
    documents before customers), within the viewer's rows. A customer's total is that of `period`, the question's own
    where it is None, so that a comparison with last year is about the same customers.
    """

    of: Bound
    low: Decimal | None = None
    high: Decimal | None = None
    period: Period | None = None

    def __post_init__(self) -> None:
        if self.of not in BOUNDS:
            raise Invalid("{value!r} has no amount: choose line, document or customer.", value=str(self.of)[:40])
        if self.low is None and self.high is None:
            raise Invalid("An amount range needs a lower or an upper bound.")
        for name in ("low", "high"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, amount(format(value, "f") if value.is_finite() else str(value)))
        if self.low is not None and self.high is not None and self.low > self.high:
            raise Invalid("An amount range runs from the smaller to the larger amount.")

    @property
    def level(self) -> str:
        """The level that the range touches."""
        return self.of

    @property
    def exclude(self) -> bool:
        """It never keeps the others."""
        return False

    def settled(self) -> AmountRange:
        """It names no set that would have to be looked up."""
        return self


@dataclass(frozen=True)
class FieldCondition:
    """One look at one field: `FieldCondition("payment_terms_days", "from", ("30",))`."""

    field: str
    test: Test
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < len(self.field) <= LONGEST_FIELD or not self.field.isprintable() or self.field[0] in "$/":
            raise Invalid("{field!r} is not the name of a field.", field=self.field[:40])
        if self.test not in TESTS:
            raise Invalid("A field cannot be tested with {test!r}.", test=str(self.test)[:40])
        object.__setattr__(self, "values", tuple(dict.fromkeys(self.values)))
        for value in self.values:
            if len(value) > LONGEST_VALUE or not value.isprintable():
                raise Invalid("A value of a field is a short text of one line.")
        self._check_number_of_values()

    def _check_number_of_values(self) -> None:
        count = len(self.values)
        match self.test:
            case "known" | "unknown" if count:
                raise Invalid("Whether {field} is known needs no value.", field=self.field)
            case "is" | "not" if not count:
                raise Invalid("Say which value {field} should have.", field=self.field)
            case "has" if count != 1 or not self.values[0]:
                raise Invalid("Say which text {field} should hold.", field=self.field)
            case "from" | "to" if count != 1 or not (is_number(self.values[0]) or is_day(self.values[0])):
                raise Invalid(
                    "{field} is compared with a number such as 30, or a day such as 2024-05-31.", field=self.field
                )
        if count > MOST_VALUES:
            raise TooBig("A condition has at most {most} values.", most=MOST_VALUES)


@dataclass(frozen=True)
class FieldRules:
    """Customers for whom all conditions of some group hold: or between the groups, and within each."""

    groups: tuple[tuple[FieldCondition, ...], ...]

    def __post_init__(self) -> None:
        kept = tuple(dict.fromkeys(tuple(dict.fromkeys(group)) for group in self.groups if group))
        object.__setattr__(self, "groups", kept)
        if not kept:
            raise Invalid("A rule on fields needs a condition.")
        if sum(len(group) for group in kept) > MOST_CONDITIONS:
            raise TooBig("A rule on fields has at most {most} conditions.", most=MOST_CONDITIONS)

    @property
    def level(self) -> str:
        """Fields are kept of customers."""
        return "customer"

    @property
    def exclude(self) -> bool:
        """It never keeps the others: a condition says "not" by itself."""
        return False

    @property
    def conditions(self) -> Iterator[FieldCondition]:
        """All conditions, group after group."""
        return (condition for group in self.groups for condition in group)

    def settled(self) -> FieldRules:
        """It names no set that would have to be looked up."""
        return self


def amount(text: str) -> Decimal:
    """An amount as people write it without thousands: "1250.50". Invalid for anything else."""
    if not _AMOUNT.fullmatch(text):
        raise Invalid("{text!r} is not an amount: write digits such as 1250 or 99.50.", text=text[:40])
    plain = Decimal(text)
    return plain.normalize() if plain else Decimal(0)


def is_number(text: str) -> bool:
    """Whether a field's value is compared as a number."""
    return _NUMBER.fullmatch(text) is not None


def is_day(text: str) -> bool:
    """Whether a field's value is compared as a day, "2024-05-31"."""
    return _DAY.fullmatch(text) is not None


def is_contact(text: str) -> bool:
    """Whether a field's value tells how to reach somebody: it holds an e-mail address, or is a telephone number."""
    return re.search(CONTACT, text, re.ASCII) is not None
