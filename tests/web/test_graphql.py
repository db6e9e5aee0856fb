"""GraphQL: programs ask in their owner's rows; what is too much or not theirs is refused with a sentence."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from graphql import build_schema, get_introspection_query
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app.assembly import House
from app.factory import create_app
from app.services import accounts, tokens
from app.web.graphql.limits import LARGEST_PAGE, MOST_ALIASES
from tests.sweep.browser import Browser
from tests.sweep.company import (
    COLLEAGUES,
    CONTACT_HIDDEN,
    COST_HIDDEN,
    PASSWORD,
    WORD,
    contact_words,
    key,
    open_house,
    tables,
    words_of,
)
from tests.web.asked import asked_at_the_command_line

WITH_TOKENS = [name for name in COLLEAGUES if name not in ("otto", "ines")]

EVERYTHING = """{
  me { name role permissions hidden }
  catalogue { metrics { id title definition dimensions } dimensions { id title definition } }
  byRegion: query(metrics: ["net_sales", "orders"], by: ["region"], limit: 9) {
    rows { cells { column value key } } totals { cells { value } } others { cells { value } } notes
  }
  byCustomer: query(metrics: ["net_sales"], by: ["customer"], limit: 20) { rows { cells { value key } } }
  customers(first: 9) { totalCount nodes {
    id key name type industry segment regions { name }
    figures(metrics: ["net_sales"]) { value }
    products(first: 2) { totalCount nodes { name category { name } } }
    reps(first: 2) { nodes { name teams { name } } } } }
  products(first: 5) { nodes { name category { name } subcategory { name } customers(first: 2) { nodes { name } } } }
  reps(first: 5) { nodes { name teams { name } customers(first: 2) { nodes { name } } } }
  members(dimension: "team") { nodes { key name } totalCount }
  dashboards { id title panels { id } }
  savedViews { name } reports { name }
}"""
CONTACT = "{ customers(first: 20) { nodes { name email phone } } }"
LINES = """{ orderLines(first: 50) { totalCount nodes {
  day document { name } customer { name } product { name } rep { name } amount
  member(dimension: CAMPAIGN) { name } } } }"""
DASHBOARD = """{ dashboard(id: "overview", period: "all") {
  sentences panels { title finding answer { rows { cells { value key } } } } } }"""


@dataclass
class Company:
    """A company that answers GraphQL, and its people's tokens."""

    house: House
    server: Flask
    home: Path
    tokens: dict[str, str]

    def token(self, name: str, *scopes: str) -> str:
        """A colleague's token; the usual one may read, and see rows where the role does."""
        wanted = ",".join((name, *scopes))
        if wanted not in self.tokens:
            with self.house.database.write() as session:
                chosen = scopes or ("read", "rows")
                made = tokens.make(
                    session, "cli", owner=COLLEAGUES[name].email, name=wanted[:100], scopes=chosen, days=30
                )
                self.tokens[wanted] = made[1]
        return self.tokens[wanted]

    def post(self, name: str, body: Any, **headers: str) -> TestResponse:
        """What the server answers to a body sent with a colleague's token."""
        given = {"Authorization": f"Bearer {self.token(name)}", "Content-Type": "application/json", **headers}
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        return self.server.test_client().post("/graphql", data=data, headers=given)

    def ask(self, name: str, document: str, **variables: Any) -> dict[str, Any]:
        """The data of a question that is answered whole."""
        came = self.post(name, {"query": document, "variables": variables})
        told = came.get_json()
        assert came.status_code == 200, told
        assert "errors" not in told, told["errors"]
        return told["data"]

    def refusals(self, name: str, document: str, **variables: Any) -> tuple[int, list[str]]:
        """The status and the sentences of a question that is refused, in part or whole."""
        came = self.post(name, {"query": document, "variables": variables})
        return came.status_code, [each["message"] for each in came.get_json()["errors"]]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, cheap_hashing: None) -> Iterator[Company]:
    """The whole company, with GraphQL switched on."""
    home = tmp_path_factory.mktemp("graph")
    house = open_house(home, tables(), graphql="1")
    yield Company(house, create_app(house), home, {})
    house.close()


