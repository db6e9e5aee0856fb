"""Everybody crawls Salient, the administrator's requests included, and reads only what is theirs, and all of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.conftest import SOAK, Tally
from tests.sweep.browser import Answer, Request, name_of, table_of
from tests.sweep.company import (
    ALL,
    COLLEAGUES,
    CONTACT_HIDDEN,
    COST_HIDDEN,
    DIGIT_OF_ALL_TIME,
    WORD,
    contact_words,
    deals_in,
    tables,
    words_of,
)
from tests.sweep.conftest import Company, Crawl
from tests.sweep.script import Script

SIGNED_IN = [name for name in COLLEAGUES if name != "ines"]
WITH_A_PART = [name for name in SIGNED_IN if COLLEAGUES[name].deals not in (ALL, frozenset())]
WITH_NOTHING = [name for name in SIGNED_IN if not COLLEAGUES[name].deals]
LIKE_ANOTHER = () if SOAK else ("rhea", "theo")
"""Whose kind of scope another one has; with `make soak` they have twins of the company as well."""
WITH_A_TWIN = [
    name
    for name in SIGNED_IN
    if name in {*WITH_A_PART, *WITH_NOTHING, *COST_HIDDEN, *CONTACT_HIDDEN} and name not in LIKE_ANOTHER
]
LINES_OF_A_DEAL = 7
_BY_CHANCE = re.compile(
    r"""(?<=\#v=)[\w-]{12} | (?<="data-id":")[\w-]{12}(?=")  # ids of saved views
    | (?<=/v/)[\w-]{12} | (?<=\\u002fv\\u002f)[\w-]{12}  # and of links
    | (?<=name="csrf_token"\ value=")[\w.-]+  # proofs that a form is ours
    | (?<=\?v=)[0-9a-f]{12}(?=")  # fingerprints of our own assets""",
    re.VERBOSE,
)
"""What is made by chance, or of the files of a house, and so is another in a twin though nothing else is."""


def allowed(name: str) -> frozenset[str]:
    """The words that are a colleague's to read."""
    words = words_of(COLLEAGUES[name].deals)
    return words - contact_words() if name in CONTACT_HIDDEN else words


def table(answer: Answer) -> list[dict[str, str]]:
    """A CSV's rows."""
    return table_of(answer.body)


def answer_to(answers: list[Answer], path: str) -> Answer:
    """The answer to what was asked for at that address."""
    return next(answer for answer in answers if answer.request.path == path)


@pytest.mark.parametrize("name", SIGNED_IN)
def test_nobody_reads_a_word_that_is_not_theirs(crawl: Crawl, name: str, count: Tally) -> None:
    mine = allowed(name)
    for answer in crawl(name):
        count(f"requests swept as {name}")
        # What was sent may be said back: a foreign key stays the bare key that it was.
        told = set(WORD.findall(answer.body)) - set(WORD.findall(answer.request.text))
        assert not told - mine, (answer.request.text, answer.body[:2000])


@pytest.mark.parametrize("name", SIGNED_IN)
def test_everybody_reads_what_is_theirs(crawl: Crawl, name: str) -> None:
    deals = COLLEAGUES[name].deals
    held = tables()
    answers = crawl(name)
    total = answer_to(answers, "/d/overview/net-sales.csv?period=all")
    lines = answer_to(answers, "/d/overview/orders.rows.csv?period=all")
    if not deals:
        assert total.status in (403, 404)
        assert lines.status in (403, 404)
        return
    assert Decimal(table(total)[0]["net_sales"]) == sum(DIGIT_OF_ALL_TIME * Decimal(10) ** at for at in deals)
    assert len(table(lines)) == LINES_OF_A_DEAL * len(deals)
    mine = words_of(deals)
    numbers = {row["document_number"] for row in held["sales_line"]} & mine
    assert {row["document"] for row in table(lines)} == numbers
    names = {row["customer"] for row in held["customer"]} & mine
    found = {row["customer"] for row in table(lines)} - {""}
    assert found == names
    if name not in CONTACT_HIDDEN:
        assert {row["email"] for row in table(lines)} - {""} == {
            row["email"] for row in held["customer"] if row["customer"] in names
        }


@pytest.mark.parametrize("name", SIGNED_IN)
def test_no_total_holds_what_somebody_else_sold(crawl: Crawl, name: str) -> None:
    deals = COLLEAGUES[name].deals
    for answer in crawl(name):
        if answer.status != 200 or ".csv" not in answer.request.path or "currency=" in answer.request.path:
            continue
        for amount in amounts(answer):
            assert deals_in(amount) <= deals, answer.request.path


def amounts(answer: Answer) -> Iterator[Decimal]:
    """All sums of net sales in a file of one panel or of lines."""
    for row in table(answer):
        for column in ("net_sales", "net_sales@last-year", "net_sales@previous", "net"):
            if row.get(column):
                yield Decimal(row[column])


@pytest.mark.parametrize("name", WITH_A_TWIN)
def test_all_looks_as_if_what_they_may_not_see_did_not_exist(crawl: Crawl, crawl_twin: Crawl, name: str) -> None:
    # Foreign members do not exist in the twin, hidden columns hold other values: equal answers tell of neither.
    for here, there in zip(crawl(name), crawl_twin(name), strict=True):
        told, would_be_told = (_BY_CHANCE.sub("", answer.body) for answer in (here, there))
        assert (here.status, told) == (there.status, would_be_told), here.request.text


@pytest.mark.parametrize("name", SIGNED_IN)
def test_nothing_breaks_whoever_sends_what(crawl: Crawl, name: str) -> None:
    for answer in crawl(name):
        assert answer.status < 500, answer.request.text
        assert "Something went wrong" not in answer.body, answer.request.text
        assert "could not be drawn" not in answer.body, answer.request.text


@pytest.mark.parametrize("name", sorted(COST_HIDDEN - set(WITH_NOTHING)))
def test_cost_and_margin_never_reach_those_who_may_not_see_them(
    crawl: Crawl, company: Company, script: Script, name: str
) -> None:
    answers = crawl(name)
    lines = answer_to(answers, "/d/overview/orders.rows.csv?period=all")
    assert not {"cost", "margin"} & set(table(lines)[0])
    assert {"cost", "margin"} <= set(table(answer_to(crawl("ada"), lines.request.path))[0])
    browser = company.browser(name)
    for column in ("cost", "margin"):
        refused = browser.send(script.grid("/d/overview?period=all", ((column, "asc"),)))
        assert "rowData" not in refused.body
        assert "This column is not shown to your role." in refused.body
    frame = browser.send(script.page("/d/overview?period=all")[0])
    assert "margin" not in frame.body.lower()
    assert "Gross margin" in company.browser("ada").send(script.page("/d/overview?period=all")[0]).body
    assert browser.send(Request("/d/overview/margin-rate.csv?period=all")).status == 404


@pytest.mark.parametrize("name", sorted(CONTACT_HIDDEN - set(WITH_NOTHING)))
def test_contact_data_never_reach_finance_and_marketing(
    crawl: Crawl, company: Company, script: Script, name: str
) -> None:
    lines = answer_to(crawl(name), "/d/overview/orders.rows.csv?period=all")
    assert not {"email", "phone"} & set(table(lines)[0])
    for column in ("email", "phone"):
        refused = company.browser(name).send(script.grid("/d/overview", ((column, "asc"),)))
        assert "rowData" not in refused.body


def test_the_sweep_plays_every_callback_there_is(company: Company, script: Script) -> None:
    played = {json.loads(request.payload)["output"] for request in script.of(0, whole=True) if request.payload}
    assert played == {each["output"] for each in script.dependencies.values()}
    assert all(name_of(each) == name for name, each in script.dependencies.items())


def test_the_sweep_opens_every_dashboard_and_every_panel(company: Company, script: Script) -> None:
    paths = {request.path.partition("?")[0] for request in script.of(0, whole=True)}
    for dashboard in company.house.dashboards:
        assert f"/d/{dashboard.id}.csv" in paths
        assert {f"/d/{dashboard.id}/{panel.id}.csv" for panel in dashboard.panels()} <= paths


def test_every_page_of_lines_together_is_what_the_file_holds(crawl: Crawl, company: Company, script: Script) -> None:
    for name in ("erin", "tess", "sam"):
        file = table(answer_to(crawl(name), "/d/overview/orders.rows.csv?period=all"))
        page = json.loads(company.browser(name).send(script.grid("/d/overview?period=all")).body)
        told = page["response"]["grid"]["getRowsResponse"]
        assert told["rowCount"] == len(file)
        assert [row["document"] for row in told["rowData"]] == [row["document"] for row in file]
