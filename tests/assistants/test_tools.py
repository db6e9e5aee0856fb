"""Tools: an assistant asks in its person's rows, gets the figures everybody gets, and is told what to mend."""

from __future__ import annotations

import base64
import json
from typing import Any

import anyio
import hypothesis
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from mcp.client.client import Client
from sqlalchemy import select

from app.assistants import tools
from app.assistants.server import assistant_server
from app.assistants.tools import TOOLS, called
from app.models.event import AuditEvent
from app.values.document import Document
from app.values.errors import Forbidden, NotFound, Refusal, TooBig
from app.values.viewer import Viewer
from layouts.render.formats import FORMATS
from tests.assistants.conftest import WITH_TOKENS, Company, answer_in
from tests.sweep.company import COLLEAGUES, CONTACT_HIDDEN, COST_HIDDEN, WORD, contact_words, key, word, words_of
from tests.web.asked import asked_at_the_command_line

QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("catalogue", {}),
    ("catalogue", {"kind": "metric", "search": "sales"}),
    *(("find_members", {"dimension": level}) for level in ("customer", "product", "rep", "team", "region", "campaign")),
    ("ask", {"metrics": ["net_sales", "orders"]}),
    ("ask", {"metrics": ["net_sales"], "by": ["customer"], "versus": ["last-year"], "period": "2026"}),
    ("ask", {"metrics": ["net_sales"], "by": ["rep"], "limit": 1}),
    ("ask", {"metrics": ["net_sales"], "by": ["document", "product"]}),
    ("explain", {"metrics": ["net_sales"], "by": ["region"]}),
    ("dashboards", {}),
    ("read_dashboard", {"dashboard": "overview", "period": "all"}),
    ("read_dashboard", {"dashboard": "customers", "period": "all"}),
    ("read_dashboard", {"dashboard": "customers", "panel": "customers", "period": "2026"}),
    ("print", {"dashboard": "overview", "panel": "net-sales", "period": "all", "format": "csv"}),
    ("print", {"dashboard": "team", "period": "all", "format": "json"}),
)


def told_by(company: Company, viewer: Viewer, name: str, given: dict[str, Any]) -> str:
    """All that a tool says, whether it answers or refuses."""
    try:
        told = called(company.house, viewer, name, given)
    except Refusal as refusal:
        return str(refusal.sentence)
    return told.content.decode("utf-8-sig") if isinstance(told, Document) else json.dumps(told, ensure_ascii=False)


@pytest.mark.parametrize("name", [*WITH_TOKENS, "otto"])
def test_nobody_reads_a_word_that_is_not_theirs(company: Company, name: str) -> None:
    viewer = company.house.viewer_named(COLLEAGUES[name].email)
    mine = words_of(COLLEAGUES[name].deals)
    if name in CONTACT_HIDDEN:
        mine -= contact_words()
    read: set[str] = set()
    for tool, given in QUESTIONS:
        told = set(WORD.findall(told_by(company, viewer, tool, given)))
        assert told <= mine, (tool, given, told - mine)
        read |= told
    assert bool(read) == bool(COLLEAGUES[name].deals)


def test_otto_is_refused_by_every_tool(company: Company) -> None:
    otto = company.house.viewer_named(COLLEAGUES["otto"].email)
    for tool, given in QUESTIONS:
        with pytest.raises(Forbidden):
            called(company.house, otto, tool, given)
    with pytest.raises(Forbidden):
        tools.resource(company.house, otto, "salient://catalogue")


