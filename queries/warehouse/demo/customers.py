"""Customers of the demo company: who they are, how much they buy, in which months, and who owns them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from queries.warehouse.demo.money import Floats
from queries.warehouse.demo.people import TEAMS, keys_of_team
from queries.warehouse.demo.places import CITIES, COUNTRIES, COUNTRY_OF, REGIONS
from queries.warehouse.demo.plot import CHURNING_REGION, KEY_ACCOUNT, Plot

CUSTOMERS = 8_000
INDUSTRIES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "automotive": ("Automotive", ("Motors", "Axle", "Drive Systems")),
    "food": ("Food & Beverage", ("Foods", "Bakeries", "Drinks", "Dairy")),
    "logistics": ("Logistics", ("Logistics", "Freight", "Warehousing")),
    "machinery": ("Machinery", ("Machine Works", "Engineering", "Castings")),
    "chemicals": ("Chemicals", ("Chemicals", "Coatings", "Polymers")),
    "healthcare": ("Healthcare", ("Medical", "Clinics", "Laboratories")),
    "retail": ("Retail & Wholesale", ("Stores", "Trading", "Supply")),
    "construction": ("Construction", ("Construction", "Builders", "Timber")),
    "electronics": ("Electronics", ("Electronics", "Circuits", "Sensors")),
    "public": ("Public Sector", ("Municipal Works", "Technical College", "Transit")),
}
_INDUSTRY_SHARES = (0.11, 0.13, 0.14, 0.13, 0.08, 0.08, 0.12, 0.09, 0.07, 0.05)
SEGMENTS: Mapping[str, str] = {
    "enterprise": "Enterprise",
    "mid-market": "Mid-market",
    "small-business": "Small business",
}
ENTERPRISE, MID_MARKET, SMALL = range(3)
_SEGMENT_ENDS = (0.06, 0.30)
_HEADS = (
    "Ald", "Bren", "Cal", "Dor", "Elm", "Fal", "Gar", "Hol", "Ish", "Jor", "Kel", "Lun", "Mar", "Nor", "Ost", "Pel",
    "Quer", "Ros", "Sel", "Tarn", "Ulv", "Ver", "Wend", "Yar", "Zel", "Bri", "Cren", "Drum", "Ever", "Thorn",
)  # fmt: skip
_TAILS = (
    "avik", "bourne", "combe", "dale", "enta", "fold", "garth", "holm", "ino", "jarvi", "kamp", "ley", "mere", "nova",
    "ora", "pont", "quist", "rath", "stad", "thal", "umbra", "vane", "wick", "yard", "zano",
)  # fmt: skip
INSIDE_SHARE = 0.6
"""The share of small businesses that the inside team serves."""


@dataclass(frozen=True)
class Customers:
    """Customers as parallel arrays, largest of each region first."""

    keys: tuple[str, ...]
    names: tuple[str, ...]
    region: npt.NDArray[np.int64]
    country: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    industry: npt.NDArray[np.int64]
    segment: npt.NDArray[np.int64]
    reseller: npt.NDArray[np.bool_]
    owner: npt.NDArray[np.int64]  # position of the rep who owned the account at first (after any stand-in)
    since: npt.NDArray[np.int64]  # ordinal of the day
    size: Floats  # how much an order line of theirs is worth beside an ordinary one
    shares: Floats  # month × customer: share of the whole history's documents
    key_account: int  # the one that churns, if that story is told


def customers(plot: Plot, generator: np.random.Generator) -> Customers:
    """The whole customer base; nothing here depends on how many lines there are."""
    per_region = _apportion(np.array([region.share for region in REGIONS]), CUSTOMERS)
    region = np.repeat(np.arange(len(REGIONS)), per_region)
    rank = np.concatenate([np.arange(count) for count in per_region])
    weight = (rank + 3.0) ** -1.1
    segment = np.searchsorted(np.array(_SEGMENT_ENDS), rank / per_region[region], "right")
    industry = generator.choice(len(INDUSTRIES), CUSTOMERS, p=_INDUSTRY_SHARES)
    country_keys = [country.key for country in COUNTRIES]
    country = np.array([country_keys.index(entry.country) for entry in REGIONS])[region]
    key_account = int(np.flatnonzero(region == [entry.key for entry in REGIONS].index(CHURNING_REGION))[1])
    since, until = _lifetimes(plot, rank, generator)
    # Buying often and buying much share out the weight; the small ones buy in some months only.
    often, size = weight**0.85, weight**0.15
    size /= (often * size).sum() / often.sum()
    shares = _shares(plot, region, often, size, since, until, key_account, generator)
    numbers = generator.permutation(CUSTOMERS) + 1
    named = int(KEY_ACCOUNT[1:])
    numbers[numbers == named], numbers[key_account] = numbers[key_account], named
    return Customers(
        keys=tuple(f"C{number:05d}" for number in numbers),
        names=_names(country, industry, generator),
        region=region,
        country=country,
        place=_places(region, generator),
        industry=industry,
        segment=segment,
        reseller=generator.random(CUSTOMERS) < 0.12,
        owner=_owners(region, weight, segment, generator),
        since=since,
        size=size,
        shares=shares,
        key_account=key_account,
    )


def _apportion(shares: Floats, total: int) -> npt.NDArray[np.int64]:
    ends = np.rint(np.cumsum(shares) / shares.sum() * total).astype(np.int64)
    return np.diff(ends, prepend=0)


def _lifetimes(
    plot: Plot, rank: npt.NDArray[np.int64], generator: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First and last day of buying. A quarter came during the history, some left; the largest were always there."""
    start, days = plot.start.toordinal(), plot.days
    old = start - generator.integers(60, 4_000, len(rank))
    # More came lately than at first, or new customers would only ever get fewer.
    came = start + np.floor(days * generator.random(len(rank)) ** 0.7).astype(np.int64)
    fate = generator.random(len(rank))
    lasting = rank < 8
    new = (fate < 0.29) & ~lasting
    since = np.where(new, came, old)
    leaves = (fate > 0.83) & ~lasting
    until = np.where(leaves, start + generator.integers(60, days + 400, len(rank)), start + days + 1)
    return since, until


