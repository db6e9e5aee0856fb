"""Plans of the demo company: budget by month, region and category, quota by month and rep, from last year's sales."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from queries.warehouse.demo.company import TEAM_KEYS, Company, Integers
from queries.warehouse.demo.customers import CUSTOMERS, season
from queries.warehouse.demo.money import COMPANY_CURRENCY, UNIT, Floats
from queries.warehouse.demo.people import TEAMS
from queries.warehouse.demo.places import COUNTRY_OF, REGIONS
from queries.warehouse.demo.products import CATEGORIES
from queries.warehouse.demo.sales import Chunk, Documents, Lines

PLANNED_GROWTH = 1.07
FIRST_YEAR_AMBITION = 1.01
"""The first year has no year before it: its plan is what came, and one per cent more."""

QUOTA_AMBITION = 1.05
VERSION = "original"
_ROUND_TO = 100 * UNIT


@dataclass
class Ledger:
    """Sales in EUR as they are drawn, by month × region × category and by year × customer."""

    company: Company
    regions: Floats = field(init=False)
    accounts: Floats = field(init=False)

    def __post_init__(self) -> None:
        plot = self.company.plot
        self.regions = np.zeros((len(plot.months), len(REGIONS), len(CATEGORIES)))
        self.accounts = np.zeros((len(plot.years), CUSTOMERS))

    def add(self, chunk: Chunk) -> None:
        """Count a chunk's sales and its returns."""
        self._add(chunk.documents, chunk.lines)
        self._add(chunk.credits, chunk.credit_lines)

    def _add(self, documents: Documents, lines: Lines) -> None:
        plot, base = self.company.plot, self.company.customers
        if not len(lines):
            return
        start = plot.start.toordinal()
        firsts = np.array([month.toordinal() for month in plot.months])
        month = np.searchsorted(firsts, documents.day, "right") - 1
        factor = plot_factors(self.company)[month]
        rate = self.company.rates.daily[self.company.currency[base.country[documents.customer]], documents.day - start]
        worth = lines.net / UNIT * (rate / factor)[lines.document]
        row = (month * len(REGIONS) + base.region[documents.customer])[lines.document]
        cell = row * len(CATEGORIES) + self.company.goods.category[lines.product]
        self.regions += np.bincount(cell, worth, self.regions.size).reshape(self.regions.shape)
        account = ((month // 12) * CUSTOMERS + documents.customer)[lines.document]
        self.accounts += np.bincount(account, worth, self.accounts.size).reshape(self.accounts.shape)


def plot_factors(company: Company) -> Floats:
    """What was left of each month's ordinary sales: planners look past a quarter they know to have been bad."""
    return np.array([company.plot.company_factor(month) for month in company.plot.months])


def budget_rows(company: Company, ledger: Ledger) -> dict[str, list[object]]:
    """The staged `budget` table by column; amounts in ten-thousandths, the whole running year included."""
    ambition = company.chance(21).uniform(0.985, 1.015, (len(company.plot.years), len(REGIONS), 1))
    years = _yearly(company, ledger)
    profile = np.array([[season(region, month) for month in range(1, 13)] for region in range(len(REGIONS))])
    profile /= profile.sum(axis=1, keepdims=True)
    rows: list[dict[str, object]] = []
    for turn, year in enumerate(company.plot.years):
        amount = years[max(turn - 1, 0)] * ambition[turn] * (PLANNED_GROWTH if turn else FIRST_YEAR_AMBITION)
        monthly = _rounded(amount[None, :, :] * profile.T[:, :, None])
        for month, region, category in np.ndindex(*monthly.shape):
            entry = REGIONS[region]
            rows.append(
                {
                    "plan_key": f"budget-{year}-{month + 1:02d}-{entry.key}-{CATEGORIES[category]}",
                    "version": VERSION,
                    "month": date(year, month + 1, 1),
                    "market_key": COUNTRY_OF[entry.country].market,
                    "country_key": entry.country,
                    "region_key": entry.key,
                    "category_key": CATEGORIES[category],
                    "currency_key": COMPANY_CURRENCY,
                    "amount": int(monthly[month, region, category]),
                }
            )
    return {name: [row[name] for row in rows] for name in rows[0]}


def _yearly(company: Company, ledger: Ledger) -> Floats:
    """Year × region × category; planners of the running year know only the years before it."""
    months = ledger.regions
    turns = [months[turn * 12 : turn * 12 + 12] for turn in range(len(company.plot.years))]
    return np.array([turn.sum(axis=0) for turn in turns])


def quota_rows(company: Company, ledger: Ledger) -> dict[str, list[object]]:
    """The staged `quota` table by column: what a rep's accounts of that month sold the year before, and more."""
    ambition = company.chance(22).uniform(0.94, 1.06, (len(company.plot.years), len(company.reps)))
    rows: list[dict[str, object]] = []
    for month, rep, amount in _quotas(company, ledger, ambition):
        team = int(company.teams(np.array([rep]), np.array([month.toordinal()]))[0])
        rows.append(
            {
                "plan_key": f"quota-{month:%Y-%m}-{company.reps[rep].key}",
                "version": VERSION,
                "month": month,
                "department_key": TEAMS[team].department,
                "team_key": TEAM_KEYS[team],
                "rep_key": company.reps[rep].key,
                "currency_key": COMPANY_CURRENCY,
                "amount": amount,
            }
        )
    return {name: [row[name] for row in rows] for name in rows[0]}


def _quotas(company: Company, ledger: Ledger, ambition: Floats) -> Iterator[tuple[date, int, int]]:
    everyone = np.arange(CUSTOMERS)
    profile = np.array([[season(region, month) for region in range(len(REGIONS))] for month in range(1, 13)])
    profile /= profile.sum(axis=0)
    for turn, year in enumerate(company.plot.years):
        growth = PLANNED_GROWTH * QUOTA_AMBITION if turn else FIRST_YEAR_AMBITION
        base = ledger.accounts[max(turn - 1, 0)] * growth
        for number in range(12):
            month = date(year, number + 1, 1)
            owner = company.owners(everyone, np.full(CUSTOMERS, month.toordinal()))
            worth = base * profile[number, company.customers.region]
            sums = np.bincount(owner, worth, len(company.reps))
            amounts: Integers = _rounded(sums * ambition[turn])
            for rep in np.flatnonzero(amounts > 0).tolist():
                yield month, rep, int(amounts[rep])


def _rounded(euro: npt.NDArray[np.float64]) -> Integers:
    """Whole hundreds of euros, at least one, in ten-thousandths; small sums to the euro."""
    step = np.where(euro >= 5_000, _ROUND_TO, UNIT)
    rounded: Integers = np.rint(euro * UNIT / step).astype(np.int64) * step
    return np.maximum(rounded, 0)