# ---- who asks ----


def test_it_is_off_until_it_is_switched_on(tmp_path: Path, cheap_hashing: None) -> None:
    house = open_house(tmp_path, tables())
    with house.database.write() as session:
        _, token = tokens.make(session, "cli", owner=COLLEAGUES["ada"].email, name="a", scopes=["read"])
    client = create_app(house).test_client()
    came = client.post("/graphql", json={"query": "{me{name}}"}, headers={"Authorization": f"Bearer {token}"})
    house.close()
    assert came.status_code in (404, 405)
    assert "errors" not in came.get_json()


def test_nobody_gets_in_without_a_token_or_a_session(company: Company) -> None:
    client = company.server.test_client()
    for headers in ({}, {"Authorization": "Bearer sal_" + "a" * 50}, {"Authorization": "Basic YTpi"}):
        for came in (
            client.post("/graphql", json={"query": "{me{name}}"}, headers=headers),
            client.get("/graphql", headers=headers),
            client.get("/graphql/schema", headers=headers),
        ):
            assert came.status_code == 401
            assert not WORD.search(came.text)


def test_otto_is_told_that_his_role_does_not_allow_it(company: Company) -> None:
    browser = Browser(company.server)
    browser.sign_in(COLLEAGUES["otto"].email, PASSWORD)
    browser.client.get("/")
    for document in ("{me{name}}", "{__schema{types{name}}}", LINES):
        came = browser.client.post("/graphql", json={"query": document}, headers={"X-CSRFToken": browser.token})
        assert came.status_code == 403
        assert came.get_json()["errors"][0]["message"] == "Your role does not allow this."
    assert browser.client.get("/graphql/schema").status_code == 403


def test_a_session_asks_with_the_proof_that_the_page_is_ours(company: Company) -> None:
    browser = Browser(company.server)
    browser.sign_in(COLLEAGUES["sam"].email, PASSWORD)
    browser.client.get("/")
    bare = browser.client.post("/graphql", json={"query": "{me{name}}"})
    proven = browser.client.post("/graphql", json={"query": "{me{name}}"}, headers={"X-CSRFToken": browser.token})
    assert bare.status_code == 400
    assert proven.get_json() == {"data": {"me": {"name": "Sam"}}}


