"""The guard lets nobody pass without a session, and Otto nowhere that needs a permission."""

from __future__ import annotations

import io
import threading
from typing import Any
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.guard import OPEN_FILES, OPEN_TO_ALL, safe_next
from tests.web.conftest import CAST, SmallHouse

BEHIND = (
    "/_dash-layout",
    "/_dash-dependencies",
    "/_reload-hash",
    "/_favicon.ico",
    "/api/v1/sales",
)
PAGES = (
    "/",
    "/d/overview?period=2013",
    "/account",
    "/admin/users",
    "/logout",
    "/nowhere",
    "/login/",
    "//login",
    "/LOGIN",
)


def test_otto_signs_in_and_may_do_nothing(small: SmallHouse) -> None:
    otto = small.signed_in("otto")
    assert otto.get("/").status_code == 200
    assert "nothing to see" in otto.get("/account").text
    answer = otto.call()
    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["detail"] == "Your role does not allow this."
    assert small.asked == []
    assert otto.get("/admin/users").status_code == 403


def test_otto_may_do_what_everybody_may(small: SmallHouse) -> None:
    otto = small.signed_in("otto")
    otto.get("/")
    assert otto.call("tick.children").status_code == 200


@pytest.mark.parametrize("path", BEHIND)
def test_a_stranger_gets_401_from_everything_made_for_programs(small: SmallHouse, path: str) -> None:
    assert small.browser().get(path).status_code == 401


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_sent_to_the_login_page(small: SmallHouse, path: str) -> None:
    answer = small.browser().get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/_dash-update-component", "/account/password", "/healthz", "/login.css"])
def test_a_stranger_writes_nothing_anywhere(small: SmallHouse, method: str, path: str) -> None:
    answer = small.server.test_client().open(path, method=method, data=b"x" * 1000)
    assert answer.status_code == 401


def test_every_route_there_is_stands_behind_the_guard(small: SmallHouse) -> None:
    for rule in small.server.url_map.iter_rules():
        path = rule.rule.replace("<path:path>", "any/where").replace("<path:filename>", "a.css")
        path = path.replace("<string:package_name>/<path:fingerprinted_path>", "dash/x.js")
        for method in rule.methods or ():
            is_file = path.startswith(OPEN_FILES) and method in {"GET", "HEAD"}
            if is_file or method in OPEN_TO_ALL.get(path, ()):
                continue
            answer = small.server.test_client().open(path, method=method)
            assert answer.status_code in {302, 401}, (method, path)


@pytest.mark.parametrize("path", ["/vendor/", "/assets/", "/embed/", "/embed", "/_dash-component-suites/", "/vendor/x"])
def test_a_stranger_who_asks_for_no_file_of_ours_gets_no_page(small: SmallHouse, path: str) -> None:
    assert small.browser().get(path).status_code in {302, 401, 404}


def test_only_the_agreed_paths_are_open() -> None:
    assert set(OPEN_TO_ALL) == {"/login", "/login.css", "/login.js", "/healthz", "/readyz", "/metrics"}


def test_the_layout_and_the_callbacks_answer_those_who_may(small: SmallHouse) -> None:
    erin = small.signed_in("erin")
    erin.get("/")
    assert "Erin Vale" in erin.get("/_dash-layout").text
    assert erin.get("/_dash-dependencies").status_code == 200
    assert "hello, Erin Vale" in erin.call().text


def test_the_viewer_carries_the_rows_of_the_own_role(small: SmallHouse) -> None:
    for persona in CAST[:-1]:
        browser = small.signed_in(persona.email.split("@")[0])
        browser.get("/")
        assert browser.call().status_code == 200
    scopes = {viewer.name: viewer.context.scope for viewer in small.asked}
    assert scopes["Ada Lind"].is_everything
    assert scopes["Remy Costa"].levels == {"region"}
    assert scopes["Tess Moore"].levels == {"team"}
    assert scopes["Sam Reyes"].levels == {"rep"}
    masks = {viewer.name: viewer.context.masks for viewer in small.asked}
    assert masks["Mia Brandt"] == {"cost", "contact"}
    assert masks["Sam Reyes"] == {"cost"}
    assert masks["Erin Vale"] == frozenset()


