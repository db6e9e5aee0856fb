"""Basket: what is bought together; attach rates with lift, its interval and how sure it is.

Source: analytics-methods §12.1 and §13 (10 joint baskets); features SR-24, §5.1 "Cross-sell (attach) rate",
`/sales/products` attach-rate matrix. A basket is a document, or a customer's twelve months, as the caller counts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import combinations

from app.domain.figures import Estimate, share
from app.values.errors import Invalid
from app.values.money import EXACT, divide

FEWEST = 10
"""Fewer joint baskets show no rule."""
LEVEL = Decimal("0.95")
_Z = 1.959963984540054


@dataclass(frozen=True)
class Counts:
    """How many baskets there are, how many hold an item, and how many hold both of a pair (keys in order)."""

    baskets: int
    items: Mapping[str, int]
    pairs: Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Attach:
    """Of the baskets with `item`, the part that also holds `other`.

    `rate` = joint ÷ with_item (the confidence); `support` = joint ÷ baskets; `lift` = rate ÷ the part of all baskets
    with `other`, with its 95 % interval; `leverage` = support − what chance would give; `conviction` None when the
    rate is 1. `q`: chance of a false find among all pairs tested (Benjamini-Hochberg). `sound`: enough joint baskets,
    the interval above 1 and q < 0.05; only then recommend.
    """

    item: str
    other: str
    joint: int
    with_item: int
    with_other: int
    rate: Decimal
    support: Decimal
    lift: Estimate
    leverage: Decimal
    conviction: Decimal | None
    q: float
    sound: bool


def count_baskets(baskets: Iterable[Iterable[str]]) -> Counts:
    """Count distinct items and pairs; a basket without items counts as a basket."""
    number = 0
    items: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for basket in baskets:
        distinct = sorted(set(basket))
        number += 1
        items.update(distinct)
        pairs.update(combinations(distinct, 2))
    return Counts(number, dict(items), dict(pairs))


def attach_rates(counts: Counts, fewest: int = FEWEST) -> tuple[Attach, ...]:
    """Both directions of every pair with at least max(`fewest`, 0.1 % of baskets) joint baskets.

    Sound ones first, then by lift, rate and keys. Hidden pairs are not tested and do not weigh on the others.
    """
    enough = [
        (pair, joint)
        for pair, joint in sorted(counts.pairs.items())
        if joint >= max(fewest, 1) and joint * 1000 >= counts.baskets
    ]
    chances = [
        fisher_at_least(joint, counts.items[first], counts.items[second], counts.baskets)
        for (first, second), joint in enough
    ]
    found = []
    for ((first, second), joint), q in zip(enough, benjamini_hochberg(chances), strict=True):
        found += [_attach(counts, first, second, joint, q), _attach(counts, second, first, joint, q)]
    return tuple(
        sorted(found, key=lambda each: (not each.sound, -(each.lift.value or 0), -each.rate, each.item, each.other))
    )


def fisher_at_least(joint: int, with_item: int, with_other: int, baskets: int) -> float:
    """One-sided Fisher: the chance of `joint` or more baskets with both when the items have nothing to do with each
    other."""
    most = min(with_item, with_other)
    if not 0 <= joint <= most <= baskets or with_item + with_other - joint > baskets:
        raise Invalid("More baskets with both items than there can be.")
    if joint <= max(0, with_item + with_other - baskets):
        return 1.0
    if joint * baskets > with_item * with_other:
        return min(_hypergeometric_tail(joint, with_item, with_other, baskets, 1), 1.0)
    return max(1.0 - _hypergeometric_tail(joint - 1, with_item, with_other, baskets, -1), 0.0)


def benjamini_hochberg(chances: Iterable[float]) -> tuple[float, ...]:
    """Adjusted chances (q values) in the order given."""
    known = list(chances)
    adjusted = [1.0] * len(known)
    least = 1.0
    for rank, index in sorted(enumerate(sorted(range(len(known)), key=known.__getitem__), start=1), reverse=True):
        least = min(least, known[index] * len(known) / rank)
        adjusted[index] = least
    return tuple(adjusted)


def _hypergeometric_tail(joint: int, with_item: int, with_other: int, baskets: int, step: int) -> float:
    """The chance of `joint` and all counts beyond it, up (1) or down (−1), away from the middle."""
    neither = baskets - with_item - with_other
    term = math.exp(
        _log_choose(with_item, joint)
        + _log_choose(baskets - with_item, with_other - joint)
        - _log_choose(baskets, with_other)
    )
    terms = [term]
    while term > terms[0] * 1e-18:
        up = (with_item - joint) * (with_other - joint), (joint + 1) * (neither + joint + 1)
        down = joint * (neither + joint), (with_item - joint + 1) * (with_other - joint + 1)
        numerator, denominator = up if step > 0 else down
        term *= numerator / denominator
        joint += step
        terms.append(term)
    return math.fsum(terms)


def _log_choose(of: int, some: int) -> float:
    return math.lgamma(of + 1) - math.lgamma(some + 1) - math.lgamma(of - some + 1)


def _attach(counts: Counts, item: str, other: str, joint: int, q: float) -> Attach:
    baskets, with_item, with_other = counts.baskets, counts.items[item], counts.items[other]
    with localcontext(EXACT):
        expected_part = Decimal(with_item * with_other) / baskets / baskets
        leverage = +(Decimal(joint) / baskets - expected_part)
    lift = _lift(joint, with_item, with_other, baskets)
    sound = lift.low is not None and lift.low > 1 and q < 0.05
    conviction = divide((baskets - with_other) * with_item, (with_item - joint) * baskets)[0]
    rate, support = share(joint, with_item), share(joint, baskets)
    if rate is None or support is None:
        raise Invalid("An item of a pair is in at least one basket.")
    return Attach(item, other, joint, with_item, with_other, rate, support, lift, leverage, conviction, q, sound)


def _lift(joint: int, with_item: int, with_other: int, baskets: int) -> Estimate:
    """Delta method on the logarithm of the ratio of multinomial shares."""
    value = share(joint * baskets, with_item * with_other)
    if value is None:
        raise Invalid("An item of a pair is in at least one basket.")
    variance = 1 / joint - 1 / with_item - 1 / with_other + (2 * float(value) - 1) / baskets
    spread = _Z * math.sqrt(max(variance, 0.0))
    low, high = (Decimal(repr(float(value) * math.exp(sign * spread))) for sign in (-1, 1))
    return Estimate(value, low, high, LEVEL, joint, "ok", "lift, delta method on its logarithm")
