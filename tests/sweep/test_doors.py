"""Every way in: Otto, strangers, people who left and forged cookies get nothing at any of them; rights act at once."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from werkzeug.routing import Rule

import callbacks
from app.auth.roles import PERMISSIONS, SEEDS
from app.factory import create_app
from app.models.session import BrowserSession
from app.services import accounts
from app.web.frames import SCRIPT
from app.web.guard import OPEN_FILES, OPEN_PLACES, OPEN_TO_ALL
from callbacks.registry import SIGNED_IN, Registry
from layouts.render.formats import FORMATS
from tests.sweep.browser import DISPATCH, Browser, Request
from tests.sweep.company import COLLEAGUES, PASSWORD, WORD, Colleague, key, tables, words_of
from tests.sweep.conftest import Company, Opened
from tests.sweep.script import Script

EVERYBODY, THE_SIGNED_IN, ADMINISTRATORS, EXPORTERS = "everybody", "signed in", "admin:users", "export"
PLANNERS, BEARERS = "schedule", "who holds the token"
EMBEDDERS, OPEN_FILE = "embed", "everybody, a file of the code"
ENDING = f"<any({','.join(each.id for each in FORMATS)}):ending>"
REVIEWED = {
    "/": THE_SIGNED_IN,
    "/<path:path>": THE_SIGNED_IN,
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": OPEN_FILE,
    "/_dash-dependencies": THE_SIGNED_IN,
    "/_dash-layout": THE_SIGNED_IN,
    "/_dash-update-component": THE_SIGNED_IN,
    "/_favicon.ico": THE_SIGNED_IN,
    "/_reload-hash": THE_SIGNED_IN,
    "/account": THE_SIGNED_IN,
    "/account/end-sessions": THE_SIGNED_IN,
    "/account/language": THE_SIGNED_IN,
    "/account/password": THE_SIGNED_IN,
    "/account/prove": THE_SIGNED_IN,
    "/account/tokens": "tokens",
    "/admin": ADMINISTRATORS,
    "/admin/": ADMINISTRATORS,
    "/admin/outbox": "admin:settings",
    "/admin/outbox/<mail>": "admin:settings",
    "/admin/outbox/<mail>/file/<int:number>": "admin:settings",
    "/admin/outbox/<mail>/whole": "admin:settings",
    "/admin/segments": "dashboards",  # read by all who see dashboards, changed by administrators
    "/admin/outside": ADMINISTRATORS,
    "/admin/templates": ADMINISTRATORS,
    "/admin/templates/<template_id>.<any(pdf,pptx):ending>": ADMINISTRATORS,
    "/admin/users": ADMINISTRATORS,
    "/api/docs": THE_SIGNED_IN,  # whatever the role: it tells no figures
    "/api/docs.js": THE_SIGNED_IN,
    "/alerts": PLANNERS,
    "/alerts/<alert_id>": PLANNERS,
    "/alerts/new": PLANNERS,
    "/assets/<path:filename>": OPEN_FILE,
    "/comments": "dashboards",
    f"/d/<dashboard>.{ENDING}": EXPORTERS,
    f"/d/<dashboard>/<panel>.{ENDING}": EXPORTERS,
    "/d/<dashboard>/<panel>.rows.<any(csv,xlsx):ending>": EXPORTERS,
    "/reports": EXPORTERS,
    "/reports/<report>": EXPORTERS,
    f"/reports/<report>.{ENDING}": EXPORTERS,
    "/reports/<report>/<instance>/<name>": EXPORTERS,
    "/reports/new": EXPORTERS,
    "/embed/<grant>": BEARERS,  # the page of an embed, which holds no figures
    "/embed/<grant>/<path:rest>": BEARERS,
    "/embed/<grant>/token": BEARERS,  # opens the panels of the grant
    "/embed/host.js": OPEN_FILE,  # what pages of other sites load beside a frame
    "/embeds": EMBEDDERS,
    "/embeds/<grant>": EMBEDDERS,
    "/embeds/<grant>/preview": EMBEDDERS,
    "/embeds/keys": EMBEDDERS,
    "/embeds/new": EMBEDDERS,
    "/exports": EXPORTERS,
    "/exports/<job>/cancel": EXPORTERS,
    "/exports/file/<token>": EXPORTERS,
    "/exports/mailed": PLANNERS,
    "/healthz": EVERYBODY,
    "/help": THE_SIGNED_IN,  # whatever the role: it tells no figures
    "/help/<name>": THE_SIGNED_IN,
    "/login": EVERYBODY,
    "/login.css": EVERYBODY,
    "/login.js": EVERYBODY,
    "/logout": THE_SIGNED_IN,
    "/metrics": EVERYBODY,  # to loopback, or with the monitor's token
    "/paper/<token>": BEARERS,  # the one file that the token is for
    "/readyz": EVERYBODY,
    "/schedules": PLANNERS,
    "/schedules/<schedule_id>": PLANNERS,
    "/schedules/<schedule_id>/preview": PLANNERS,
    "/schedules/new": PLANNERS,
    "/stand": THE_SIGNED_IN,  # whatever the role: numbers, and none to who sees no rows
    "/subscriptions": THE_SIGNED_IN,  # what one is sent oneself
    "/unsubscribe/<token>": BEARERS,  # ends the one subscription that the token names
    "/v/<link>": THE_SIGNED_IN,
    "/webhooks": "webhooks",
    "/webhooks/<hook_id>": "webhooks",
    "/webhooks/new": "webhooks",
    "/vendor/<version>/<name>": OPEN_FILE,
}
"""Who each route is for. A route that is not here fails: think about it, then write it down."""

PARTS = {
    "path": "d/sales",
    "package_name": "dash",
    "fingerprinted_path": "dash-renderer/build/dash_renderer.min.js",
    "filename": "10-shell.css",
    "grant": "nosuchgrant0",
    "rest": "d/overview",
    "dashboard": "overview",
    "panel": "net-sales",
    "alert_id": "noalertatall",
    "version": "1",
    "name": "plotly.min.js",
    "link": "nolinkatall0",
    "hook_id": "nohookatall0",
    "instance": "noinstance00",
    "job": "nojobatall00",
    "report": "noreport0000",
    "schedule_id": "noscheduleatall0",
    "template_id": "notemplateatall0",
    "token": "n" * 43,
    "mail": f"{'2' * 20}-{'a' * 24}",
    "number": "0",
}
API = "/api/v1/"
"""Below this each operation declares whose it is; tests/api/test_door.py looks at what each answers to whom."""

Sender = Callable[[Company], Browser]


def who(route: str) -> str:
    """Who a route is for."""
    return THE_SIGNED_IN if route.startswith(API) else REVIEWED[route]


def address(rule: Rule) -> str:
    """A route's address with its parts filled in."""
    first = re.search(r"<any\((\w+)", rule.rule)
    parts = PARTS if first is None else {**PARTS, "ending": first[1]}
    filled = {name: parts.get(name, "nothing00000") for name in rule.arguments}
    return str(rule.build(filled, append_unknown=False)[1])  # type: ignore[index]


