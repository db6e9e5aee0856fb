"""Expansion: what the customers of a period bring in the next, split into more of the same and things new to them.

Source: features SR-24 (up-sell and cross-sell), analytics-methods §11 (revenue flow: expansion − contraction − churn).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.domain.figures import adding_up, total
from app.values.money import round_money


@dataclass(frozen=True)
class Bought:
    """What one customer brought in with one kind of goods, in the period before and now."""

    customer: str
    goods: str
    before: Decimal
    now: Decimal


@dataclass(frozen=True)
class Expansion:
    """start + up_sell + cross_sell + less + dropped + stopped = end, over customers with sales above zero before.

    `up_sell`: more of what they bought before; `cross_sell`: goods they had not bought; `less` of and `dropped` goods,
    and whoever `stopped` altogether, are negative. Rounded to the minor unit. `crossing`: customers with new goods.
    """

    start: Decimal
    up_sell: Decimal
    cross_sell: Decimal
    less: Decimal
    dropped: Decimal
    stopped: Decimal
    end: Decimal
    customers: int
    crossing: int


def expansion(bought: Iterable[Bought], currency: str) -> Expansion:
    """The split for two periods of one length, a figure a customer and kind of goods, each pair once."""
    by_customer: dict[str, list[Bought]] = {}
    for each in bought:
        by_customer.setdefault(each.customer, []).append(each)
    base = [own for own in by_customer.values() if total(each.before for each in own) > 0]
    kept = [each for own in base if total(each.now for each in own) > 0 for each in own]
    gone = [each for own in base if total(each.now for each in own) <= 0 for each in own]
    effects = (
        total(each.now - each.before for each in kept if each.before > 0 and each.now > each.before),
        total(each.now - each.before for each in kept if each.before <= 0),
        total(each.now - each.before for each in kept if each.before > each.now > 0),
        total(each.now - each.before for each in kept if each.before > 0 >= each.now),
        total(each.now - each.before for each in gone),
    )
    start, end = (
        round_money(total(getattr(each, when) for own in base for each in own), currency) for when in ("before", "now")
    )
    up_sell, cross_sell, less, dropped, stopped = adding_up(effects, end - start, currency)
    crossing = {each.customer for each in kept if each.before <= 0 < each.now}
    return Expansion(start, up_sell, cross_sell, less, dropped, stopped, end, len(base), len(crossing))
