"""What one colleague sent is sent again by every other, by a screen and by nobody: each gets their own, and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from werkzeug.test import Client, TestResponse

from app.services import displays, embeds, named_sets, notes, tokens
from app.services.embeds import Wanted
from app.web import frames
from app.web.guard import OPEN_PLACES
from app.web.screens import HEADER
from tests.conftest import SOAK, Tally
from tests.sweep.browser import Browser
from tests.sweep.company import COLLEAGUES, CONTACT_HIDDEN, DEALS, WORD, contact_words, deals_in, tables, words_of
from tests.sweep.conftest import Company, Opened
from tests.sweep.recording import API, JSON, Act, Things, keep_things, own_customer, record
from tests.sweep.script import EVER, Script, keys_of

SIGNED_IN = [name for name in COLLEAGUES if name != "ines"]
RECORDED = SIGNED_IN if SOAK else ["erin", "remy", "tess", "amy", "sam", "otto"]
"""Whose requests are sent again: one of each kind of scope; with `make soak` everybody's."""
CALLERS = [name for name in SIGNED_IN if SOAK or name not in ("dirk", "fay", "rhea")]
"""Who sends them: with `make soak` also those whose role sees what another one's does."""
NOBODYS = frozenset({"users", "roles", "audit", "ingest", "members", "dashboards", "metrics"})
"""Lists of the API that are the company's and nobody's own."""
_NET_SALES = re.compile(r'"net_sales(?:@last-year|@previous)?"\s*:\s*"(-?\d+(?:\.\d+)?)"')


@pytest.fixture(scope="module")
def kept(open_company: Opened) -> Company:
    """A company of this module's own, in which everybody keeps something."""
    return open_company(tables(), graphql="1", mcp="1", api_per_minute="0")


@pytest.fixture(scope="module")
def things(kept: Company) -> dict[str, Things]:
    """What everybody keeps."""
    return {name: keep_things(kept, name, files=name in RECORDED) for name in SIGNED_IN}


@pytest.fixture(scope="module")
def recorded(kept: Company, things: dict[str, Things]) -> dict[str, list[Act]]:
    """What was sent, by who sent it."""
    script = Script(kept.browser("ada").dependencies, kept.house.dashboards)
    return {name: record(kept, script, things[name]) for name in RECORDED}


def sent(client: Client, act: Act, headers: dict[str, str]) -> TestResponse:
    """An act as this client sends it."""
    given = {**dict(act.headers), **headers}
    if act.body:
        return client.open(act.path, method=act.method, data=act.body, content_type=JSON, headers=given)
    return client.open(act.path, method=act.method, data=dict(act.fields) or None, headers=given)


def as_colleague(kept: Company, things: Things, act: Act) -> TestResponse:
    """An act as a colleague sends it: from the browser, or by a program with all that its token may."""
    if act.is_for_programs and things.token:
        return sent(kept.server.test_client(), act, {"Authorization": f"Bearer {things.token}"})
    browser = kept.browser(things.name)
    return sent(browser.client, act, {} if act.method == "GET" else {"X-CSRFToken": browser.token})


def told(came: TestResponse, act: Act) -> set[str]:
    """The made-up words of an answer that were not in what was sent."""
    return set(WORD.findall(came.get_data().decode(errors="replace"))) - set(WORD.findall(act.text))


def near(text: str, words: set[str]) -> list[str]:
    """Where words stand that should not."""
    return [text[max(0, text.index(each) - 120) : text.index(each) + 40] for each in sorted(words)[:4]]


def allowed(name: str, things: dict[str, Things]) -> frozenset[str]:
    """The words that are a colleague's to read; administrators read the names of everything that is kept."""
    words = words_of(COLLEAGUES[name].deals)
    mine = words - contact_words() if name in CONTACT_HIDDEN else words
    if COLLEAGUES[name].role == "administrator":
        return mine.union(*(each.words for each in things.values()))
    # A note is there for all who see its customer.
    seen = {each.word("note") for each in things.values() if own_customer(each.name) in words}
    # A comment is there for all who see the rows that it was written about.
    seen |= {each.word("comment") for each in things.values() if COLLEAGUES[each.name].deals <= COLLEAGUES[name].deals}
    return mine | things[name].words | seen


CAPABLE = ("filter", "drill", "rows", "export")
"""All that a frame may be let to."""
QUESTIONS = ("/graphql", "/mcp", f"{API}/query")
"""Where figures, lines and names are asked for."""


