"""Company: everything about the demo company that is settled before the first order is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from queries.warehouse.demo.campaigns import Campaign, campaigns
from queries.warehouse.demo.customers import Customers, customers
from queries.warehouse.demo.money import CURRENCIES, Rates, rates
from queries.warehouse.demo.people import TEAMS, Rep, reps
from queries.warehouse.demo.places import COUNTRIES
from queries.warehouse.demo.plot import Plot
from queries.warehouse.demo.products import Goods, goods

Integers = npt.NDArray[np.int64]
NEVER = date.max.toordinal()


@dataclass(frozen=True)
class Company:
    """The demo company at a size (`lines`) and a chance (`seed`)."""

    plot: Plot
    lines: int
    seed: int
    rates: Rates
    goods: Goods
    customers: Customers
    reps: tuple[Rep, ...]
    campaigns: tuple[Campaign, ...]
    currency: Integers  # of each country, a position in CURRENCIES
    tax_permille: Integers  # of each country

    def chance(self, *path: int) -> np.random.Generator:
        """A stream of random numbers of its own for every purpose: no part of the company shifts another."""
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, *path])))

    def owners(self, customer: Integers, day: Integers) -> Integers:
        """Positions of the reps who hold the customers' accounts on days (ordinals)."""
        owner = self.customers.owner[customer]
        keys = [rep.key for rep in self.reps]
        for position, rep in enumerate(self.reps):
            if rep.stand_in is not None:
                early = (owner == position) & (day < rep.hired.toordinal())
                owner = np.where(early, keys.index(rep.stand_in), owner)
            if rep.successor is not None and rep.left is not None:
                late = (owner == position) & (day >= rep.left.toordinal())
                owner = np.where(late, keys.index(rep.successor), owner)
        return owner

    def teams(self, rep: Integers, day: Integers) -> Integers:
        """Positions of the teams the reps belong to on days (ordinals)."""
        first = np.array([entry.team for entry in self.reps])
        then = np.array([entry.team if entry.moved_to is None else entry.moved_to for entry in self.reps])
        moved = np.array([entry.moved_on.toordinal() if entry.moved_on else NEVER for entry in self.reps])
        return np.where(day >= moved[rep], then[rep], first[rep])


def found(plot: Plot, lines: int, seed: int) -> Company:
    """Settle a company. The same arguments give the same company; `lines` changes prices only."""

    def chance(purpose: int) -> np.random.Generator:
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, purpose])))

    wander = rates(plot, chance(1))
    return Company(
        plot=plot,
        lines=lines,
        seed=seed,
        rates=wander,
        goods=goods(plot, lines, len(COUNTRIES), wander, chance(2)),
        customers=customers(plot, chance(3)),
        reps=reps(plot),
        campaigns=campaigns(plot),
        currency=np.array([CURRENCIES.index(country.currency) for country in COUNTRIES]),
        tax_permille=np.array([country.tax_permille for country in COUNTRIES]),
    )


TEAM_KEYS: tuple[str, ...] = tuple(team.key for team in TEAMS)