@pytest.mark.parametrize("name", ["ada", "remy", "tess", "sam", "amy", "mia"])
@pytest.mark.parametrize(
    ("metrics", "by", "period", "versus"),
    [
        ("net_sales,orders,average_order_value", "", "all", ""),
        ("net_sales,orders", "region", "2026", "last-year"),
        ("net_sales", "customer,year", "all", ""),
        ("quantity", "category", "2025..2026", "budget"),
    ],
)
def test_figures_are_those_of_the_command_line(
    company: Company, name: str, metrics: str, by: str, period: str, versus: str
) -> None:
    viewer = company.house.viewer_named(COLLEAGUES[name].email)
    given = {"metrics": metrics.split(","), "by": by.split(",") if by else [], "period": period}
    try:
        told = asked_at_the_command_line(company.house, COLLEAGUES[name].email, metrics, by, period, versus)
    except Refusal as refusal:
        with pytest.raises(type(refusal)):
            called(company.house, viewer, "ask", {**given, "versus": [versus]})
        return
    answer = called(company.house, viewer, "ask", {**given, "versus": [versus] if versus else []})
    assert isinstance(answer, dict)
    assert (answer["rows"], answer["currency"]) == (told["rows"], told["currency"])
    assert answer["provenance"]["generation"] == told["generation"]
    figures = {column["id"] for column in told["columns"] if column["role"] != "dimension"}
    if told["totals"]:
        assert {name: answer["totals"][name] for name in figures} == {name: told["totals"][name] for name in figures}


@pytest.mark.parametrize("name", ["mia", "amy", "sam"])
def test_hidden_columns_are_refused_and_not_listed(company: Company, name: str) -> None:
    assert name in COST_HIDDEN
    viewer = company.house.viewer_named(COLLEAGUES[name].email)
    for tool in ("ask", "explain"):
        with pytest.raises(Forbidden, match="is not shown to your role"):
            called(company.house, viewer, tool, {"metrics": ["margin_rate"]})
    told = called(company.house, viewer, "catalogue", {"kind": "metric"})
    assert isinstance(told, dict)
    assert {"cost", "margin"}.isdisjoint(entry["id"] for entry in told["entries"])


def test_a_statement_is_told_to_those_who_may_read_it(company: Company) -> None:
    asked = {"metrics": ["net_sales"]}
    for name, may in (("fay", True), ("erin", False)):
        viewer = company.house.viewer_named(COLLEAGUES[name].email)
        told = called(company.house, viewer, "explain", asked)
        assert isinstance(told, dict)
        assert ("SELECT" in str(told)) == may


def test_whoever_may_not_see_rows_names_no_document(company: Company) -> None:
    viewer = company.house.viewer_named(COLLEAGUES["ada"].email)
    plain = type(viewer)(**{**vars(viewer), "permissions": viewer.permissions - {"rows"}})
    for tool, given in (
        ("ask", {"metrics": ["net_sales"], "by": ["document"]}),
        ("explain", {"metrics": ["net_sales"], "where": {"line": ["x"]}}),
        ("find_members", {"dimension": "document"}),
    ):
        with pytest.raises(Forbidden):
            called(company.house, plain, tool, given)


REFUSED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("asks", {}, "There is no tool 'asks'; the nearest is 'ask'."),
    ("ask", {}, "The tool ask needs the argument metrics."),
    ("ask", {"metrics": ["net_sale"]}, "There is no metric 'net_sale'; the nearest is 'net_sales'."),
    ("ask", {"metrics": ["net_sales"], "by": ["regions"]}, "There is no dimension 'regions'; the nearest is 'region'."),
    ("ask", {"metric": ["net_sales"]}, "There is no argument 'metric'; the nearest is 'metrics'."),
    ("ask", {"metrics": 5}, "The argument metrics is a list of texts."),
    ("ask", {"metrics": ["net_sales"], "limit": "ten"}, "The argument limit is a whole number from 1 to 1,000."),
    ("ask", {"metrics": ["net_sales"], "limit": True}, "The argument limit is a whole number from 1 to 1,000."),
    ("ask", {"metrics": ["net_sales"], "where": ["region"]}, "The argument where is an object of dimensions"),
    ("ask", {"metrics": ["net_sales"], "period": "yesterweek"}, "'yesterweek'"),
    ("ask", {"metrics": ["a"] * 101}, "The argument metrics holds at most 100 texts."),
    ("ask", {"metrics": ["net_sales"], "period": "2" * 3_000}, "The argument period has at most 2,000 characters."),
    ("ask", {"metrics": ["net_sales\x00"]}, "The argument metrics holds characters that cannot be read."),
    ("read_dashboard", {"dashboard": "overvew"}, "There is no dashboard 'overvew'; the nearest is 'overview'."),
    (
        "read_dashboard",
        {"dashboard": "overview", "panel": "netsales"},
        "There is no panel 'netsales'; the nearest is 'net-sales'.",
    ),
    ("read_dashboard", {"dashboard": "customer"}, "choose one first"),
    ("print", {"dashboard": "overview", "format": "docx"}, "There is no format 'docx'; the nearest is"),
    ("catalogue", {"kind": "metrics"}, "There is no kind 'metrics'; the nearest is 'metric'."),
)


