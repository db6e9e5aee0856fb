"""Transports: a real process over stdin, a server on loopback, and the web process; each only for a live token."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
import uvicorn
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from starlette.testclient import TestClient

from app.assistants.http import LARGEST_BODY, application
from app.factory import create_app
from app.services import accounts, tokens
from app.values.errors import Invalid
from app.web.api import pace_of
from tests.assistants.conftest import Company, answer_in
from tests.sweep.browser import Browser
from tests.sweep.company import COLLEAGUES, PASSWORD, WORD, key, open_house, tables, words_of
from tests.web.asked import asked_at_the_command_line

NET_SALES = {"metrics": ["net_sales", "orders"], "by": ["region"], "period": "all"}
NAMES = ["catalogue", "find_members", "ask", "explain", "dashboards", "read_dashboard", "print"]


def the_same_at_the_command_line(company: Company, name: str) -> list[dict[str, Any]]:
    """The rows of NET_SALES as `salient ask` says them."""
    told = asked_at_the_command_line(company.house, COLLEAGUES[name].email, "net_sales,orders", "region", "all", "")
    rows: list[dict[str, Any]] = told["rows"]
    return rows


# ---- stdin and stdout ----


def test_an_assistant_talks_to_a_process_for_the_owner_of_a_token(company: Company) -> None:
    async def talk(client: Client) -> Any:
        assert [tool.name for tool in (await client.list_tools()).tools] == NAMES
        assert {each.uri for each in (await client.list_resources()).resources} > {"salient://dashboards/overview"}
        templates = (await client.list_resource_templates()).resource_templates
        assert [each.uri_template for each in templates] == ["salient://dashboards/{dashboard}/{panel}"]
        panel = await client.read_resource("salient://dashboards/overview/net-sales")
        assert "net-sales" in panel.contents[0].text
        with pytest.raises(MCPError, match="the nearest is 'overview'"):
            await client.read_resource("salient://dashboards/overvew")
        refused = await client.call_tool("ask", {"metrics": ["margin"]})
        assert (refused.is_error, refused.content[0].text) == (True, "Gross margin is not shown to your role.")
        return await client.call_tool("ask", NET_SALES)

    result = company.converse(talk, SALIENT_TOKEN=company.token("sam"))
    assert answer_in(result)["rows"] == the_same_at_the_command_line(company, "sam")


def test_an_assistant_asks_as_somebody_at_the_workspaces_own_command_line(company: Company) -> None:
    async def talk(client: Client) -> Any:
        return await client.call_tool("ask", NET_SALES)

    result = company.converse(talk, "--as", COLLEAGUES["tess"].email)
    assert answer_in(result)["rows"] == the_same_at_the_command_line(company, "tess")


def test_a_token_that_is_taken_away_ends_a_conversation_that_is_under_way(company: Company) -> None:
    with company.house.database.write() as session:
        card, token = tokens.make(
            session, "cli", owner=COLLEAGUES["theo"].email, name="taken away", scopes=["read", "rows"]
        )

    async def talk(client: Client) -> None:
        assert not (await client.call_tool("ask", NET_SALES)).is_error
        with company.house.database.write() as session:
            tokens.revoke(session, "cli", card.id)
        for name, given in (("ask", NET_SALES), ("catalogue", {}), ("dashboards", {})):
            result = await client.call_tool(name, given)
            assert result.is_error
            assert "This token opens nothing here, or no longer." in result.content[0].text
        with pytest.raises(MCPError, match="opens nothing"):
            await client.read_resource("salient://dashboards/overview")
        with pytest.raises(MCPError, match="opens nothing"):
            await client.list_resources()

    company.converse(talk, SALIENT_TOKEN=token)


def test_rights_that_change_count_from_the_next_call(company: Company) -> None:
    email = "nora@salient.example"
    with company.house.database.write() as session:
        accounts.add_user(
            session, company.house.local_administrator(), email=email, name="Nora", role="executive", password=PASSWORD
        )
        _, token = tokens.make(session, "cli", owner=email, name="hers", scopes=["read"])

    async def talk(client: Client) -> None:
        whole = answer_in(await client.call_tool("find_members", {"dimension": "rep"}))
        with company.house.database.write() as session:
            local = company.house.local_administrator()
            accounts.change_rights(session, local, email, role="rep", rep_key=key("rep", "sam"))
        own = answer_in(await client.call_tool("find_members", {"dimension": "rep"}))
        assert (whole["matching_in_all"], [each["key"] for each in own["members"]]) == (5, [key("rep", "sam")])

    company.converse(talk, SALIENT_TOKEN=token)


FOR_NOBODY: tuple[tuple[tuple[str, ...], dict[str, str], str], ...] = (
    ((), {}, "Say for whom the assistant asks"),
    (("--as", "nobody@salient.example"), {}, "nobody@salient.example"),
    (("--as", "ada@salient.example"), {"SALIENT_TOKEN": "sal_x"}, "Say for whom the assistant asks"),
    ((), {"SALIENT_TOKEN": "sal_" + "a" * 50}, "This token opens nothing here, or no longer."),
    (("--http", "--as", "ada@salient.example"), {}, "Over HTTP each request brings its own token"),
    (("--http",), {"SALIENT_TOKEN": "sal_x"}, "Over HTTP each request brings its own token"),
    (("--http", "--host", "0.0.0.0"), {}, "set SALIENT_EXTERNAL_URL"),
)
"""Words and settings of a process that would ask for nobody, and what it says."""
EACH_IN_A_PROCESS = """
import json, os, sys, tempfile
import app.assistants.http, app.assistants.stdio, app.web.api
from app.cli import main