def test_the_record_is_of_requests_that_get_answers(
    kept: Company, things: dict[str, Things], recorded: dict[str, list[Act]], before: dict[str, dict[str, bytes]]
) -> None:
    for name in (each for each in before if COLLEAGUES[each].deals):
        asked = [act for act in recorded[name] if act.path in QUESTIONS and act.method == "POST"]
        assert len(asked) == 5
        for act in asked:
            came = as_colleague(kept, things[name], act)
            assert came.status_code == 200, (name, act.path, came.text)
            assert told(came, act) or act.path == f"{API}/query", (name, act.path, act.body, came.text)
        pages = {act.path for act in recorded[name] if not act.is_for_programs}
        assert {"/account/tokens", "/reports", "/alerts", "/schedules", "/webhooks"} <= pages
        assert len([act for act in recorded[name] if act.owned]) > 25, name


def test_the_record_reaches_every_list_of_the_api(
    kept: Company, things: dict[str, Things], before: dict[str, dict[str, bytes]]
) -> None:
    ada = things["ada"]
    document = as_colleague(kept, ada, Act("GET", f"{API}/openapi.json")).get_json()["paths"]
    held = {path.removeprefix(API).split("/")[1] for found in before.values() for path in found}
    lists = {
        path.removeprefix(API).split("/")[1] for path in document if path.endswith("}") and "get" in document[path]
    }
    assert lists - held - NOBODYS == set()


@pytest.mark.parametrize("name", CALLERS)
def test_whose_ever_request_it_was_everybody_gets_only_what_is_theirs(
    kept: Company,
    things: dict[str, Things],
    recorded: dict[str, list[Act]],
    before: dict[str, dict[str, bytes]],
    name: str,
    count: Tally,
) -> None:
    assert before
    mine, deals = allowed(name, things), COLLEAGUES[name].deals
    for other, act in acts(recorded, to=name):
        came = as_colleague(kept, things[name], act)
        count("requests sent again by somebody else")
        asked = f"{name} sends {other}'s {act.method} {act.path}: {came.status_code}"
        assert came.status_code < 500, asked
        assert not told(came, act) - mine, (asked, act.body, near(came.text, told(came, act) - mine))
        if "currency=" not in act.path:
            for amount in _NET_SALES.findall(came.get_data().decode(errors="replace")):
                assert deals_in(Decimal(amount)) <= deals, asked


def acts(recorded: dict[str, list[Act]], to: str) -> Iterator[tuple[str, Act]]:
    """What others sent about their own things, and once what everybody sends; administrators end nothing."""
    common: set[Act] = set()
    for other, sequence in recorded.items():
        for act in sequence:
            if act.owned and other != to and (act.method == "GET" or COLLEAGUES[to].role != "administrator"):
                yield other, act
            elif not act.owned and act not in common:
                common.add(act)
                yield other, act


def test_nobody_changed_or_reaches_what_a_colleague_keeps(
    kept: Company, things: dict[str, Things], recorded: dict[str, list[Act]], before: dict[str, dict[str, bytes]]
) -> None:
    for owner in before:
        after = state(kept, things[owner], recorded[owner])
        assert {path: (after.get(path), held) for path, held in before[owner].items() if after.get(path) != held} == {}
        assert len(after) >= 7 or not COLLEAGUES[owner].deals, "the record reaches what is kept"
        for path in after:
            for name in SIGNED_IN:
                if name != owner and COLLEAGUES[name].role != "administrator":
                    came = as_colleague(kept, things[name], Act("GET", path))
                    assert came.status_code in (403, 404), (name, owner, path)


@pytest.fixture(scope="module")
def before(kept: Company, things: dict[str, Things], recorded: dict[str, list[Act]]) -> dict[str, dict[str, bytes]]:
    """What is kept before anything is sent again, by whose it is."""
    return {name: state(kept, things[name], recorded[name]) for name in RECORDED if things[name].token}


def state(kept: Company, things: Things, sequence: list[Act]) -> dict[str, bytes]:
    """The own things with an address of the API as they are now; and that those without one are as they were made."""
    house, owner = kept.house, kept.house.viewer_named(COLLEAGUES[things.name].email)
    with house.database.read() as session:
        assert things.word("set") in [each.name for each in named_sets.listed(session, owner) if each.is_mine]
        assert all(each.revoked_at is None for each in tokens.listed(session, owner))
        if "display" in things.ids:
            assert all(each.revoked_at is None for each in displays.listed(session, owner))
        if "note" in things.ids:
            listed = notes.listed(session, owner, own_customer(things.name), house.sees_customer)
            assert [each.text for each in listed if each.is_mine] == [things.word("note")]
    found = {}
    for act in sequence:
        if act.owned and act.method == "GET" and act.is_for_programs:
            came = as_colleague(kept, things, act)
            assert came.status_code == 200, (act.path, came.text)
            found[act.path] = came.get_data()
    return found