def _shares(
    plot: Plot,
    region: npt.NDArray[np.int64],
    often: Floats,
    size: Floats,
    since: npt.NDArray[np.int64],
    until: npt.NDArray[np.int64],
    key_account: int,
    generator: np.random.Generator,
) -> Floats:
    """Month × customer shares of all documents: each region's sales follow its plan, its customers share them out."""
    buys = np.clip(often / np.quantile(often, 0.90), 0.18, 1.0)
    buys[key_account] = 1.0
    parts = []
    for month in plot.months:
        first = month.toordinal()
        last = (month + timedelta(days=27)).toordinal()
        active = (since <= last) & (until > first) & (generator.random(len(often)) < buys)
        frequency = np.where(active, often / buys, 0.0)
        value = np.bincount(region, frequency * size, len(REGIONS))
        frequency *= (_regional_sales(plot, month) / value)[region]
        frequency[key_account] *= plot.churn_factor(month)
        parts.append(frequency)
    shares = np.array(parts)
    last_month = plot.months[-1]
    shares[-1] *= day_weights(last_month)[: plot.today.day].sum()
    return shares / shares.sum()


_SEASON = (0.94, 0.93, 1.07, 0.97, 1.00, 1.08, 0.95, 0.86, 1.07, 1.04, 1.05, 1.04)
_SOUTH_AUGUST = 0.62


def season(region: int, month: int) -> float:
    """What a calendar month is worth beside an average one, before any story."""
    entry = REGIONS[region]
    worth = _SEASON[month - 1]
    market = COUNTRY_OF[entry.country].market
    if month == 8 and entry.country in ("spain", "italy", "portugal", "france"):
        return _SOUTH_AUGUST
    if market == "apac":
        return worth * (1.14 if month == 3 else 1.06 if month == 8 else 0.98)
    return worth * (1.04 if market == "americas" and month in (7, 8) else 1.0)


def _regional_sales(plot: Plot, month: date) -> Floats:
    years = (month.year - plot.start.year) + (month.month - 1) / 12
    factors = plot.region_factors(month)
    return np.array(
        [
            entry.share * (1 + entry.growth) ** years * season(number, month.month) * factors.get(entry.key, 1.0)
            for number, entry in enumerate(REGIONS)
        ]
    ) * plot.company_factor(month)