for words, environment in json.load(sys.stdin):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        if (child := os.fork()) == 0:
            os.environ.update(environment)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            sys.argv = ["salient", "mcp", *words]
            try:
                main()
            except SystemExit as ended:
                sys.stdout.flush(), sys.stderr.flush()
                os._exit(ended.code)  # tidying up a copy takes longer than all the rest
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0), err.seek(0)
        print(json.dumps([code, out.read().decode(), err.read().decode()]), flush=True)
"""
"""Runs `salient mcp` as often as it is told to, in processes that have loaded Salient already."""


def test_a_process_that_would_ask_for_nobody_does_not_start(company: Company) -> None:
    plain = company.process()

    async def run() -> bytes:
        asked = json.dumps([[words, environment] for words, environment, _ in FOR_NOBODY]).encode()
        done = await anyio.run_process([plain.command, "-c", EACH_IN_A_PROCESS], env=plain.env, input=asked)
        return done.stdout

    ended = [json.loads(line) for line in anyio.run(run).splitlines()]
    for (words, environment, sentence), (code, out, err) in zip(FOR_NOBODY, ended, strict=True):
        assert (code, out) == (1, ""), (words, environment)
        assert sentence in err


# ---- HTTP on loopback ----


@pytest.fixture(scope="module")
def address(company: Company) -> Iterator[str]:
    """A server on loopback, where assistants ask."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(
            application(company.house, pace_of(company.house).spend), host="127.0.0.1", port=port, log_level="error"
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    yield f"http://127.0.0.1:{port}/mcp"
    server.should_exit = True
    thread.join(10)


def over_http(address: str, token: str, talk: Any) -> Any:
    """What comes of talking to the server with a token."""

    async def run() -> Any:
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http,
            Client(streamable_http_client(address, http_client=http)) as client,
        ):
            return await talk(client)

    return anyio.run(run)


@pytest.mark.parametrize("name", ["ada", "remy", "sam", "amy"])
def test_an_assistant_asks_over_http_with_a_token(company: Company, address: str, name: str) -> None:
    async def talk(client: Client) -> Any:
        assert [tool.name for tool in (await client.list_tools()).tools] == NAMES
        told = await client.call_tool("read_dashboard", {"dashboard": "overview", "period": "all"})
        assert set(WORD.findall(told.content[0].text)) <= words_of(COLLEAGUES[name].deals)
        return await client.call_tool("ask", NET_SALES)

    result = over_http(address, company.token(name), talk)
    assert answer_in(result)["rows"] == the_same_at_the_command_line(company, name)


def call(name: str, arguments: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A call of a tool as it is sent."""
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params, **more}


PLAIN = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


def sent(address: str, body: Any, **headers: str) -> httpx2.Response:
    """What the server answers to a body."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx2.post(address, content=data, headers={**PLAIN, **headers}, timeout=30)


def test_no_request_passes_without_a_live_token(company: Company, address: str) -> None:
    with company.house.database.write() as session:
        long_ago = datetime.now(UTC) - timedelta(days=9)
        _, over = tokens.make(
            session, "cli", owner=COLLEAGUES["ada"].email, name="over", scopes=["read"], days=1, now=long_ago
        )
    good = company.token("ada")
    for header in ("", f"Bearer {over}", f"Bearer {good[:-1]}x", "Bearer", f"Basic {good}", f"Bearer {good} {good}"):
        came = sent(address, call("ask", NET_SALES), **({"Authorization": header} if header else {}))
        assert (came.status_code, WORD.findall(came.text)) == (401, [])
        assert came.headers["WWW-Authenticate"].startswith("Bearer")
    assert sent(address, call("ask", NET_SALES), Authorization=f"Bearer {good}").status_code == 200


def test_a_page_elsewhere_that_points_its_name_here_is_refused(company: Company, address: str) -> None:
    own = {"Authorization": f"Bearer {company.token('ada')}"}
    for odd in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        came = sent(address, call("ask", NET_SALES), **own, **odd)
        assert came.status_code in (403, 421)
        assert not WORD.search(came.text)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/list"}', 400),
        (b'{"jsonrpc":"2.0","id":NaN,"method":"tools/list"}', 400),
        (b"[" * 50_000, 413),
        (b'"' + b"x" * (LARGEST_BODY + 10) + b'"', 413),
        (b"\xff\xfe", 400),
        (b"", 400),
        (b'[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]', 400),
    ],
)
def test_what_is_no_plain_call_is_refused(company: Company, address: str, body: bytes, status: int) -> None:
    came = sent(address, body, Authorization=f"Bearer {company.token('ada')}")
    assert came.status_code == status
    assert came.json()["error"]["message"]


