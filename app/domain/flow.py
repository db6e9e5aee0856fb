"""Flow: customers who come, stay, come back, lapse and are lost, and the revenue of those there were, adding up.

Source: features §5.5 "Logo retention" (the reactivated are neither new nor retained), "GRR", "NRR"; analytics-methods
§11.3; SR-51, CS-08, CS-24, `/customers` flow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from app.domain.figures import ZERO, Compared, adding_up, share, total
from app.values.errors import Invalid
from app.values.money import round_money

Event = Literal["new", "retained", "reactivated", "won_back", "lapsed", "lost"]
State = Literal["new", "retained", "reactivated", "won_back", "lapsed", "dormant", "lost", "gone"]


@dataclass(frozen=True)
class Buyer:
    """A customer, and the numbers of the periods (months, quarters … counted through) with a purchase in them.

    `first` is the period of the first purchase ever, in the whole company, when `bought` does not reach back to it.
    A credit note is no purchase.
    """

    key: str
    bought: frozenset[int]
    first: int | None = None


@dataclass(frozen=True)
class PeriodFlow:
    """One period's movements between three stocks, which together hold every customer known by then.

    active_before + new + reactivated + won_back − lapsed = active (bought in this period)
    dormant_before + lapsed − reactivated − lost = dormant (silent, but not long enough to be lost)
    gone_before + lost − won_back = gone
    """

    period: int
    active_before: int
    new: int
    reactivated: int
    won_back: int
    lapsed: int
    active: int
    dormant_before: int
    lost: int
    dormant: int
    gone_before: int
    gone: int

    @property
    def retained(self) -> int:
        """Bought in the period before and in this one."""
        return self.active_before - self.lapsed

    @property
    def retention(self) -> Decimal | None:
        """Retained ÷ active before; None when nobody was."""
        return share(self.retained, self.active_before)


def flow(buyers: Iterable[Buyer], periods: range, lost_after: int) -> tuple[PeriodFlow, ...]:
    """The movements of each of `periods`. Lost: silent for `lost_after` periods in a row (2 or more).

    Purchases before `periods` give the stocks it starts with; later ones are not looked at.
    """
    _check(lost_after)
    if not periods:
        return ()
    happened: Counter[tuple[int, Event]] = Counter()
    pauses: Counter[tuple[int, int]] = Counter()
    until = periods[-1]
    # Who bought in the same periods has the same history, and many pause from one period to another.
    for (bought, first), count in Counter((buyer.bought, buyer.first) for buyer in buyers).items():
        purchases = _purchases(Buyer("", bought, first), until)
        if purchases:
            happened[purchases[0], "new"] += count
        for pause in pairwise((*purchases, until + 1)):
            pauses[pause] += count
    for (earlier, period), count in pauses.items():
        for event in _events(earlier, period, until, lost_after):
            happened[event] += count
    earliest = min((period for period, _ in happened), default=periods[0])
    flows = []
    active = dormant = gone = 0
    for period in range(min(earliest, periods[0]), periods[-1] + 1):
        came, back, won, lapsed, lost = (
            happened[period, event] for event in ("new", "reactivated", "won_back", "lapsed", "lost")
        )
        before = active, dormant, gone
        active, dormant, gone = active + came + back + won - lapsed, dormant + lapsed - back - lost, gone + lost - won
        if period in periods:
            flows.append(
                PeriodFlow(
                    period, before[0], came, back, won, lapsed, active, before[1], lost, dormant, before[2], gone
                )
            )
    return tuple(flows)


def states(buyers: Iterable[Buyer], period: int, lost_after: int) -> dict[str, State]:
    """Where each customer known by `period` stands in it; `lapsed` and `lost` happened in it, `dormant` and `gone`
    earlier."""
    _check(lost_after)
    found: dict[str, State] = {}
    for buyer in sorted(buyers, key=lambda each: each.key):
        purchases = _purchases(buyer, period)
        if not purchases:
            continue
        silent = period - purchases[-1]
        if silent:
            at_rest: State = "dormant" if silent < lost_after else "gone"
            found[buyer.key] = "lapsed" if silent == 1 else "lost" if silent == lost_after else at_rest
        else:
            found[buyer.key] = _arrival(purchases[-2] if len(purchases) > 1 else None, period, lost_after)
    return found


@dataclass(frozen=True)
class RevenueFlow:
    """start + expansion − contraction − churn = end, over customers with revenue above zero in the first period.

    Each rounded to the minor unit. `outside`: what all others bring now, the new and the reactivated, beside it.
    `net_retention` = end ÷ start, `gross_retention` = what is left of it without expansion; None with "no_base".
    """

    start: Decimal
    expansion: Decimal
    contraction: Decimal
    churn: Decimal
    end: Decimal
    outside: Decimal
    customers: int
    net_retention: Decimal | None
    gross_retention: Decimal | None
    reason: str | None


def revenue_flow(customers: Iterable[Compared], currency: str) -> RevenueFlow:
    """NRR, GRR and their bridge. Compare trailing 12 months with the 12 before, in one currency at the same rates."""
    known = list(customers)
    base = [customer for customer in known if customer.before > 0]
    start, end = total(customer.before for customer in base), total(customer.now for customer in base)
    moves = [(customer.now, customer.now - customer.before) for customer in base]
    effects = (
        total(move for _, move in moves if move > 0),
        total(move for now, move in moves if now > 0 > move),
        total(move for now, move in moves if now <= 0),
    )
    first, last = round_money(start, currency), round_money(end, currency)
    expansion, contraction, churn = adding_up(effects, last - first, currency)
    return RevenueFlow(
        first,
        expansion,
        ZERO - contraction,
        ZERO - churn,
        last,
        round_money(total(customer.now for customer in known if customer.before <= 0), currency),
        len(base),
        share(end, start),
        share(total(min(customer.before, customer.now) for customer in base), start),
        None if base else "no_base",
    )


def _check(lost_after: int) -> None:
    if lost_after < 2:
        raise Invalid("A customer lapses first and is lost later: after two silent periods or more.")


def _purchases(buyer: Buyer, until: int) -> list[int]:
    known = buyer.bought if buyer.first is None else buyer.bought | {buyer.first}
    return sorted(period for period in known if period <= until)


def _arrival(
    earlier: int | None, period: int, lost_after: int
) -> Literal["new", "retained", "reactivated", "won_back"]:
    if earlier is None:
        return "new"
    silent = period - earlier - 1
    return "retained" if not silent else "reactivated" if silent < lost_after else "won_back"


def _events(earlier: int, period: int, until: int, lost_after: int) -> Iterator[tuple[int, Event]]:
    """What happens from one purchase to the next, or to the day after the last period."""
    if period > earlier + 1:
        yield earlier + 1, "lapsed"
    if period > earlier + lost_after:
        yield earlier + lost_after, "lost"
    if period <= until:
        yield period, _arrival(earlier, period, lost_after)