def ways_in(company: Company) -> Iterator[tuple[str, str, str]]:
    """Every method of every route: (route, method, address)."""
    for rule in company.server.url_map.iter_rules():
        for method in sorted(rule.methods or ()):
            yield rule.rule, method, address(rule)


def stranger(company: Company) -> Browser:
    """Somebody without any cookie."""
    return Browser(company.server)


def forger(company: Company) -> Browser:
    """Somebody with a cookie that was changed in one letter."""
    browser = _signed_in(company)
    token = browser.client.get_cookie("salient").value  # type: ignore[union-attr]
    browser.client.set_cookie("salient", ("A" if token[0] != "A" else "B") + token[1:])
    return browser


def guesser(company: Company) -> Browser:
    """Somebody whose cookie is no token at all."""
    browser = Browser(company.server)
    browser.client.set_cookie("salient", "1' or '1'='1")
    return browser


def sleeper(company: Company) -> Browser:
    """Somebody whose session is over."""
    return _with_session(company, expires_at=datetime.now(UTC) - timedelta(seconds=1))


def idler(company: Company) -> Browser:
    """Somebody who did nothing for an hour."""
    return _with_session(company, last_active=datetime.now(UTC) - timedelta(hours=1))


def leaver(company: Company) -> Browser:
    """Somebody who signed out, and kept the cookie."""
    browser = _signed_in(company)
    token = browser.client.get_cookie("salient").value  # type: ignore[union-attr]
    assert browser.client.post("/logout", data=browser.hidden("/logout")).status_code == 302
    browser.client.set_cookie("salient", token)
    return browser


