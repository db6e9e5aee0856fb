"""A member of somebody else's is, to those who may not see it, a member that does not exist."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from layouts.screen.filters import LEVELS
from tests.sweep.browser import Answer, Browser, Request
from tests.sweep.company import COLLEAGUES, DEALS, Deal
from tests.sweep.conftest import Company
from tests.sweep.script import EVER, Script, keys_of

FOREIGN_TO = {"sam": DEALS[6], "remy": DEALS[6], "tess": DEALS[6], "amy": DEALS[6], "theo": DEALS[2], "rhea": DEALS[2]}
NOWHERE = "zqqqqqqqqq"
"""A key as keys are, of no member of any company."""


def known_to_both(level: str, name: str, deal: Deal) -> bool:
    """Whether the colleague sees another deal with the same member."""
    key = keys_of(deal)[level]
    return any(keys_of(each).get(level) == key for each in DEALS if each.at in COLLEAGUES[name].deals)


def asked(script: Script, key: str, level: str, *, drills: bool) -> list[Request]:
    """Everything one can ask about a member by address."""
    name = "document_currency" if level == "currency" else level
    part = f"drill={level}:{quote(key, safe='')}" if drills else f"{name}={quote(key, safe='')}"
    view = f"/d/overview{EVER}&{part}"
    place = {"dashboard": "overview", "panel": "top-customers"}
    return [
        script.arrival(view),
        script.call("answer", view, place),
        script.call("explain", view, explain_asked={"panel": "top-customers"}),
        script.grid(view),
        Request(f"/d/overview/net-sales.csv{EVER}&{part}"),
        Request(f"/d/overview/net-sales.rows.csv{EVER}&{part}"),
    ]


def without(key: str, answer: Answer) -> tuple[int, str]:
    """An answer but for the key that was said back."""
    return answer.status, answer.body.replace(quote(key, safe=""), "KEY").replace(key, "KEY")


def answers(browser: Browser, requests: list[Request], key: str) -> list[tuple[int, str]]:
    """What comes back, but for the key."""
    return [without(key, browser.send(request)) for request in requests]


@pytest.mark.parametrize("drills", [True, False], ids=["drilled", "filtered"])
@pytest.mark.parametrize("name", FOREIGN_TO)
def test_a_link_to_a_foreign_member_is_a_link_to_nobody(
    company: Company, script: Script, name: str, drills: bool
) -> None:
    deal, browser = FOREIGN_TO[name], company.browser(name)
    foreign = [level for level in (*LEVELS, "document", "line") if not known_to_both(level, name, deal)]
    assert {"customer", "document", "line"} <= set(foreign)
    nowhere = {level: answers(browser, asked(script, NOWHERE, level, drills=drills), NOWHERE) for level in foreign[::3]}
    for level, wanted in nowhere.items():
        key = keys_of(deal)[level]
        assert answers(browser, asked(script, key, level, drills=drills), key) == wanted, level


def test_the_same_link_shows_the_member_to_those_who_may_see_it(company: Company, script: Script) -> None:
    customer = keys_of(DEALS[6])["customer"]
    for name in ("erin", "theo"):
        [*_, lines] = (company.browser(name).send(each) for each in asked(script, customer, "customer", drills=True))
        assert len(lines.body.splitlines()) > 1
