"""Sales of the demo company: orders and returns drawn some days at a time, so that memory does not grow with lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from queries.warehouse.demo.company import Company, Integers
from queries.warehouse.demo.customers import INDUSTRIES, day_weights
from queries.warehouse.demo.money import UNIT, Floats, price_steps, to_step
from queries.warehouse.demo.people import TEAMS
from queries.warehouse.demo.places import REGIONS
from queries.warehouse.demo.plot import DEARER_CATEGORY, VOLUME_AFTER_RISE
from queries.warehouse.demo.products import CATEGORIES, LINE_SHARES, scale, taken

CHUNK_LINES = 500_000
CHANNELS = ("direct", "partner", "online", "telesales")
CHANNEL_NAMES = ("Direct", "Partner", "Online", "Telesales")
DIRECT, PARTNER, ONLINE, TELESALES = range(4)
INVOICE, ORDER, RECEIPT, CREDIT_NOTE = range(4)
TYPES = ("invoice", "order", "receipt", "credit_note")
PREFIXES = ("INV", "ORD", "RCP", "CRN")

_LINES_OF_A_DOCUMENT = np.array([0.24, 0.22, 0.17, 0.12, 0.08, 0.055, 0.04, 0.03, 0.02, 0.012, 0.008, 0.005])
MEAN_LINES = float((_LINES_OF_A_DOCUMENT * np.arange(1, 13)).sum())
RETURN_SHARE = 0.031
_GOLDEN = (5**0.5 - 1) / 2
NONE = -1
"""Stands for no campaign, no date and no original."""


@dataclass(frozen=True)
class Documents:
    """Documents as parallel arrays: everything that is the same on all lines of one. Days are ordinals."""

    kind: Integers
    number: Integers
    day: Integers
    invoiced: Integers  # NONE where not yet
    paid: Integers  # NONE where not yet
    customer: Integers
    rep: Integers
    team: Integers
    campaign: Integers  # NONE where it came through none
    channel: Integers
    length: Integers  # how many lines; of credit notes, those of the sale

    def __len__(self) -> int:
        return len(self.number)

    def take(self, positions: Integers) -> Documents:
        """Those at positions."""
        return Documents(**{name: values[positions] for name, values in vars(self).items()})


@dataclass(frozen=True)
class Lines:
    """Lines as parallel arrays; money in ten-thousandths of the document's currency."""

    document: Integers  # position in the documents they go with
    number: Integers
    product: Integers
    quantity: Integers
    price: Integers
    gross: Integers
    discount: Integers
    returned: Integers
    net: Integers
    tax: Integers
    freight: Integers
    cost: Integers

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True)
class Chunk:
    """Some days' sales, and the returns they led to. `origin` and `original` say which sale line came back."""

    documents: Documents
    lines: Lines
    credits: Documents
    credit_lines: Lines
    origin: Integers  # of each credit note, a position in `documents`
    original: Integers  # of each credit line, the number of the line that came back


def document_count(lines: int) -> int:
    """How many sales it takes for about `lines` lines, returns included."""
    return max(1, round(lines / (MEAN_LINES * (1 + RETURN_SHARE))))


def sell(company: Company, first_number: int = 1) -> Iterator[Chunk]:
    """All sales of the company, oldest first."""
    total = document_count(company.lines)
    months = company.customers.shares
    chance_of_month = months.sum(axis=1)
    done, credited, before = 0, 0, 0.0
    for position, month in enumerate(company.plot.months):
        weights = day_weights(month)
        if position == len(months) - 1:
            weights = weights[: company.plot.today.day]
        spread = np.cumsum(weights) / weights.sum()
        expected = chance_of_month[position] * company.lines
        pieces = max(1, min(len(weights), int(np.ceil(expected / CHUNK_LINES))))
        for days in np.array_split(np.arange(len(weights)), pieces):
            upto = round((before + chance_of_month[position] * spread[days[-1]]) * total)
            if month.toordinal() + days[-1] == company.plot.today.toordinal():
                upto = max(upto, done + 1)  # somebody always buys today: readers see data as of today
            if upto > done:
                chunk = _chunk(company, position, month, days, weights, upto - done, first_number + done, credited)
                credited += len(chunk.credits)
                yield chunk
            done = upto
        before += chance_of_month[position]


def _chunk(
    company: Company,
    position: int,
    month: date,
    days: Integers,
    weights: Floats,
    count: int,
    first_number: int,
    credited: int,
) -> Chunk:
    chance = company.chance(10, position, int(days[0]))
    documents = _documents(company, position, month, days, weights, count, first_number, chance)
    lines = _lines(company, month, documents, chance)
    return Chunk(documents, lines, *_returns(company, documents, lines, credited + 1, chance))


