"""A company in which every figure and every word tells whose it is: what a page shows gives away who is in it.

Each *deal* is a handful of lines of one rep, place and customer. Its net sales fill one decimal place of their own, so
any total shows which deals it holds; every text of its members is a made-up word that occurs nowhere else.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from app.assembly import House, assemble, open_warehouse
from app.config import Settings, read_settings
from app.services import accounts
from app.values.narrowing import is_contact
from tests.queries.warehouse.staging import line, plan, stage

TODAY = date(2026, 5, 20)
PASSWORD = "nine green bottles hanging"
RATE = Decimal(2)
"""Euros per dollar, every day: digits stay in their place."""

WORD = re.compile(r"zq[a-z]{8}")
_LETTERS = "abcdefghijklmnop"


@cache
def word(*of: str) -> str:
    """A made-up word for one text of one member; nothing else in Salient looks like it."""
    digest = hashlib.sha256("|".join(of).encode()).hexdigest()[:8]
    return "zq" + "".join(_LETTERS[int(digit, 16)] for digit in digest)


@dataclass(frozen=True)
class Deal:
    """Lines of one rep in one place with one customer; `at` is the decimal place its amounts fill."""

    at: int
    rep: str | None
    team: str | None
    region: str | None
    customer: str | None
    owner: str | None = None  # of the account, today

    @property
    def name(self) -> str:
        """How the deal's own things are called."""
        return f"deal{self.at}"


DEALS: tuple[Deal, ...] = (
    Deal(0, "sam", "tess", "remy", "corner", owner="sam"),
    Deal(1, "sam", "tess", "west", "bakery", owner="sam"),
    Deal(2, "mate", "tess", "remy", "dairy", owner="mate"),
    Deal(3, "sam", "tess", "west", "airline", owner="amy"),
    Deal(4, "mate", "tess", "west", "airline", owner="amy"),
    Deal(5, "amy", "theo", "rhea", "harbour", owner="far"),
    Deal(6, "far", "theo", "west", "foundry", owner="far"),
    Deal(7, "far", "theo", None, "homeless", owner="far"),
    Deal(8, None, None, "remy", "walkin"),
    Deal(9, None, None, None, None),
    Deal(10, "far", "theo", "rhea", "corner", owner="sam"),
    Deal(11, "mover", "tess", "rhea", "mill", owner="far"),
    Deal(12, "mover", "theo", "remy", "quarry", owner="far"),
    Deal(13, None, None, None, "corner", owner="sam"),
)
"""Shared customers (corner, airline), accounts owned by somebody else, a rep who changed teams, and gaps."""

OPENER = 13
"""The deal with the first and the last line of the company, and the one that opened the shared corner. These are facts
of the whole company that everybody is told: the range of the data, and in which sale a customer was new."""

_MARKET = {"remy": "south", "rhea": "south", "west": "america"}
_DEPARTMENT = {"tess": "direct", "theo": "partners"}
_TEAM_TODAY = {"sam": "tess", "mate": "tess", "amy": "theo", "far": "theo", "mover": "theo"}
_HOME = {"bakery": "west", "dairy": "remy", "airline": "west", "harbour": "rhea"}

FIRST_DAY = date(2024, 2, 5)
_DAYS = (FIRST_DAY, date(2025, 5, 12), date(2026, 2, 10), date(2026, 5, 4))
DIGIT_OF_ALL_TIME = 6
"""What a deal writes into its place of net sales over the whole history."""


def key(kind: str, name: str) -> str:
    """A member's key."""
    return word(kind, name, "key")


def deals_in(amount: Decimal) -> frozenset[int]:
    """The deals that are part of an amount of net sales: the decimal places that are filled."""
    digits = str(int(abs(amount)))[::-1]
    return frozenset(at for at, digit in enumerate(digits) if digit != "0")


@dataclass(frozen=True)
class Hidden:
    """What differs between two companies that are to look alike to somebody who must not see it."""

    cost: str = "7"
    contact: str = ""