def day_weights(month: date) -> Floats:
    """Each day's share of its month: little at weekends, a rush before a quarter ends, quiet after Christmas."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    days = (following - month).days
    weights = np.array([(1.0, 1.04, 1.06, 1.02, 0.85, 0.12, 0.10)[(month.weekday() + day) % 7] for day in range(days)])
    if month.month % 3 == 0:
        weights[-10:] *= 1.35
    if month.month == 12:
        weights[23:] *= 0.35
    if month.month == 1:
        weights[:2] *= 0.25
    shares: Floats = weights / weights.sum()
    return shares


def _places(region: npt.NDArray[np.int64], generator: np.random.Generator) -> npt.NDArray[np.int64]:
    """A city of the region for everyone; its first city is the largest."""
    first = np.cumsum([0, *(len(entry.cities) for entry in REGIONS)])[region]
    count = np.array([len(entry.cities) for entry in REGIONS])[region]
    return first + np.floor(count * generator.random(len(region)) ** 1.35).astype(np.int64)


def _names(
    country: npt.NDArray[np.int64], industry: npt.NDArray[np.int64], generator: np.random.Generator
) -> tuple[str, ...]:
    """Names nobody bears twice."""
    stems = [head + tail for head in _HEADS for tail in _TAILS]
    order = generator.permutation(len(stems))
    trades = [entry[1] for entry in INDUSTRIES.values()]
    used: set[str] = set()
    names = []
    for number, (land, trade) in enumerate(zip(country.tolist(), industry.tolist(), strict=True)):
        words, forms = trades[trade], COUNTRIES[land].legal_forms
        for turn in range(len(stems)):
            stem = stems[order[(number + turn) % len(stems)]]
            name = f"{stem} {words[(number // 7 + turn) % len(words)]}"
            if name not in used:
                break
        else:
            name = f"{stems[order[number % len(stems)]]} & {stems[order[number // 3 % len(stems)]]} {words[0]}"
            while name in used:
                name = f"New {name}"
        used.add(name)
        names.append(f"{name} {forms[number % len(forms)]}")
    return tuple(names)


def _owners(
    region: npt.NDArray[np.int64],
    weight: Floats,
    segment: npt.NDArray[np.int64],
    generator: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """Reps share their team's regions out by weight; most small businesses belong to the inside team."""
    share = np.array([entry.share for entry in REGIONS])
    worth = weight * (share / np.bincount(region, weight, len(REGIONS)))[region]
    inside = (segment == SMALL) & (generator.random(len(region)) < INSIDE_SHARE)
    owner = np.zeros(len(region), np.int64)
    region_keys = [entry.key for entry in REGIONS]
    shuffled = generator.random(len(region))
    for number, team in enumerate(TEAMS):
        covers = [region_keys.index(key) for key in team.regions]
        mine = np.flatnonzero(np.isin(region, covers) & ~inside if covers else inside)
        mine = mine[np.lexsort((shuffled[mine], region[mine]))]
        first = int(keys_of_team(number)[0][1:]) - 1
        loads = np.array([0.6] + [1.0] * (len(team.reps) - 1))  # leads sell less
        ends = np.cumsum(loads) / loads.sum()
        middle = np.cumsum(worth[mine]) - worth[mine] / 2
        owner[mine] = first + np.searchsorted(ends, middle / worth[mine].sum())
    return owner


def customer_rows(base: Customers, owner_today: list[str]) -> dict[str, list[object]]:
    """The staged `customer` table by column."""
    industries, segments = list(INDUSTRIES.items()), list(SEGMENTS.items())
    terms = (60, 30, 14)
    rows: list[dict[str, object]] = []
    for number, key in enumerate(base.keys):
        land = COUNTRIES[base.country[number]]
        segment = int(base.segment[number])
        industry_key, (industry, _) = industries[base.industry[number]]
        custom = {
            "account_no": f"{land.code}-{key[1:]}",
            "payment_terms_days": terms[segment],
            "newsletter": number % 3 == 0,
        }
        rows.append(
            {
                "customer_key": key,
                "customer": base.names[number],
                "customer_type": "Reseller" if base.reseller[number] else "End customer",
                "industry_key": industry_key,
                "industry": industry,
                "segment_key": segments[segment][0],
                "segment": segments[segment][1],
                "place_key": CITIES[base.place[number]][0].key,
                "owner_rep_key": owner_today[number],
                "email": f"purchasing.{key.lower()}@example.com",
                "phone": f"+{land.dial} 555 {key[1:]}",
                "since": date.fromordinal(int(base.since[number])),
                "custom": json.dumps(custom, sort_keys=True),
            }
        )
    return {name: [row[name] for row in rows] for name in rows[0]}