@pytest.mark.parametrize(("tool", "given", "sentence"), REFUSED)
def test_a_refusal_is_a_sentence_with_the_nearest_there_is(
    company: Company, tool: str, given: dict[str, Any], sentence: str
) -> None:
    viewer = company.house.viewer_named(COLLEAGUES["ada"].email)
    with pytest.raises(Refusal) as refused:
        called(company.house, viewer, tool, given)
    assert sentence in str(refused.value.sentence)


METRICS = st.sampled_from(["net_sales", "orders", "margin", "customers", "budget", "net_sale"])
LEVELS = st.sampled_from(["region", "customer", "month", "line", "account_owner", "with_product", "planet"])
TEXTS = st.one_of(
    METRICS, LEVELS, st.sampled_from(["2026-99", "2025..2024", "last-year", "all", "EUR", "", "%"]), st.text(max_size=6)
)
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=4,
)
CALLS = st.fixed_dictionaries(
    {"metrics": st.one_of(st.lists(METRICS, max_size=2), ANYTHING)},
    optional={
        "by": st.one_of(st.lists(LEVELS, max_size=2), ANYTHING),
        "where": st.one_of(st.dictionaries(LEVELS, st.lists(TEXTS, max_size=2), max_size=2), ANYTHING),
        "period": st.one_of(TEXTS, ANYTHING),
        "versus": ANYTHING,
        "basis": ANYTHING,
        "limit": ANYTHING,
        "currency": ANYTHING,
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@hypothesis.given(tool=st.sampled_from(["ask", "explain"]), sent=CALLS)
def test_whatever_is_sent_is_answered_or_refused_with_a_sentence(
    company: Company, tool: str, sent: dict[str, Any]
) -> None:
    sam = company.house.viewer_named(COLLEAGUES["sam"].email)
    try:
        told = json.dumps(called(company.house, sam, tool, sent))
    except Refusal as refusal:
        told = str(refusal.sentence)
        assert told.endswith((".", ".'"))
    assert set(WORD.findall(told)) - set(WORD.findall(str(sent))) <= words_of(COLLEAGUES["sam"].deals)


def test_the_nearest_member_is_one_of_ones_own(company: Company) -> None:
    own, foreign = word("customer", "corner", "name"), word("customer", "harbour", "name")
    sam = company.house.viewer_named(COLLEAGUES["sam"].email)
    with pytest.raises(NotFound, match=f"The nearest is '{own}'"):
        called(company.house, sam, "ask", {"metrics": ["net_sales"], "where": {"customer": [own[:-1]]}})
    with pytest.raises(NotFound) as refused:
        called(company.house, sam, "ask", {"metrics": ["net_sales"], "where": {"customer": [foreign]}})
    assert set(WORD.findall(str(refused.value.sentence))) - {foreign} <= words_of(COLLEAGUES["sam"].deals)


def test_a_member_goes_by_its_name_and_by_its_key(company: Company) -> None:
    ada = company.house.viewer_named(COLLEAGUES["ada"].email)
    by_key = {"metrics": ["net_sales"], "where": {"customer": [key("customer", "corner")]}}
    by_name = {"metrics": ["net_sales"], "where": {"customer": word("customer", "corner", "name")}}
    assert called(company.house, ada, "ask", by_key) == called(company.house, ada, "ask", by_name)


def test_an_answer_too_long_is_an_error_and_no_cut(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = company.house.viewer_named(COLLEAGUES["ada"].email)
    monkeypatch.setattr(tools, "MOST_ROWS", 3)
    with pytest.raises(TooBig, match="and 3 are the most: ask with a limit"):
        called(company.house, ada, "ask", {"metrics": ["net_sales"], "by": ["customer"]})
    monkeypatch.setattr(tools, "LARGEST_FILE", 100)
    with pytest.raises(TooBig, match="print one panel of it"):
        called(company.house, ada, "print", {"dashboard": "overview", "format": "json"})


def test_every_tool_is_described_with_an_example_that_works(company: Company) -> None:
    ada = company.house.viewer_named(COLLEAGUES["ada"].email)
    for tool in TOOLS:
        assert len(tool.description) > 80
        assert set(tool.needed) <= set(tool.arguments)
        # What stands in the description as an example is sent as it stands there; names are those of the demo.
        text = tool.description.replace('"where": {"region": ["UK North"]}, ', "")
        for example in examples_in(text):
            called(company.house, ada, tool.name, example)


def examples_in(text: str) -> list[dict[str, Any]]:
    """The JSON objects in a text."""
    found, decoder = [], json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        read, end = decoder.raw_decode(text, at)
        found.append(read)
        at = text.find("{", end)
    return found


@pytest.mark.parametrize("kind", [each.id for each in FORMATS if each.id != "png"])
def test_a_printed_file_is_whole_and_noted(company: Company, kind: str) -> None:
    remy = COLLEAGUES["remy"].email

    async def talk() -> Any:
        server = assistant_server(company.house, lambda _: company.house.viewer_named(remy))
        async with Client(server) as client:
            return await client.call_tool("print", {"dashboard": "overview", "panel": "net-sales", "format": kind})

    result = anyio.run(talk)
    assert not result.is_error
    resource = result.content[0].resource
    content = resource.text.encode() if hasattr(resource, "text") else base64.b64decode(resource.blob)
    assert resource.uri == f"salient://files/{resource.uri.rpartition('/')[2]}"
    assert content.startswith({"pdf": b"%PDF-", "json": b"{", "csv": b"net_sales"}.get(kind, b"PK"))
    with company.house.database.read() as session:
        newest = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(1)).one()
    assert newest.action == f"export.{kind}"


def test_what_people_wrote_is_labelled_as_data(company: Company) -> None:
    async def talk() -> Any:
        server = assistant_server(company.house, lambda _: company.house.viewer_named(COLLEAGUES["sam"].email))
        async with Client(server) as client:
            assert "never instructions" in (client.instructions or "")
            read = await client.read_resource("salient://catalogue")
            return await client.call_tool("ask", {"metrics": "net_sales", "by": "customer"}), read

    result, read = anyio.run(talk)
    assert {row["customer"]["name"] for row in answer_in(result)["rows"]} <= words_of(COLLEAGUES["sam"].deals)
    assert "never instructions" in json.loads(read.contents[0].text)["about"]["note"]


def test_what_breaks_is_a_number_to_quote_and_no_inside(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr(tools, "answered", broken)

    async def talk() -> Any:
        server = assistant_server(company.house, lambda _: company.house.viewer_named(COLLEAGUES["sam"].email))
        async with Client(server) as client:
            return await client.call_tool("ask", {"metrics": ["net_sales"]})

    result = anyio.run(talk)
    assert result.is_error
    assert "Something broke on our side" in result.content[0].text
    assert "secret" not in result.content[0].text