def test_the_viewer_of_no_request_is_nobody(small: SmallHouse) -> None:
    viewer = small.reception.current_viewer()
    assert viewer.context.scope.is_nothing
    assert viewer.permissions == frozenset()


def test_a_callback_nobody_registered_is_a_cheap_refusal(small: SmallHouse) -> None:
    erin = small.signed_in("erin")
    erin.get("/")
    token = erin.cookie("_csrf_token") or ""
    assert erin.call("made-up.children").status_code == 404
    assert erin.call("echo.children").status_code == 404
    for body in ([], {}, {"output": 3}, {"output": "out.children"}, {"output": "out.children", "inputs": ["x"]}):
        answer = erin.post("/_dash-update-component", json=body, headers={"X-CSRFToken": token})
        assert answer.status_code == 400, body


def test_every_callback_is_declared_and_one_that_is_not_shows(small: SmallHouse) -> None:
    from dash import Input, Output

    assert small.registry.undeclared() == []
    small.dash.callback(Output("sly", "children"), Input("in", "value"))(lambda value: value)
    assert small.registry.undeclared() == ["sly.children"]


def test_a_program_that_asks_for_nothing_of_ours_gets_no_page(small: SmallHouse) -> None:
    erin = small.signed_in("erin")
    for path in ("/api/v1/none", "/_secret", "/vendor/", "/graphql"):
        answer = erin.get(path)
        assert answer.status_code == 404
        assert answer.headers["Cache-Control"] == "no-store"
    assert erin.get("/d/anything").status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8050", "localhost.evil.example", "127.0.0.1.evil.example"]
)
def test_a_run_on_loopback_answers_no_other_name(small: SmallHouse, host: str) -> None:
    answer = small.server.test_client().get("/login", headers={"Host": host})
    assert answer.status_code == 400


def test_a_foreign_host_header_gets_into_no_link(production: SmallHouse) -> None:
    answer = production.server.test_client().get("/d/overview", headers={"Host": "evil.example"})
    assert answer.status_code == 302
    assert "evil" not in answer.headers["Location"]
    page = production.server.test_client().get("/login", headers={"Host": "evil.example"})
    assert "evil" not in page.text


def test_forwarded_headers_do_not_count_without_a_configured_proxy(small: SmallHouse) -> None:
    answer = small.server.test_client().get(
        "/d/overview", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    )
    assert answer.headers["Location"] == "/login?next=/d/overview"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/d/../..//evil.example",
        "/d/%2e%2e/%2f/evil.example",
        "/%2fevil.example",
        "/d/a\r\nSet-Cookie: x=y",
        "/d/a%0d%0aX: y",
        "javascript:alert(1)",
        "/login",
        "/logout",
        "/_dash-layout",
        "/dx",
        "d/overview",
        " /d/overview",
        "http:///d/overview",
        "/d/" + "x" * 5000,
        "",
        None,
    ],
)
def test_next_leads_only_to_known_pages_of_ours(target: str | None) -> None:
    assert safe_next(target) == "/"


@given(st.text() | st.text(alphabet="/\\.d%2efhtps:evil?#@ \t\n").map(lambda text: "/d/" + text))
def test_next_never_leads_away_whatever_is_written(target: str) -> None:
    led = safe_next(target)
    there = urljoin("https://sales.example.com/login", led)
    assert there.startswith("https://sales.example.com/")
    assert led.startswith("/")
    assert not led.startswith(("//", "/\\"))
    assert led.isprintable()
    assert safe_next(led) == led