def test_a_token_that_ends_while_a_program_asks_ends_with_the_next_question(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    with company.house.database.write() as session:
        card, token = tokens.make(session, "cli", owner=COLLEAGUES["dirk"].email, name="soon gone", scopes=["read"])
        _, short = tokens.make(
            session,
            "cli",
            owner=COLLEAGUES["dirk"].email,
            name="over",
            scopes=["read"],
            days=1,
            now=datetime.now(UTC) - timedelta(days=2),
        )
    client = company.server.test_client()

    def status(with_token: str) -> int:
        headers = {"Authorization": f"Bearer {with_token}"}
        return client.post("/graphql", json={"query": "{me{name}}"}, headers=headers).status_code

    assert (status(token), status(short)) == (200, 401)
    with company.house.database.write() as session:
        tokens.revoke(session, "cli", card.id)
    assert status(token) == 401


def test_rights_that_change_count_from_the_next_question(tmp_path: Path, cheap_hashing: None) -> None:
    house = open_house(tmp_path, tables(), graphql="1")
    own = Company(house, create_app(house), tmp_path, {})
    assert own.ask("erin", '{members(dimension: "rep"){totalCount}}')["members"]["totalCount"] == 5
    with house.database.write() as session:
        accounts.change_rights(
            session, house.local_administrator(), COLLEAGUES["erin"].email, role="rep", rep_key=key("rep", "sam")
        )
    assert own.ask("erin", '{members(dimension: "rep"){nodes{key}}}')["members"]["nodes"] == [
        {"key": key("rep", "sam")}
    ]
    with house.database.write() as session:
        accounts.disable_user(session, house.local_administrator(), COLLEAGUES["erin"].email)
    assert own.post("erin", {"query": "{me{name}}"}).status_code == 401
    house.close()


def test_a_token_without_the_scope_rows_sees_no_line(company: Company) -> None:
    token = company.token("ada", "read")
    client = company.server.test_client()
    for document in (
        "{ orderLines { totalCount } }",
        '{ query(metrics: ["net_sales"], by: ["document"]) { currency } }',
        '{ query(metrics: ["net_sales"], where: [{dimension: "line", members: ["x"]}]) { currency } }',
        '{ members(dimension: "line") { totalCount } }',
        "{ customers(first: 1) { nodes { orderLines { totalCount } } } }",
        (
            '{ customers(first: 1) { nodes { figures(metrics: ["net_sales"], where: '
            '[{dimension: "document", members: ["x"]}]) { value } } } }'
        ),
    ):
        came = client.post("/graphql", json={"query": document}, headers={"Authorization": f"Bearer {token}"})
        assert [each["message"] for each in came.get_json()["errors"]] == ["Your role does not allow this."], document


# ---- whose rows, which columns ----


@pytest.mark.parametrize("name", WITH_TOKENS)
def test_nobody_reads_a_word_that_is_not_theirs(company: Company, name: str) -> None:
    mine = words_of(COLLEAGUES[name].deals)
    if name in CONTACT_HIDDEN:
        mine -= contact_words()
    for document in (EVERYTHING, CONTACT, LINES, DASHBOARD):
        came = company.post(name, {"query": document})
        assert came.status_code == 200, came.text
        told = set(WORD.findall(came.text))
        assert told <= mine, (document, told - mine)
        if COLLEAGUES[name].deals:
            refused = document is CONTACT and name in CONTACT_HIDDEN
            assert told or refused


@pytest.mark.parametrize("name", [name for name in WITH_TOKENS if COLLEAGUES[name].deals])
def test_hidden_columns_are_refused_however_they_are_asked_for(company: Company, name: str) -> None:
    cost = (
        '{ query(metrics: ["cost"]) { currency } }',
        '{ query(metrics: ["margin_rate"], by: ["region"]) { currency } }',
        '{ customers(first: 2) { nodes { figures(metrics: ["cost"]) { value } } } }',
        "{ orderLines(first: 2) { nodes { amount(of: COST) } } }",
        "{ orderLines(first: 2) { nodes { amount(of: MARGIN) } } }",
    )
    for document in cost:
        told = company.post(name, {"query": document}).get_json()
        assert ("errors" in told) == (name in COST_HIDDEN), (document, told)
    for column in ("email", "phone"):
        told = company.post(name, {"query": f"{{ customers(first: 2) {{ nodes {{ {column} }} }} }}"}).get_json()
        assert ("errors" in told) == (name in CONTACT_HIDDEN), told
    ids = {each["id"] for each in company.ask(name, "{catalogue{metrics{id}}}")["catalogue"]["metrics"]}
    assert ("cost" in ids) == (name not in COST_HIDDEN)


def test_somebody_elses_member_is_like_one_that_does_not_exist(company: Company) -> None:
    foreign, missing = key("customer", "harbour"), "zqaaaaaaaa"
    for document in (
        '{ node(id: "customer:KEY") { id } }',
        '{ customers(where: [{dimension: "customer", members: ["KEY"]}]) { totalCount } }',
        '{ query(metrics: ["net_sales"], where: [{dimension: "customer", members: ["KEY"]}]) { currency } }',
        '{ members(dimension: "customer", search: "KEY") { totalCount nodes { name } } }',
    ):
        answers = []
        for each in (foreign, missing):
            came = company.post("sam", {"query": document.replace("KEY", each)})
            told = came.get_json()
            for error in told.get("errors", ()):
                error["extensions"].pop("reference")
            # The nearest is one of his own, whatever he writes.
            said = re.sub(r" The nearest is '\w+'\.", "", json.dumps(told).replace(each, "KEY"))
            answers.append((came.status_code, said))
        assert answers[0] == answers[1], document
        assert set(WORD.findall(str(answers))) <= words_of(COLLEAGUES["sam"].deals)


# ---- the same figures ----


@pytest.mark.parametrize("name", ["ada", "remy", "tess", "sam", "amy", "mia"])
@pytest.mark.parametrize(
    ("metrics", "by", "period", "versus"),
    [
        ("net_sales,orders", "", "all", ""),
        ("net_sales,orders", "region", "2026", "last-year"),
        ("net_sales", "customer", "2025..2026", ""),
        ("average_order_value", "team,year", "all", ""),
    ],
)
def test_figures_are_those_of_the_command_line(
    company: Company, name: str, metrics: str, by: str, period: str, versus: str
) -> None:
    told = asked_at_the_command_line(company.house, COLLEAGUES[name].email, metrics, by, period, versus)
    data = company.ask(
        name,
        """query($metrics: [ID!]!, $by: [ID!], $period: String!, $versus: [String!]) {
          query(metrics: $metrics, by: $by, period: $period, versus: $versus) {
            rows { cells { column value key } } totals { cells { column value } }
            currency provenance { generation } } }""",
        metrics=metrics.split(","),
        by=by.split(",") if by else [],
        period=period,
        versus=[versus] if versus else [],
    )["query"]

    def plain(value: Any) -> str | None:
        found = value["name"] if isinstance(value, dict) else value
        return None if found is None else str(found)

    rows = [{cell["column"]: cell["value"] for cell in row["cells"]} for row in data["rows"]]
    assert rows == [{column: plain(value) for column, value in row.items()} for row in told["rows"]]
    assert (data["currency"], data["provenance"]["generation"]) == (told["currency"], told["generation"])


def test_figures_of_customers_are_those_of_the_question(company: Company) -> None:
    told = asked_at_the_command_line(company.house, COLLEAGUES["ada"].email, "net_sales", "customer", "2026", "")
    nodes = company.ask(
        "ada",
        '{customers(first: 50, period: "2026"){nodes{key figures(metrics: ["net_sales"], period: "2026"){value}}}}',
    )["customers"]["nodes"]
    wanted = {
        row["customer"]["key"]: row["net_sales"]
        for row in told["rows"]
        if row["customer"]["key"] in {n["key"] for n in nodes}
    }
    assert len(nodes) > 5
    assert {node["key"]: node["figures"][0]["value"] for node in nodes} == wanted


def test_lines_add_up_to_what_the_question_says(company: Company) -> None:
    whole: list[Decimal] = []
    after, pages = None, 0
    while True:
        data = company.ask(
            "sam",
            "query($after: String) { orderLines(first: 5, after: $after)"
            " { totalCount nodes { amount(of: NET_SALES) } pageInfo { hasNextPage endCursor } } }",
            after=after,
        )["orderLines"]
        whole += [Decimal(node["amount"]) for node in data["nodes"]]
        pages += 1
        if not data["pageInfo"]["hasNextPage"]:
            break
        after = data["pageInfo"]["endCursor"]
    told = asked_at_the_command_line(company.house, COLLEAGUES["sam"].email, "net_sales", "", "all", "")
    assert (len(whole), pages) == (data["totalCount"], 5)
    assert sum(whole) == Decimal(told["rows"][0]["net_sales"])


# ---- pages ----


def test_pages_of_customers_hold_each_of_them_once(company: Company) -> None:
    seen: list[str] = []
    after = None
    while True:
        data = company.ask(
            "ada",
            "query($after: String) { customers(first: 3, after: $after)"
            " { totalCount nodes { key } pageInfo { hasNextPage endCursor } } }",
            after=after,
        )["customers"]
        seen += [node["key"] for node in data["nodes"]]
        after = data["pageInfo"]["endCursor"]
        if not data["pageInfo"]["hasNextPage"]:
            break
    assert seen == sorted(set(seen))
    assert len(seen) == data["totalCount"]


def test_a_cursor_of_another_list_or_of_ones_own_making_is_refused(company: Company) -> None:
    cursor = company.ask("ada", "{customers(first: 1){pageInfo{endCursor}}}")["customers"]["pageInfo"]["endCursor"]
    for after in (cursor, "bm9uZQ", "💥", "x" * 9_000):
        status, sentences = company.refusals("ada", "query($a: String){reps(after: $a){totalCount}}", a=after)
        assert (status, sentences) == (200, ["This is no cursor of this list: begin again without one."])
    for first in (0, -1, LARGEST_PAGE + 1):
        _, sentences = company.refusals("ada", "query($n: Int!){reps(first: $n){totalCount}}", n=first)
        assert sentences == [f"A page has 1 to {LARGEST_PAGE} things."]


def test_a_page_of_customers_costs_a_question_a_kind_and_not_one_each(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = """query($n: Int!) { customers(first: $n, where: WHERE) { nodes { name email
      figures(metrics: ["net_sales"]) { value } products(first: 2) { nodes { name category { name } } }
      orderLines(first: 2) { nodes { amount } } } } }"""
    counts: list[int] = []
    with company.house.engine.snapshot() as snapshot:
        kind = type(snapshot)
    fetch = kind.fetch

    def counted(self: Any, *given: Any, **named: Any) -> Any:
        counts[-1] += 1
        return fetch(self, *given, **named)

    monkeypatch.setattr(kind, "fetch", counted)
    for year, n in ((2025, 2), (2026, 8)):
        counts.append(0)
        where = f'[{{dimension: "year", members: ["{year}"]}}]'
        data = company.ask("ada", document.replace("WHERE", where), n=n)
        assert len(data["customers"]["nodes"]) == n
    few, many = counts
    assert many <= few + 4, counts


# ---- too much ----


FLOOD = "{" + " ".join(f"a{at}: me {{ name }}" for at in range(MOST_ALIASES + 1)) + "}"
DEEP = (
    "{ customers(first: 1) { nodes { "
    + "products(first: 1) { nodes { customers(first: 1) { nodes { " * 3
    + "name"
    + " } } } }" * 3
    + " } } }"
)
CHAIN = (
    "{ ...f0 } "
    + " ".join(f"fragment f{at} on Query {{ ...f{at + 1} }}" for at in range(60))
    + "fragment f60 on Query { me { name } }"
)
DOUBLING = (
    "{ ...f0 } "
    + " ".join(f"fragment f{at} on Query {{ ...f{at + 1} ...f{at + 1} }}" for at in range(40))
    + 'fragment f40 on Query { query(metrics: ["net_sales"]) { currency } }'
)
TOO_MUCH = {
    "aliases": (FLOOD, "A question uses at most 30 aliases."),
    "depth": (DEEP, "Fields stand in each other"),
    "brackets": ("{" * 5_000, "Fields stand in each other"),
    "lists": ("{ query(metrics: " + "[" * 3_000, "Fields stand in each other"),
    "length": ("{ me { name } }" + " " * 30_000, "A question has at most 20,000 characters."),
    "tokens": ("{" + " name" * 3_000 + "}", "A question has at most 2,000 words and signs."),
    "fields": ("{ me {" + " name" * 500 + "} }", "A question names at most 400 fields."),
    "pages": (
        "{ customers(first: 200) { nodes { products(first: 200) { nodes { name } } } } }",
        "This question costs more",
    ),
    "fragments": (CHAIN, "A document has at most 50 fragments."),
    "doubling": (DOUBLING, "This question costs more"),
    "operations": (
        " ".join(f"query q{at} {{ me {{ name }} }}" for at in range(11)),
        "A document has at most 10 operations.",
    ),
}


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_what_is_too_much_is_refused_before_anything_is_read(company: Company, kind: str) -> None:
    document, sentence = TOO_MUCH[kind]
    began = time.process_time()
    status, sentences = company.refusals("ada", document)
    assert status == 413
    assert len(sentences) == 1
    assert sentences[0].startswith(sentence)
    assert time.process_time() - began < 5


def test_a_page_that_a_variable_makes_long_is_counted(company: Company) -> None:
    document = "query($n: Int!) { customers(first: $n) { nodes { products(first: $n) { nodes { name } } } } }"
    assert company.refusals("ada", document, n=200)[0] == 413
    assert company.refusals("ada", document, n=200.0)[0] == 413
    assert company.ask("ada", document, n=3)["customers"]["nodes"]
    for odd in (10**30, "3", 1.5, None, True):
        status, sentences = company.refusals("ada", document, n=odd)
        assert (status, bool(sentences)) in ((400, True), (413, True)), odd


def test_a_limit_is_counted_once_also_through_fragments(company: Company) -> None:
    one = 'query(metrics: ["net_sales"], by: ["customer"], limit: N) { ...rows } }'
    fragment = " fragment rows on Answer { rows { cells { column value key missing } } }"
    assert company.ask("ada", "{" + one.replace("N", "1500") + fragment)["query"]["rows"]
    both = "{ small: " + one.replace("N", "5").removesuffix("}") + "large: " + one.replace("N", "9000") + fragment
    assert company.refusals("ada", both)[0] == 413


def test_an_answer_with_too_many_rows_is_an_error_and_no_cut(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.graphql.schema.MOST_ROWS", 3)
    _, sentences = company.refusals("ada", '{query(metrics: ["net_sales"], by: ["customer"]){currency}}')
    assert sentences[0].endswith("rows, and 3 are the most: ask with a limit, a filter or fewer dimensions.")


BODIES = {
    "a batch": b'[{"query": "{me{name}}"}]',
    "doubled names": b'{"query": "{me{name}}", "query": "{me{role}}"}',
    "doubled inside": b'{"query": "{me{name}}", "variables": {"a": 1, "a": 2}}',
    "NaN": b'{"query": "{me{name}}", "variables": {"a": NaN}}',
    "Infinity": b'{"query": "{me{name}}", "variables": {"a": 1e999}}',
    "half a character": b'{"query": "{me{name}}", "variables": {"a": "\\ud800"}}',
    "a zero": b'{"query": "{me{name}}", "variables": {"a": "\\u0000"}}',
    "no JSON": b"{me{name}}",
    "bytes": b"\xff\xfe\x00",
    "nothing": b"",
    "a text": b'"{me{name}}"',
    "no question": b'{"query": null}',
    "another part": b'{"query": "{me{name}}", "as": "ada@salient.example"}',
    "variables in a list": b'{"query": "{me{name}}", "variables": []}',
    "a number for a name": b'{"query": "{me{name}}", "operationName": 1}',
    "a syntax error": b'{"query": "{me{name}"}',
    "an unknown field": b'{"query": "{secrets}"}',
    "an unknown operation": b'{"query": "query a {me{name}}", "operationName": "b"}',
}


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_that_is_no_plain_question_is_refused_with_a_sentence(company: Company, kind: str) -> None:
    came = company.post("ada", BODIES[kind])
    assert came.status_code == 400
    assert [bool(each["message"]) for each in came.get_json()["errors"]] == [True]


def test_a_body_too_big_or_too_deep_is_refused(company: Company) -> None:
    for body in (b'{"query": "' + b" " * 70_000 + b'"}', b'{"query": "{me{name}}", "variables": ' + b"[" * 30_000):
        assert company.post("ada", body).status_code == 413
    given = {"Authorization": f"Bearer {company.token('ada')}", "Content-Type": "application/json"}
    endless = io.BytesIO(b" " * 9_000_000)
    unsaid = {"wsgi.input_terminated": True}
    client = company.server.test_client()
    came = client.post("/graphql", headers=given, input_stream=endless, environ_overrides=unsaid)
    assert came.status_code == 413
    assert endless.tell() < 1_000_000


def test_a_question_by_address_or_as_a_form_is_not_answered(company: Company) -> None:
    headers = {"Authorization": f"Bearer {company.token('ada')}"}
    client = company.server.test_client()
    came = client.get("/graphql?query={me{name}}", headers=headers)
    assert (came.status_code, came.headers["Allow"]) == (405, "POST")
    for path in ("/graphql?query=mutation{x}", "/graphql"):
        assert client.get(path, headers=headers).status_code == 405
    assert client.post("/graphql", data={"query": "{me{name}}"}, headers=headers).status_code == 400
    assert company.refusals("ada", "mutation { x }") == (403, ["Nothing is changed here: only questions are answered."])


def test_what_breaks_is_a_number_to_quote_and_no_inside(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr("app.web.graphql.schema.answered", broken)
    came = company.post("ada", {"query": '{me{name} query(metrics: ["net_sales"]){currency}}'})
    told = came.get_json()
    assert came.status_code == 200
    assert told["data"] == {"me": {"name": "Ada"}, "query": None}
    assert told["errors"][0]["message"] == "Something broke on our side. It is noted and will be looked at."
    assert "secret" not in came.text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(
        st.text(max_size=60), st.sampled_from(["{me}", "{me{...", '{node(id:"', "{a:b:c}", "{query}", "{__type}"])
    ),
    variables=st.dictionaries(
        st.text(max_size=5), st.one_of(st.none(), st.integers(), st.text(max_size=9)), max_size=3
    ),
)
def test_no_question_breaks_the_server(company: Company, text: str, variables: dict[str, Any]) -> None:
    came = company.post("sam", {"query": text, "variables": variables})
    assert came.status_code < 500
    assert came.get_json()["errors"]


def test_odd_arguments_are_refused_with_a_sentence(company: Company) -> None:
    for document in (
        "{query(metrics: []){currency}}",
        '{query(metrics: ["net_sales"], period: "yesterweek"){currency}}',
        '{query(metrics: ["net_sales"], by: ["planet"]){currency}}',
        '{query(metrics: ["net_sales"], currency: "XXX"){currency}}',
        '{query(metrics: ["net_sales"], limit: 0){currency}}',
        '{query(metrics: ["net_sales"], versus: ["a", "b", "c"]){currency}}',
        '{query(metrics: ["net_sales"], where: [{dimension: "region", members: []}]){currency}}',
        '{dashboard(id: "nowhere"){title}}',
        '{dashboard(id: "customer"){title}}',
        '{members(dimension: "planet"){totalCount}}',
        '{orderLines(period: "2020-13"){totalCount}}',
    ):
        status, sentences = company.refusals("ada", document)
        assert (status, len(sentences)) == (200, 1), document
        assert sentences[0].endswith("."), document
        assert "broke" not in sentences[0], document


# ---- the schema ----


def test_the_schema_is_there_for_whoever_writes_a_client(company: Company) -> None:
    headers = {"Authorization": f"Bearer {company.token('sam')}"}
    came = company.server.test_client().get("/graphql/schema", headers=headers)
    built = build_schema(came.text)
    assert {"Query", "Customer", "Answer", "OrderLine", "CustomerConnection"} <= set(built.type_map)
    names = {each["name"] for each in company.ask("sam", get_introspection_query())["__schema"]["types"]}
    assert {"Query", "Customer", "Answer", "OrderLine"} <= names


def test_introspection_that_goes_round_is_refused(company: Company) -> None:
    deep = "{__schema{types{fields{type{fields{type{fields{type{fields{name}}}}}}}}}}"
    assert company.refusals("ada", deep) == (400, ["Maximum introspection depth exceeded"])