def _documents(
    company: Company,
    position: int,
    month: date,
    days: Integers,
    weights: Floats,
    count: int,
    first_number: int,
    chance: np.random.Generator,
) -> Documents:
    # Drawn at equal steps through the customers, not one by one: regions and large accounts get their exact share.
    upto = np.cumsum(company.customers.shares[position])
    steps = (np.arange(count) + chance.random()) / count * upto[-1]
    customer = np.minimum(np.searchsorted(upto, steps, "right"), len(upto) - 1)
    # Lengths follow each other as evenly as the customers, so that small regions are not large by chance.
    draw = (np.arange(count) * _GOLDEN + chance.random()) % 1
    length = 1 + np.searchsorted(np.cumsum(_LINES_OF_A_DOCUMENT)[:-1], draw, "right")
    of_day = np.cumsum(weights[days])
    day = month.toordinal() + days[0] + np.searchsorted(of_day, chance.random(count) * of_day[-1], "right")
    day = _on_working_days(
        company, customer, np.minimum(day, month.toordinal() + days[-1]), month.toordinal() + days[0]
    )
    if month.toordinal() + days[-1] == company.plot.today.toordinal():
        day[np.argmax(day)] = company.plot.today.toordinal()
    order = np.argsort(day, kind="stable")
    customer, day, length = customer[order], day[order], length[order]
    rep = company.owners(customer, day)
    team = company.teams(rep, day)
    channel = _channels(company, customer, rep, chance)
    online = channel == ONLINE
    invoiced, paid = _dates(company, day, online, chance)
    return Documents(
        kind=np.where(invoiced == NONE, ORDER, np.where(online, RECEIPT, INVOICE)),
        number=first_number + np.arange(count),
        day=day,
        invoiced=invoiced,
        paid=paid,
        customer=customer,
        rep=rep,
        team=team,
        campaign=_campaigns(company, customer, day, chance),
        channel=channel,
        length=length,
    )


def _on_working_days(company: Company, customer: Integers, day: Integers, first: int) -> Integers:
    """At weekends only the inside team's customers buy; the others' orders are booked on the Friday before."""
    inside = np.array([entry.team == _INSIDE for entry in company.reps])[company.customers.owner[customer]]
    friday = day - np.maximum((day - 1) % 7 - 4, 0)
    return np.where(inside | (friday < first), day, friday)


_INSIDE = tuple(team.key for team in TEAMS).index("inside-sales")
_CHANNEL_ENDS = np.array(
    [[0.75, 0.85, 1.0], [0.50, 0.75, 1.0], [0.35, 0.60, 1.0], [0.0, 0.80, 1.0]]
)  # by segment, resellers last: direct up to the first, partner up to the second, online the rest


def _channels(company: Company, customer: Integers, rep: Integers, chance: np.random.Generator) -> Integers:
    row = np.where(company.customers.reseller[customer], 3, company.customers.segment[customer])
    draw = chance.random(len(customer))
    channel = (draw[:, None] >= _CHANNEL_ENDS[row]).sum(axis=1)
    inside = np.array([entry.team == _INSIDE for entry in company.reps])[rep]
    return np.where(inside, np.where(draw < 0.55, TELESALES, ONLINE), channel)


def _dates(
    company: Company, day: Integers, online: npt.NDArray[np.bool_], chance: np.random.Generator
) -> tuple[Integers, Integers]:
    """Days of invoice and payment; what lies in the future has not happened."""
    today = company.plot.today.toordinal()
    count = len(day)
    wait = chance.integers(1, 7, count) + np.where(chance.random(count) < 0.03, chance.integers(10, 35, count), 0)
    invoiced = np.where(online, day, day + wait)
    term = np.clip(np.rint(chance.normal(30, 9, count)), 5, 90).astype(np.int64)
    paid = np.where(online, day, invoiced + term)
    return np.where(invoiced <= today, invoiced, NONE), np.where(paid <= today, paid, NONE)


def _campaigns(company: Company, customer: Integers, day: Integers, chance: np.random.Generator) -> Integers:
    found = np.full(len(day), NONE)
    draw = chance.random(len(day))
    region = company.customers.region[customer]
    for position, campaign in enumerate(company.campaigns):
        starts, ends = campaign.starts.toordinal(), campaign.ends.toordinal()
        if ends < day[0] or starts > day[-1]:
            continue
        meant = np.array([entry.key in campaign.regions for entry in REGIONS])[region]
        found = np.where(meant & (day >= starts) & (day <= ends) & (draw < campaign.share), position, found)
    return found


_TASTE = np.random.Generator(np.random.PCG64(20)).uniform(0.75, 1.25, (len(INDUSTRIES), len(CATEGORIES)))
"""How much more or less each industry buys of each category than the others do."""


def _pick(table: Floats, row: Integers, draw: Floats) -> Integers:
    """A position per draw from the cumulative shares in its row of a table."""
    width = table.shape[1]
    flat = (table / table[:, -1:] + np.arange(len(table))[:, None]).ravel()
    return np.minimum(np.searchsorted(flat, draw + row, "right"), row * width + width - 1) - row * width


