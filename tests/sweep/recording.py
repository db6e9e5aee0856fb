"""The record: what each colleague asks for by page, by callback and by program, things of their own included."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode

from app.services import displays, named_sets, notes, tokens
from app.values.viewer import Viewer
from scheduler.jobs.exports import work_off
from tests.sweep.company import COLLEAGUES, DEALS, key, word
from tests.sweep.conftest import Company
from tests.sweep.script import EVER, Script

API = "/api/v1"
JSON = "application/json"
_HREF = re.compile(r'(?:href|action)="(/[^"#]*)"')
_FORM = re.compile(r'<form method="post"([^>]*)>(.*?)</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_DO = re.compile(r'<button[^>]*name="do" value="([^"]+)"')
KINDS = (
    *("token", "set", "note", "display", "view", "report", "alert", "schedule", "comment", "webhook", "embed"),
    "key",
)
"""What has a word of its own in it."""
ALONE = """{ me { name } savedViews { name } reports { name } schedules { name } alerts { name } }"""
QUESTION = """{
  query(metrics: ["net_sales"], by: ["customer"], limit: 20) { rows { cells { value key } } totals { cells { value } } }
  customers(first: 20) { totalCount nodes { key name email phone regions { name } } }
  reps(first: 20) { nodes { key name } }
  orderLines(first: 50) { totalCount nodes { document { name } customer { name } rep { name } amount } } }"""
NODE = (
    """query($id: ID!) { node(id: $id) { id ... on Customer { name email products(first: 5) { nodes { name } } } } }"""
)
"""What is asked of the graph: one's own things, figures and lines, and a customer by id."""

PASSING = ("/login", "/logout", "/healthz", "/readyz", "/metrics", "/_", "/vendor/", "/assets/", "/help", "/v/", "/d/")
"""Beginnings of addresses on pages that lead nowhere of one's own, or have an act of their own here."""


@dataclass(frozen=True)
class Act:
    """One request. `body` is JSON, or the fields of a form; `owned` says that it names something of the sender's."""

    method: str
    path: str
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    owned: bool = False

    @property
    def is_for_programs(self) -> bool:
        """Whether a token is what it is usually sent with."""
        return self.path.startswith((API, "/graphql", "/mcp"))

    @property
    def text(self) -> str:
        """All that whoever sends this tells: an answer may say it back."""
        return f"{self.path} {self.body} {self.fields}"


@dataclass
class Things:
    """What somebody keeps: ids by kind, the token of all their scopes, and the words that stand in nothing else."""

    name: str
    token: str = ""
    screen: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    def word(self, kind: str) -> str:
        """The made-up word in a thing of this kind."""
        return word("owned", self.name, kind)

    @property
    def words(self) -> frozenset[str]:
        """All of them."""
        return frozenset(map(self.word, KINDS))


def keep_things(company: Company, name: str, *, files: bool) -> Things:
    """Let a colleague keep one of everything that they may keep; with `files` what has to be drawn, too."""
    house, things = company.house, Things(name)
    owner = house.viewer_named(COLLEAGUES[name].email)
    if not owner.may("tokens"):
        return things
    with house.database.write() as session:
        scopes = [each for each, scope in tokens.SCOPES.items() if scope.needs & owner.permissions]
        card, things.token = tokens.make(session, owner, name=things.word("token"), scopes=scopes)
        things.ids["token"] = card.id
        customer = own_customer(name)
        made = named_sets.create(session, owner, name=things.word("set"), level="customer", members=[customer])
        things.ids["set"] = made.id
        if owner.may("embed"):
            granted, things.screen = displays.grant(session, owner, name=things.word("display"), view=f"/d/sales{EVER}")
            things.ids["display"] = granted.id
    with house.database.write() as session:
        if house.sees_customer(owner, customer):
            things.ids["note"] = notes.write(session, owner, customer, things.word("note"), house.sees_customer).id
    _by_program(company, things, owner, files=files)
    return things


def own_customer(name: str) -> str:
    """A customer whom the colleague sees, the last one; any for who sees none."""
    seen = [deal.customer for deal in DEALS if deal.customer and deal.at in COLLEAGUES[name].deals]
    return key("customer", seen[-1] if seen else "foundry")