@pytest.mark.parametrize(
    "target", ["/", "/d/overview", "/d/sales?period=2013&drill=region:emea/rep:R017", "/account", "/v/abc", "/help/a"]
)
def test_next_keeps_a_page_of_ours(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "path",
    [
        "os/os.py",
        "dash/..%2f..%2fx",
        "dash/nowhere.js",
        "no_such_package/x.js",
        "dash/%00",
        "dash/../../app/config.py",
        "dash.dcc/async-nowhere.js",
    ],
)
def test_a_file_that_no_component_library_has_is_not_there(
    small: SmallHouse, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    answer = small.signed_in("sam").get(f"/_dash-component-suites/{path}")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "host",
    [
        "a@localhost",
        "localhost:abc",
        "localhost:",
        "localhost/x",
        "localhost?x",
        "evil.example",
        "@",
        "localhost:99999",
    ],
)
def test_a_host_that_is_not_a_plain_name_of_this_machine_is_refused(small: SmallHouse, host: str) -> None:
    assert small.server.test_client().get("/login", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "localhost:8050", "127.0.0.1:8050", "[::1]:8050", "[::1]"])
def test_the_names_of_this_machine_are_answered(small: SmallHouse, host: str) -> None:
    assert small.server.test_client().get("/login", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("name", ["x", "overview", "overview/net-sales"])
@pytest.mark.parametrize("ending", ["pdf", "xlsx", "pptx", "json", "png", "rows.json", "CSV", ""])
def test_a_file_of_a_kind_that_is_not_made_is_not_there(small: SmallHouse, name: str, ending: str) -> None:
    sam = small.signed_in("sam")
    assert sam.get(f"/d/{name}.{ending}?period=2013").status_code == 404
    told = sam.get(f"/d/{name}.{ending}", headers={"Accept": "application/json"})
    assert (told.status_code, told.mimetype) == (404, "application/problem+json")
    assert sam.get(f"/d/{name}?category=a.b").status_code == 200


@pytest.mark.parametrize("ending", [".csv", ".rows.csv", "%2Ecsv", ".pdf"])
def test_after_signing_in_a_file_leads_to_the_page_it_is_of(small: SmallHouse, ending: str) -> None:
    assert safe_next(f"/d/sales/by-month{ending}?period=2013") == "/d/sales/by-month?period=2013"
    sent = small.browser().get(f"/d/sales{ending}?period=2013")
    assert sent.headers["Location"] == "/login?next=/d/sales%3Fperiod%3D2013"


class _Slowly(io.RawIOBase):
    """A body of which nothing more comes until it is let go on."""

    def __init__(self, go_on: threading.Event, begun: threading.Semaphore) -> None:
        self._go_on, self._begun = go_on, begun

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._begun.release()
        assert self._go_on.wait(30)
        return 0


def test_strangers_who_send_slowly_hold_up_nobody_else(small: SmallHouse) -> None:
    app = small.server
    go_on, begun = threading.Event(), threading.Semaphore(0)
    answers: list[int] = []

    def slow() -> None:
        body: Any = io.BufferedReader(_Slowly(go_on, begun))
        coming = {"wsgi.input": body, "CONTENT_LENGTH": "50"}
        answers.append(app.test_client().post("/login", environ_overrides=coming).status_code)

    senders = [threading.Thread(target=slow) for _ in range(2)]
    for each in senders:
        each.start()
        assert begun.acquire(timeout=30)
    turned_away = app.test_client().post("/login", data={"email": "erin@salient.example"})
    assert (turned_away.status_code, turned_away.headers["Retry-After"]) == (503, "1")
    assert app.test_client().get("/login").status_code == 200
    assert app.test_client().post("/api/v1/query", json={}).status_code == 401
    go_on.set()
    for each in senders:
        each.join(30)
    assert len(answers) == 2
    assert app.test_client().post("/login", data={"email": "erin@salient.example"}).status_code < 500