def test_there_is_no_stream_to_listen_to(company: Company, address: str) -> None:
    own = {**PLAIN, "Authorization": f"Bearer {company.token('ada')}"}
    for method in ("GET", "DELETE", "PUT"):
        came = httpx2.request(method, address, headers=own, timeout=30)
        assert (came.status_code, came.headers["Allow"]) == (405, "POST")
    assert httpx2.get(address.removesuffix("mcp"), headers=own, timeout=30).status_code == 404


def test_a_call_with_odd_arguments_is_answered_with_a_sentence(company: Company, address: str) -> None:
    own = f"Bearer {company.token('ada')}"
    for arguments in ({"metrics": [None]}, {"metrics": {"a": 1}}, {"metrics": ["net_sales"], "limit": 10**30}):
        told = sent(address, call("ask", arguments), Authorization=own).json()["result"]
        assert told["isError"]
        assert told["content"][0]["text"].startswith("The argument ")


def test_an_assistant_that_asks_too_fast_is_told_how_long_to_wait(tmp_path: Path, cheap_hashing: None) -> None:
    house = open_house(tmp_path, tables(), api_per_minute="3", mcp="1", graphql="1")
    one = Company(house, tmp_path)
    own = {**PLAIN, "Authorization": f"Bearer {one.token('ada')}"}
    client = create_app(house).test_client()
    statuses = [client.post("/mcp", json=call("catalogue", {}), headers=own).status_code for _ in range(5)]
    assert (statuses[:3], statuses[-1]) == ([200, 200, 200], 429)
    # All doors count into one bucket.
    came = client.post("/graphql", json={"query": "{me{name}}"}, headers=own)
    assert (came.status_code, int(came.headers["Retry-After"]) > 0) == (429, True)
    with TestClient(application(house, pace_of(house).spend), base_url="http://127.0.0.1") as standing:
        came = standing.post("/mcp", json=call("catalogue", {}), headers=own)
    assert (came.status_code, int(came.headers["Retry-After"]) > 0) == (429, True)
    assert came.json()["error"]["message"].startswith("That is too fast")
    house.close()


# ---- the web process ----


def test_the_web_process_answers_assistants_only_where_it_is_switched_on(
    company: Company, tmp_path_factory: pytest.TempPathFactory
) -> None:
    off = create_app(company.house).test_client()
    own = {**PLAIN, "Authorization": f"Bearer {company.token('sam')}"}
    assert off.post("/mcp", json=call("ask", NET_SALES), headers=own).status_code in (404, 405)
    house = open_house(tmp_path_factory.mktemp("on"), tables(), mcp="1")
    on = Company(house, company.home)
    server = create_app(house)
    own = {**PLAIN, "Authorization": f"Bearer {on.token('sam')}"}
    client = server.test_client()
    came = client.post("/mcp", json=call("ask", NET_SALES), headers=own)
    told = came.get_json()["result"]
    assert json.loads(told["content"][0]["text"])["answer"]["rows"] == the_same_at_the_command_line(company, "sam")
    listed = client.post("/mcp", json={"jsonrpc": "2.0", "id": 2, "method": "tools/list"}, headers=own)
    assert [tool["name"] for tool in listed.get_json()["result"]["tools"]] == NAMES
    for headers in (PLAIN, {**PLAIN, "Authorization": "Bearer sal_" + "a" * 50}):
        assert client.post("/mcp", json=call("ask", NET_SALES), headers=headers).status_code == 401
    twice = b'{"jsonrpc":"2.0","id":1,"id":1,"method":"tools/list"}'
    assert client.post("/mcp", data=twice, headers=own).status_code == 400
    assert client.post("/mcp", data=b"x" * (LARGEST_BODY + 1), headers=own).status_code == 413
    assert client.get("/mcp", headers=own).status_code in (404, 405)
    browser = Browser(server)
    browser.sign_in(COLLEAGUES["sam"].email, PASSWORD)
    browser.client.get("/")
    came = browser.client.post("/mcp", json=call("ask", NET_SALES), headers={**PLAIN, "X-CSRFToken": browser.token})
    assert (came.status_code, came.get_json()["detail"]) == (403, "Assistants come with a token.")
    house.close()


def test_no_setting_opens_the_endpoint_that_dash_brings(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASH_MCP_ENABLED", "true")
    server = create_app(company.house)
    assert [str(rule) for rule in server.url_map.iter_rules() if "mcp" in str(rule)] == []


def test_a_setting_that_is_no_switch_is_refused(company: Company) -> None:
    with pytest.raises(Invalid, match="SALIENT_MCP"):
        open_house(company.home, {}, mcp="perhaps")