def _member(kind: str, name: str, *levels: tuple[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for level, own in ((kind, name), *levels):
        row |= {f"{level}_key": key(level, own), level: word(level, own, "name")}
    return row


def _place(region: str) -> dict[str, Any]:
    levels = [("market", _MARKET[region]), ("country", region), ("state", region), ("city", region)]
    row = _member("region", region, *levels) | {"place_key": key("place", region)}
    return row | ({"country_key": "US", "country_code": "USA", "state_code": "TX"} if region == "west" else {})


def _customer(name: str, owner: str | None, hidden: Hidden) -> dict[str, Any]:
    row = _member("customer", name, ("industry", name), ("segment", name))
    contact = name + hidden.contact
    return row | {
        "customer_type": word("customer", name, "type"),
        "place_key": key("place", _HOME[name]) if name in _HOME else None,
        "owner_rep_key": key("rep", owner) if owner else None,
        "email": f"{word('customer', contact, 'mail')}@customers.example",
        "phone": f"+{word('customer', contact, 'phone')}",
        "custom": json.dumps(
            {
                word("customer", name, "field"): word("customer", name, "value"),
                word("customer", name, "desk"): f"{word('customer', contact, 'desk mail')}@customers.example",
            }
        ),
    }


def _rep(name: str) -> dict[str, Any]:
    return {
        "rep_key": key("rep", name),
        "rep": word("rep", name, "name"),
        "title": word("rep", name, "title"),
        "email": f"{word('rep', name, 'mail')}@company.example",
        "team_key": key("team", _TEAM_TODAY[name]),
    }


def _product(deal: Deal, hidden: Hidden) -> dict[str, Any]:
    row = _member("product", deal.name, ("subcategory", deal.name), ("category", deal.name))
    return row | {"unit_cost": Decimal(hidden.cost), "list_price": Decimal(9)}


def _campaign(deal: Deal) -> dict[str, Any]:
    return _member("campaign", deal.name) | {"campaign_type": word("campaign", deal.name, "type")}


def _lines(deal: Deal, hidden: Hidden) -> Iterator[dict[str, Any]]:
    one = Decimal(10) ** deal.at
    head = {
        "customer_key": key("customer", deal.customer) if deal.customer else None,
        "rep_key": key("rep", deal.rep) if deal.rep else None,
        "team_key": key("team", deal.team) if deal.team else None,
        "place_key": key("place", deal.region) if deal.region else None,
        "product_key": key("product", deal.name),
        "campaign_key": key("campaign", deal.name),
        "channel_key": key("channel", deal.name),
        "chain_id": word(deal.name, "chain"),
    }

    def sold(document: str, number: int, day: date, net: Decimal, **given: Any) -> dict[str, Any]:
        own = {
            "line_key": f"{word(deal.name, document, 'line')}-{number}",
            "document_number": word(deal.name, document, "number"),
            "order_date": day + timedelta(days=_later(deal, day)),
            "invoice_date": day + timedelta(days=4),
            "payment_date": day + timedelta(days=9),
            "cost": net * Decimal(hidden.cost) / 10,
        }
        return line(word(deal.name, document, "document"), number, net=net, **head, **own, **given)

    for at, day in enumerate(_DAYS):
        yield sold(f"sale{at}", 1, day, one, discount=one)
    yield sold(f"sale{len(_DAYS) - 1}", 2, _DAYS[-1], one)
    yield sold("dollars", 1, _DAYS[-1], one, currency_key="USD")
    original = word(deal.name, "sale3", "line") + "-1"
    back = {"document_type": "credit_note", "original_line_key": original}
    yield sold("back", 1, _DAYS[-1], -one, **back)


def _later(deal: Deal, day: date) -> int:
    """Days that deals are apart; of those with one customer, the same opens the account for whoever sees both."""
    if deal.at == OPENER:
        return 0 if day == FIRST_DAY else 2
    return 2 - deal.at % 2 if day == FIRST_DAY else deal.at % 3


def _budgets(deals: Iterable[Deal]) -> Iterator[dict[str, Any]]:
    for region in sorted({deal.region for deal in deals if deal.region}):
        levels = {"market_key": key("market", _MARKET[region]), "region_key": key("region", region)}
        levels["country_key"] = "US" if region == "west" else key("country", region)
        for month in _months():
            yield plan(word("budget", region, month), month, 1_000_003 * len(region), **levels)


def _quotas(deals: Iterable[Deal]) -> Iterator[dict[str, Any]]:
    sold = {(deal.rep, deal.team) for deal in deals if deal.rep and deal.team}
    for rep, team in sorted(sold, key=str):
        levels = {"rep_key": key("rep", str(rep)), "team_key": key("team", str(team))}
        levels["department_key"] = key("department", _DEPARTMENT[str(team)])
        for month in _months():
            yield plan(
                word("quota", f"{rep}{team}", month), month, 700_001 * (len(str(rep)) + len(str(team))), **levels
            )


def _months() -> list[str]:
    return [f"{year}-{month:02}-01" for year in (2025, 2026) for month in range(1, 13)]


def tables(deals: Iterable[Deal] = DEALS, hidden: Hidden = Hidden()) -> dict[str, list[dict[str, Any]]]:
    """The staged rows of a company of these deals, and of nothing that none of them touches."""
    deals = tuple(deals)
    regions = sorted({deal.region for deal in deals if deal.region})
    teams = sorted({deal.team for deal in deals if deal.team} | {_TEAM_TODAY[deal.rep] for deal in deals if deal.rep})
    owners = {deal.customer: deal.owner for deal in deals if deal.customer}
    places = sorted({*regions, *(_HOME[name] for name in owners if name in _HOME)})
    days = [FIRST_DAY + timedelta(days=at) for at in range((TODAY - FIRST_DAY).days + 1)]
    return {
        "place": [_place(region) for region in places],
        "team": [_member("team", team, ("department", _DEPARTMENT[team])) for team in teams],
        "rep": [_rep(name) for name in sorted({deal.rep for deal in deals if deal.rep})],
        "product": [_product(deal, hidden) for deal in deals],
        "customer": [_customer(name, owner, hidden) for name, owner in owners.items()],
        "campaign": [_campaign(deal) for deal in deals],
        "channel": [_member("channel", deal.name) for deal in deals],
        "currency": [{"currency_key": code, "currency": code} for code in ("EUR", "USD")],
        "published_rate": [{"currency_key": "USD", "day": day, "rate": RATE} for day in days],
        "sales_line": [row for deal in deals for row in _lines(deal, hidden)],
        "budget": list(_budgets(deals)),
        "quota": list(_quotas(deals)),
    }


@dataclass(frozen=True)
class Colleague:
    """Somebody with an account; `deals` are the places of the deals that are theirs to see."""

    name: str
    role: str
    deals: frozenset[int]
    rep_key: str | None = None
    team_keys: tuple[str, ...] = ()
    place_keys: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        """What they sign in with."""
        return f"{self.name}@salient.example"


ALL = frozenset(deal.at for deal in DEALS)


def _those(**having: str) -> frozenset[int]:
    return frozenset(deal.at for deal in DEALS if any(getattr(deal, name) == value for name, value in having.items()))


def _placed(name: str, *regions: str) -> Colleague:
    held = frozenset(deal.at for deal in DEALS if deal.region in regions)
    return Colleague(name, "regional-lead", held, place_keys=tuple(f"region:{key('region', r)}" for r in regions))


CAST: tuple[Colleague, ...] = (
    Colleague("ada", "administrator", ALL),
    Colleague("erin", "executive", ALL),
    Colleague("dirk", "director", ALL),
    Colleague("fay", "finance", ALL),
    Colleague("mia", "marketing", ALL),
    _placed("remy", "remy"),
    _placed("rhea", "rhea"),
    Colleague("tess", "team-lead", _those(team="tess"), key("rep", "mate"), (key("team", "tess"),)),
    Colleague("theo", "team-lead", _those(team="theo"), team_keys=(key("team", "theo"),)),
    Colleague("amy", "account-manager", _those(rep="amy", owner="amy"), key("rep", "amy")),
    Colleague("sam", "rep", _those(rep="sam"), key("rep", "sam")),
    Colleague("ruth", "rep", frozenset()),
    Colleague(
        "otto", "none", frozenset(), key("rep", "sam"), (key("team", "tess"),), (f"region:{key('region', 'remy')}",)
    ),
    Colleague("ines", "rep", frozenset(), key("rep", "sam")),
)
"""Every role, a lead of another place and of another team, a rep without a key, Otto whose keys are worth nothing
without a role, and Ines, whose account is switched off."""

COLLEAGUES = {colleague.name: colleague for colleague in CAST}
COST_HIDDEN = frozenset({"mia", "amy", "sam", "ruth", "otto"})
CONTACT_HIDDEN = frozenset({"fay", "mia", "ruth", "otto"})


def words_of(deals: Iterable[int]) -> frozenset[str]:
    """Every made-up word that a company of only these deals holds."""
    held = tables(deal for deal in DEALS if deal.at in frozenset(deals))
    return frozenset(WORD.findall(str(held)))


def contact_words() -> frozenset[str]:
    """The words that stand in customers' contact data only."""
    held = [
        [row["email"], row["phone"], *filter(is_contact, json.loads(row["custom"]).values())]
        for row in tables()["customer"]
    ]
    return frozenset(WORD.findall(str(held)))


def twin_of(colleague: Colleague) -> dict[str, list[dict[str, Any]]]:
    """The company as it is to this colleague: without what they may not see, and with other hidden columns.

    Whoever may see nothing gets somebody else's company.
    """
    hidden = Hidden(
        cost="3" if colleague.name in COST_HIDDEN else "7",
        contact="of a twin" if colleague.name in CONTACT_HIDDEN else "",
    )
    deals = {*(colleague.deals or {9}), OPENER}
    return tables((deal for deal in DEALS if deal.at in deals), hidden)


def open_house(home: Path, held: dict[str, list[dict[str, Any]]], **given: str) -> House:
    """A workspace with these rows in its warehouse, and the cast as its people.

    The whole company with nothing but its own files is made once in a process and copied, keys and all.
    """
    home.mkdir(parents=True, exist_ok=True)
    if held == tables() and not {"database_url", "warehouse_url", "redis_url"} & given.keys():
        key = {name: text for name, text in given.items() if name == "secret_key"}
        shutil.copytree(_whole_home(**key).name, home, dirs_exist_ok=True)
        return assemble(_settings(home, **given))
    return _furnished(home, held, **given)


@cache
def _whole_home(**key: str) -> tempfile.TemporaryDirectory[str]:
    """A home of the whole company, closed; it is gone when the process ends."""
    home = tempfile.TemporaryDirectory(prefix="salient-company-")
    _furnished(Path(home.name), tables(), **key).close()
    (Path(home.name) / "staging.duckdb").unlink()
    return home


def _settings(home: Path, **given: str) -> Settings:
    environment = {
        "SALIENT_HOME": str(home),
        "SALIENT_TODAY": TODAY.isoformat(),
        "SALIENT_REPORTING_CURRENCIES": "USD",
        "SALIENT_API_PER_MINUTE": "0",
        "SALIENT_THREADS": "1",
        **{f"SALIENT_{name.upper()}": value for name, value in given.items()},
    }
    return read_settings(environment)


def _furnished(home: Path, held: dict[str, list[dict[str, Any]]], **given: str) -> House:
    """A house whose rows are published and whose people are added one by one."""
    settings = _settings(home, **given)
    engine = open_warehouse(settings)
    engine.publish(stage(home / "staging.duckdb", **held), note="the company", source="tests")
    engine.close()
    house = assemble(settings)
    with house.database.write() as session:
        for one in CAST:
            accounts.add_user(
                session,
                house.local_administrator(),
                email=one.email,
                name=one.name.title(),
                role=one.role,
                password=PASSWORD,
                rep_key=one.rep_key,
                team_keys=one.team_keys,
                place_keys=one.place_keys,
            )
        accounts.disable_user(session, house.local_administrator(), COLLEAGUES["ines"].email)
    return house