def every(recorded: dict[str, list[Act]]) -> list[Act]:
    """All that was sent, each once, but for what is open to all and looks at a token of its own."""
    sequence = dict.fromkeys(act for acts in recorded.values() for act in acts)
    return [act for act in sequence if not act.path.startswith(tuple(OPEN_PLACES))]


def strangers(kept: Company, things: dict[str, Things]) -> dict[str, dict[str, str]]:
    """Headers of those who are nobody: without anything, and with what is no token or no longer one."""
    with kept.house.database.write() as session:
        gone, text = tokens.make(session, "cli", owner=COLLEAGUES["erin"].email, name="Gone", scopes=["read", "rows"])
        tokens.revoke(session, "cli", gone.id)
    return {
        "anonymous": {},
        "revoked": {"Authorization": f"Bearer {text}"},
        "tampered": {"Authorization": f"Bearer {things['erin'].token[:-1]}!"},
        "foreign screen": {HEADER: "A" * 43},
    }


def test_nobody_gets_anything_for_anybodys_requests(
    kept: Company, things: dict[str, Things], recorded: dict[str, list[Act]], count: Tally
) -> None:
    who = strangers(kept, things)
    for at, act in enumerate(every(recorded)):
        # Without anything all of it; each of the others its share, or it all.
        for name in who if SOAK else ("anonymous", [*who][at % len(who)]):
            came = sent(kept.server.test_client(), act, who[name])
            count("requests sent again by nobody")
            assert came.status_code in (302, 401, 404), (name, act.method, act.path, came.status_code)
            assert not told(came, act), (name, act.path)


def test_a_token_opens_no_page_and_no_callback_whose_ever_they_are(
    kept: Company, things: dict[str, Things], recorded: dict[str, list[Act]], count: Tally
) -> None:
    bearer = {"Authorization": f"Bearer {things['erin'].token}"}
    for act in (each for each in every(recorded) if not each.is_for_programs):
        came = sent(kept.server.test_client(), act, bearer)
        count("requests sent again with a token in the wrong place")
        assert came.status_code == 401, act.path
        assert not told(came, act), act.path


def guests(kept: Company, view: str) -> Iterator[tuple[str, Client, dict[str, str]]]:
    """A screen and a frame on another site, each with one region, as they come in: by a token, without a session."""
    erin, region = kept.house.viewer_named(COLLEAGUES["erin"].email), keys_of(DEALS[0])["region"]
    with kept.house.database.write() as session:
        _, token = displays.grant(session, erin, name="Hall", view=f"{view}&region={region}")
        wanted = Wanted("Portal", view, ["https://portal.example.com"], rule={"region": [region]}, capabilities=CAPABLE)
        grant = embeds.grant(session, erin, wanted).id
    screen = Browser(kept.server)
    assert screen.client.get(f"/screen/{token}").status_code == 200
    yield f"{view}&region={region}", screen.client, {HEADER: token, "X-CSRFToken": screen.token}
    frame = kept.server.test_client()
    came = frame.post(f"/embed/{grant}/token", json={})
    assert came.status_code == 200
    yield view, frame, {frames.HEADER: came.get_json()["token"]}


def test_guests_see_what_was_granted_and_nothing_by_anybodys_requests(
    kept: Company, recorded: dict[str, list[Act]], count: Tally
) -> None:
    seen = words_of(deal.at for deal in DEALS if deal.region == "remy") - contact_words()
    script = Script(kept.browser("ada").dependencies, kept.house.dashboards)
    for view, client, headers in guests(kept, f"/d/sales{EVER}"):
        panel = script.call("answer", view, {"dashboard": "sales", "panel": "by-month"})
        own = Act("POST", panel.path, panel.payload)
        came = sent(client, own, headers)
        assert (came.status_code, "Net sales by month" in came.text) == (200, True), came.text[:900]
        for act in every(recorded):
            came = sent(client, act, headers)
            count("requests sent again by a guest")
            assert came.status_code < 500, act.path
            assert told(came, act) <= seen, (act.path, act.body, near(came.text, told(came, act) - seen))
            if not act.path.startswith(("/_dash", "/stand", "/d/")):
                assert came.status_code in (401, 403, 404), (act.path, came.status_code)