def _signed_in(company: Company) -> Browser:
    browser = Browser(company.server)
    assert browser.sign_in(COLLEAGUES["erin"].email, PASSWORD).status_code == 302
    assert browser.client.get("/").status_code == 200
    return browser


def _with_session(company: Company, **changed: datetime) -> Browser:
    browser = _signed_in(company)
    with company.house.database.write() as session:
        newest = session.query(BrowserSession).order_by(BrowserSession.created_at.desc()).first()
        assert newest is not None
        mine = BrowserSession.token_hash == newest.token_hash
        session.execute(update(BrowserSession).where(mine).values(**changed))
    return browser


NOBODIES: list[Sender] = [stranger, forger, guesser, sleeper, idler, leaver]


@pytest.fixture(scope="module")
def doors(open_company: Opened) -> Company:
    """A company of this module's own: people come and go in it."""
    return open_company(tables())


@pytest.mark.parametrize("sender", NOBODIES, ids=lambda sender: sender.__name__)
def test_nobody_gets_anything_at_any_route(doors: Company, sender: Sender) -> None:
    browser = sender(doors)
    for route, method, path in ways_in(doors):
        came = browser.client.open(path, method=method, follow_redirects=False)
        told = f"{method} {path}: {came.status_code}"
        assert not WORD.search(came.data.decode(errors="replace")), told
        if method in OPEN_TO_ALL.get(path, ()):
            assert who(route) == EVERYBODY, told
            continue
        if who(route) == BEARERS:
            # The page asks before anything is ended; what is posted with no token of ours ends nothing.
            assert came.status_code in (200, 400, 401, 404), told
            continue
        if who(route) == OPEN_FILE and method in ("GET", "HEAD"):
            assert came.status_code in (200, 404), told
            continue
        assert came.status_code == 401 or (came.status_code == 302 and came.headers["Location"].startswith("/login")), (
            told
        )


def test_nobody_gets_anything_out_of_any_callback(doors: Company, script: Script) -> None:
    browser = stranger(doors)
    for request in (*script.screens("?period=all"), *script.pickers()):
        came = browser.send(request)
        assert came.status in (302, 401), request.text
        assert not WORD.search(came.body)


def test_the_paths_open_to_all_are_those_agreed(doors: Company) -> None:
    assert set(OPEN_TO_ALL) == {"/login", "/login.css", "/login.js", "/healthz", "/readyz", "/metrics"}
    assert {route for route, who in REVIEWED.items() if who == EVERYBODY} == set(OPEN_TO_ALL)
    assert {route.partition("<")[0] for route, who in REVIEWED.items() if who == BEARERS} == set(OPEN_PLACES)
    files = {route.partition("<")[0] for route, who in REVIEWED.items() if who == OPEN_FILE}
    assert files == {*OPEN_FILES, SCRIPT}


def test_every_route_has_been_thought_about(doors: Company) -> None:
    assert {route for route, _, _ in ways_in(doors) if not route.startswith(API)} == set(REVIEWED)