def _by_program(company: Company, things: Things, owner: Viewer, *, files: bool) -> None:
    """Things that a program makes with the colleague's token."""

    def post(kind: str, path: str, body: Mapping[str, Any], within: str = "") -> None:
        came = company.server.test_client().post(
            API + path, json=body, headers={"Authorization": f"Bearer {things.token}"}
        )
        assert came.status_code in (200, 201, 202), (things.name, path, came.text)
        told = came.get_json()
        things.ids[kind] = str((told[within] if within else told)["id"])

    view = f"/d/overview{EVER}&customer=@{things.word('set')}"
    post("view", "/views", {"name": things.word("view"), "view": view})
    post("link", "/links", {"view": f"/d/sales{EVER}&grain=week"})
    if owner.context.scope.is_nothing or not files:
        return
    parts = [{"view": f"/d/overview/net-sales{EVER}"}, {"view": f"/d/overview/orders{EVER}"}]
    post("report", "/reports", {"name": things.word("report"), "parts": parts, "formats": ["csv"]})
    if owner.may("schedule"):
        rule = {"metric": "net_sales", "looks_for": "threshold", "bound": "1", "test": "above"}
        post("alert", "/alerts", {"name": things.word("alert"), "view": f"/d/overview/net-sales{EVER}", "rule": rule})
        wish = {"name": things.word("schedule"), "contents": [f"/d/overview{EVER}"], "formats": ["csv"]}
        post("schedule", "/schedules", {**wish, "recurrence": "weekdays at 07:00"})
    post("comment", "/comments", {"view": f"/d/overview/net-sales{EVER}", "text": things.word("comment")})
    if owner.may("webhooks"):
        hook = {"name": things.word("webhook"), "address": "https://93.184.216.34/salient", "kinds": ["view.shared"]}
        post("webhook", "/webhooks", hook, within="webhook")
    if owner.may("embed"):
        grant = {"name": things.word("embed"), "view": f"/d/sales{EVER}", "origins": ["https://portal.example.com"]}
        post("embed", "/embeds", grant)
        post("key", "/embed-keys", {"name": things.word("key")}, within="key")
    post("run", f"/reports/{things.ids['report']}/runs", {})
    post("export", "/exports", {"view": f"/d/overview{EVER}", "format": "csv"})
    work_off(company.house)


def record(company: Company, script: Script, things: Things) -> list[Act]:
    """What a colleague sends: pages and what they lead to, files, callbacks about the own things, and as a program."""
    pages = list(_pages(company, things))
    programs = list(_programs(company, things)) if things.token else []
    return [*dict.fromkeys((*pages, *_callbacks(script, things), *programs))]


def _pages(company: Company, things: Things) -> Iterator[Act]:
    browser = company.browser(things.name)
    rules = [
        rule for rule in company.server.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments
    ]
    seen: set[str] = set()
    waiting = [rule.rule for rule in rules if not rule.rule.startswith((*PASSING, "/api"))]
    static = set(waiting)
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        owned = path not in static
        yield Act("GET", path, owned=owned)
        came = browser.client.get(path)
        if came.mimetype != "text/html" or came.status_code != 200:
            continue
        page = came.text
        yield from _forms(page, path, things)
        # From the pages that everybody has to those of one's own things, and on to their files.
        found = (unescape(each) for each in _HREF.findall(page))
        waiting += [each for each in found if _names(each, things) and not each.startswith(PASSING)]
    if "set" in things.ids:
        chosen = f"{EVER}&customer=@{things.word('set')}"
        yield from (Act("GET", f"/d/overview{end}{chosen}", owned=True) for end in (".csv", "/orders.rows.csv"))
        yield Act("GET", f"/v/{things.ids['link']}", owned=True)


def _names(address: str, things: Things) -> bool:
    """Whether an address names a thing of the colleague's, or a file that is theirs alone."""
    return address.startswith("/exports/file/") or any(each in address for each in things.ids.values())


def _forms(page: str, path: str, things: Things) -> Iterator[Act]:
    """Each thing that the forms of a page would do to a thing of the colleague's."""
    for attributes, inside in _FORM.findall(page):
        target = re.search(r'action="([^"]+)"', attributes)
        action = unescape(target[1]) if target else path
        hidden = {name: unescape(value) for name, value in _HIDDEN.findall(inside) if name != "csrf_token"}
        if not any(each in f"{action} {hidden}" for each in things.ids.values()):
            continue
        for do in _DO.findall(inside) or [hidden.get("do", "")]:
            yield Act("POST", action, fields=(*hidden.items(), ("do", do)), owned=True)