def _products(
    company: Company, month: date, country: Integers, industry: Integers, chance: np.random.Generator
) -> Integers:
    """A category by the customer's trade, then a product of the country's assortment."""
    categories = len(CATEGORIES)
    category = _pick(np.cumsum(_TASTE * np.array(LINE_SHARES), axis=1), industry, chance.random(len(country)))
    popularity = taken(company.plot, company.goods, month)
    mine = company.goods.category[None, :] == np.arange(categories)[:, None]
    table = np.cumsum((mine[None] & company.goods.sold_in[:, None, :]) * popularity, axis=2)
    return _pick(table.reshape(-1, len(popularity)), country * categories + category, chance.random(len(country)))


def _lines(company: Company, month: date, documents: Documents, chance: np.random.Generator) -> Lines:
    goods, base = company.goods, company.customers
    document = np.repeat(np.arange(len(documents)), documents.length)
    starts = np.cumsum(documents.length) - documents.length
    number = np.arange(len(document)) - starts[document] + 1
    customer = documents.customer[document]
    country = base.country[customer]
    product = _products(company, month, country, base.industry[customer], chance)
    price_list = (
        np.searchsorted(np.array([first.toordinal() for first in goods.lists]), documents.day, "right")[document] - 1
    )
    currency = company.currency[country]
    wanted = goods.mean_quantity[product] * base.size[customer]
    wanted *= np.exp(chance.normal(-0.08, 0.4, len(document)))
    if company.plot.happens("price-rise") and month >= company.plot.price_rise:
        wanted *= np.where(goods.category[product] == CATEGORIES.index(DEARER_CATEGORY), VOLUME_AFTER_RISE, 1.0)
    quantity = 1 + np.floor(np.maximum(wanted - 1, 0) + chance.random(len(document))).astype(np.int64)
    price = goods.local_price[price_list, currency, product]
    cost = goods.local_cost[price_list, currency, product] * quantity
    gross = price * quantity
    steps = price_steps(scale(company.lines)[1])[currency]
    discount = to_step(gross * _discounts(company, documents, document, chance) // 1000, steps)
    net = gross - discount
    freight = np.where((chance.random(len(documents)) < 0.4)[document], to_step(net * 15 // 1000, steps), 0)
    tax = to_step(net * company.tax_permille[country] // 1000, steps)
    return Lines(
        document, number, product, quantity * UNIT, price, gross, discount, np.zeros_like(net), net, tax, freight, cost
    )


def _discounts(company: Company, documents: Documents, document: Integers, chance: np.random.Generator) -> Integers:
    """Thousandths off the list price: more for larger customers, and what a campaign gives."""
    segment = company.customers.segment[documents.customer]
    low, high = np.array([90, 40, 0])[segment], np.array([180, 110, 60])[segment]
    granted = low + np.floor((high - low) * chance.random(len(documents))).astype(np.int64)
    extra = np.array([*(campaign.extra_discount_permille for campaign in company.campaigns), 0])
    permille: Integers = (granted // 5 * 5 + extra[documents.campaign])[document]
    return permille


def _returns(
    company: Company, documents: Documents, lines: Lines, first_number: int, chance: np.random.Generator
) -> tuple[Documents, Lines, Integers, Integers]:
    """Credit notes: one per sale of which something came back by today."""
    wait = chance.integers(5, 45, len(documents))
    day = documents.day + wait
    back = (chance.random(len(lines)) < RETURN_SHARE) & (day <= company.plot.today.toordinal())[lines.document]
    chosen = np.flatnonzero(back)
    pieces = lines.quantity[chosen] // UNIT
    part = 1 + np.floor(chance.random(len(chosen)) * pieces).astype(np.int64)
    part = np.where(chance.random(len(chosen)) < 0.6, pieces, part)
    origin, first, place = np.unique(lines.document[chosen], return_index=True, return_inverse=True)
    sold = documents.take(origin)
    on = day[origin]
    paid = on + 10
    notes = Documents(
        kind=np.full(len(origin), CREDIT_NOTE),
        number=first_number + np.arange(len(origin)),
        day=on,
        invoiced=on,
        paid=np.where(paid <= company.plot.today.toordinal(), paid, NONE),
        customer=sold.customer,
        rep=sold.rep,
        team=company.teams(sold.rep, on),
        campaign=sold.campaign,
        channel=sold.channel,
        length=sold.length,
    )
    country = company.customers.country[sold.customer][place]
    steps = price_steps(scale(company.lines)[1])[company.currency[country]]
    # Divided before multiplied where it is large: a part of the net, in steps.
    net = to_step(lines.net[chosen] // pieces * part, steps)
    net = np.where(part == pieces, lines.net[chosen], net)
    nothing = np.zeros_like(net)
    credit_lines = Lines(
        document=place,
        number=np.arange(len(chosen)) - first[place] + 1,
        product=lines.product[chosen],
        quantity=-part * UNIT,
        price=lines.price[chosen],
        gross=nothing,
        discount=nothing,
        returned=net,
        net=-net,
        tax=-to_step(net * company.tax_permille[country] // 1000, steps),
        freight=nothing,
        cost=-(lines.cost[chosen] // pieces * part),
    )
    return notes, credit_lines, origin, lines.number[chosen]