def test_otto_gets_nothing_at_any_route(doors: Company) -> None:
    otto = doors.browser("otto")
    for route, method, path in ways_in(doors):
        if route in ("/logout", "/account/end-sessions", "/login"):
            continue
        came = otto.client.open(path, method=method)
        told = f"{method} {path}: {came.status_code}"
        # His account page says which keys he would have; they are his own.
        assert not set(WORD.findall(came.data.decode(errors="replace"))) - {key("rep", "sam")}, told
        if who(route) in (ADMINISTRATORS, EMBEDDERS, EXPORTERS, PLANNERS) and method in ("GET", "HEAD"):
            assert came.status_code in (403, 404), told
        assert came.status_code < 500, told


def test_only_administrators_manage_people(doors: Company) -> None:
    for name in COLLEAGUES:
        if name in ("ada", "ines"):
            continue
        browser = doors.browser(name)
        assert browser.client.get("/admin/users").status_code == 403
        fields = {**browser.hidden("/account"), "do": "rights", "email": COLLEAGUES[name].email, "role": "executive"}
        assert browser.client.post("/admin/users", data=fields).status_code == 403
        assert doors.house.viewer_named(COLLEAGUES[name].email).role == COLLEAGUES[name].role


def test_ines_whose_account_is_off_cannot_sign_in_and_learns_nothing(doors: Company) -> None:
    browser = Browser(doors.server)
    right, wrong = (browser.sign_in(COLLEAGUES["ines"].email, each) for each in (PASSWORD, "not her password"))
    nobody = browser.sign_in("nobody@salient.example", PASSWORD)
    assert right.status_code == wrong.status_code == nobody.status_code == 401
    sentences = {came.text.split('role="alert"')[1].split("</")[0] for came in (right, wrong, nobody)}
    assert len(sentences) == 1
    assert browser.client.get("/d/overview.csv").status_code == 302


def sees(company: Company, browser: Browser) -> set[str]:
    """The words in a colleague's file of all lines."""
    return set(WORD.findall(browser.send(Request("/d/overview/orders.rows.csv?period=all")).body))


@pytest.fixture
def newcomer(doors: Company, request: pytest.FixtureRequest) -> tuple[Colleague, Browser]:
    """Nia, a rep with Sam's key, signed in."""
    nia = Colleague(f"nia{abs(hash(request.node.name))}", "rep", COLLEAGUES["sam"].deals, key("rep", "sam"))
    with doors.house.database.write() as session:
        accounts.add_user(
            session,
            doors.house.local_administrator(),
            email=nia.email,
            name="Nia",
            role="rep",
            password=PASSWORD,
            rep_key=nia.rep_key,
        )
    browser = Browser(doors.server)
    assert browser.sign_in(nia.email, PASSWORD).status_code == 302
    browser.client.get("/")
    return nia, browser


def change(company: Company, colleague: Colleague, **rights: object) -> None:
    """Give somebody other rights, as an administrator does."""
    with company.house.database.write() as session:
        accounts.change_rights(session, company.house.local_administrator(), colleague.email, **rights)  # type: ignore[arg-type]


def test_another_role_acts_on_the_next_request(doors: Company, newcomer: tuple[Colleague, Browser]) -> None:
    nia, browser = newcomer
    sam, tess = words_of(COLLEAGUES["sam"].deals), words_of(COLLEAGUES["tess"].deals)
    assert sees(doors, browser) <= sam
    assert sees(doors, browser)
    change(doors, nia, role="team-lead", team_keys=[key("team", "tess")])
    assert sees(doors, browser) - sam
    assert sees(doors, browser) <= tess
    change(doors, nia, role="rep")
    assert sees(doors, browser) <= sam
    change(doors, nia, rep_key=key("rep", "amy"))
    assert not sees(doors, browser) & (sam - words_of(COLLEAGUES["amy"].deals))
    change(doors, nia, role="none")
    assert browser.send(Request("/d/overview/orders.rows.csv?period=all")).status in (403, 404)
    assert not sees(doors, browser)