def _callbacks(script: Script, things: Things) -> Iterator[Act]:
    view, ids = f"/d/sales{EVER}", things.ids

    def call(name: str, at: str, **values: object) -> Act:
        request = script.call(name, at, **values)
        return Act("POST", request.path, request.payload, owned=True)

    if "view" in ids:
        for act in ("change", "remove", "restore", "pin"):
            form = {"act": act, "id": ids["view"], "name": "Taken", "version": "1", "visibility": "everyone"}
            yield call("keep", view, keep=form)
        yield call("live", view, opened={"id": ids["view"]})
        arrival = script.arrival(f"/d/overview{EVER}&customer=@{things.word('set')}")
        yield Act("POST", arrival.path, arrival.payload, owned=True)
        for act in ("rename", "remove", "keep"):
            form = {"act": act, "level": "customer", "name": "taken", "id": ids["set"], "version": "1"}
            yield call("sets-said", view, sets_act=form)
        yield call("sets", view, filter_level="customer", narrow_due=True)
        yield call("views-body", view, views_asked=1, views=True)
    customer = f"/d/customer{EVER}&customer={own_customer(things.name)}"
    yield call("notes-list", customer)
    for act in ("change", "remove") if "note" in ids else ():
        yield call("notes-said", customer, notes_act={"act": act, "id": ids["note"], "text": "Taken"})
    if "display" in ids:
        yield call("displays-body", view, displays_act={"act": "revoke", "id": ids["display"]})
        yield call("displays", view, displays_asked=1)


@dataclass(frozen=True)
class Found:
    """An address of the API: as the document writes it, and filled in."""

    template: str
    path: str


def _programs(company: Company, things: Things) -> Iterator[Act]:
    """Every address of the API that the colleague's own lists lead to, read and written."""
    client = company.server.test_client()
    headers = {"Authorization": f"Bearer {things.token}"}
    customer = own_customer(things.name)
    for asked in (
        {"query": ALONE},
        {"query": QUESTION},
        {"query": NODE, "variables": {"id": f"customer:{customer}"}},
    ):
        yield Act("POST", "/graphql", json.dumps(asked), owned="variables" in asked)
    where = [{"dimension": "customer", "members": [customer]}]
    figures = {"metrics": ["net_sales"], "by": ["customer", "rep"], "where": where, "period": "all"}
    yield Act("POST", f"{API}/query", json.dumps(figures), owned=True)
    called = {"name": "ask", "arguments": {"metrics": ["net_sales"], "by": ["customer"], "period": "all"}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": called}
    yield Act("POST", "/mcp", json.dumps(message), headers=(("Accept", "application/json, text/event-stream"),))
    owner = company.house.viewer_named(COLLEAGUES[things.name].email).id
    if "run" in things.ids:
        run = f"{API}/reports/{things.ids['report']}/runs/{things.ids['run']}"
        made = client.get(run, headers=headers).get_json()["files"]
        yield from (Act("GET", f"{run}/files/{each['name']}", owned=True) for each in made)
    document = client.get(f"{API}/openapi.json", headers=headers).get_json()["paths"]
    tags: dict[str, str] = {}
    reached: list[Found] = []
    for template in sorted(document, key=lambda each: (each.count("{"), each)):
        for found in _filled(template, reached, client, headers, document):
            reached.append(found)
            mine = _names(found.path, things)
            if "get" in document[template]:
                came = client.get(found.path, headers=headers)
                tags[found.path] = came.headers.get("ETag", "*")
                yield Act("GET", found.path + _needed(document[template]["get"], owner), owned=mine)
            for method in set(document[template]) & {"post", "put", "patch", "delete"} if mine else ():
                body = "" if method == "delete" else json.dumps({"name": "Taken"} if method == "patch" else {})
                seen = ("If-Match", tags.get(found.path, "*"))
                yield Act(method.upper(), found.path, body, headers=(seen,), owned=True)


def _needed(operation: Mapping[str, Any], owner: str) -> str:
    """The query without which an operation does not answer."""
    known = {"recipient": f"person:{owner}", "format": "csv", "view": "/d/overview/net-sales?period=all"}
    known |= {"metrics": "net_sales", "url": "/d/overview", "recurrence": "weekdays at 07:00"}
    needed = [each["name"] for each in operation["parameters"] if each["in"] == "query" and each.get("required")]
    return f"?{urlencode({name: known[name] for name in needed})}" if needed else ""


def _filled(
    template: str, reached: list[Found], client: Any, headers: Mapping[str, str], document: Mapping[str, Any]
) -> Iterator[Found]:
    """The addresses that a template stands for: ids come from the list that the address before it is."""
    head, brace, tail = template.rpartition("{")
    if not brace:
        yield Found(template, template)
        return
    rest = tail.partition("}")[2]
    if rest:
        # What lies below a thing: as many as there are of the thing.
        above = template.removesuffix(rest)
        yield from (Found(template, each.path + rest) for each in reached if each.template == above)
        return
    above = head.rstrip("/")
    if "get" not in document.get(above, ()):
        return
    for each in (each for each in reached if each.template == above):
        came = client.get(each.path, headers=headers, query_string={"limit": 2})
        listed = came.get_json().get("items", []) if came.status_code == 200 else []
        for item in listed:
            name = item.get("id") or item.get("key") or item.get("version")
            yield Found(template, f"{each.path}/{name}")