def test_a_role_that_loses_a_column_loses_it_on_the_next_request(doors: Company) -> None:
    theo = doors.browser("theo")
    path = Request("/d/overview/orders.rows.csv?period=all")
    assert ",cost,margin," in theo.send(path).body.splitlines()[0]
    _give_team_leads(doors, masks=["cost"])
    try:
        assert ",cost," not in theo.send(path).body.splitlines()[0]
        assert "Gross margin" not in theo.send(Request("/d/overview.csv")).body
    finally:
        _give_team_leads(doors, masks=[])
    assert ",cost,margin," in theo.send(path).body.splitlines()[0]


def _give_team_leads(company: Company, masks: list[str]) -> None:
    permissions = next(seed.permissions for seed in SEEDS if seed.id == "team-lead")
    with company.house.database.write() as session:
        accounts.change_role(
            session,
            company.house.local_administrator(),
            "team-lead",
            permissions=permissions,
            masks=masks,
            scope_kind="teams",
        )


def test_whoever_is_switched_off_is_out_on_the_next_request(
    doors: Company, script: Script, newcomer: tuple[Colleague, Browser]
) -> None:
    nia, browser = newcomer
    grid = script.grid("/d/overview?period=all")
    assert "rowData" in browser.send(grid).body
    with doors.house.database.write() as session:
        accounts.disable_user(session, doors.house.local_administrator(), nia.email)
    for request in (grid, Request("/d/overview.csv"), Request("/_dash-layout"), Request("/")):
        came = browser.send(request)
        assert came.status in (302, 401), request.path
        assert not WORD.search(came.body)
    assert browser.sign_in(nia.email, PASSWORD).status_code == 401


def test_a_callback_without_its_own_token_is_refused(doors: Company, script: Script) -> None:
    browser = doors.browser("erin")
    request = script.grid("/d/overview?period=all")
    stolen = doors.browser("dirk").token
    for headers in ({}, {"X-CSRFToken": "made up"}, {"X-CSRFToken": stolen}):
        came = browser.client.post(DISPATCH, data=request.payload, content_type="application/json", headers=headers)
        assert came.status_code in (400, 403)
        assert not WORD.search(came.text)


def test_every_dashboard_needs_a_permission_that_exists_and_otto_has_not(doors: Company) -> None:
    otto = doors.house.viewer_named(COLLEAGUES["otto"].email)
    for dashboard in doors.house.dashboards:
        assert dashboard.permission in PERMISSIONS
        assert not otto.may(dashboard.permission)


def test_every_callback_declares_what_it_needs(doors: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    declared: list[Registry] = []
    register = callbacks.register

    def noted(registry: Registry, house: object) -> None:
        register(registry, house)  # type: ignore[arg-type]
        declared.append(registry)

    monkeypatch.setattr(callbacks, "register", noted)
    create_app(doors.house)
    [registry] = declared
    assert registry.undeclared() == []
    served = {output for output, entry in registry.app.callback_map.items() if "callback" in entry}
    assert served <= set(registry.declared)
    assert set(registry.declared.values()) <= {*PERMISSIONS, SIGNED_IN}
    assert "permission" in inspect.signature(Registry.callback).parameters


def test_a_callback_that_declares_nothing_keeps_the_house_shut(doors: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    from dash import Input, Output

    register = callbacks.register

    def careless(registry: Registry, house: object) -> None:
        register(registry, house)  # type: ignore[arg-type]
        registry.app.callback(Output("sly", "children"), Input("search", "value"))(lambda text: text)

    monkeypatch.setattr(callbacks, "register", careless)
    with pytest.raises(RuntimeError, match=r"sly\.children"):
        create_app(doors.house)
