"""A program with a token gets into the few places for programs, as its owner, and nowhere else."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from functools import reduce
from pathlib import Path

import pytest
from flask import Flask, Response, jsonify
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.auth.policy import viewer_for
from app.auth.tokens import WRITTEN
from app.models.database import open_database
from app.services import accounts, tokens
from app.values.viewer import Viewer
from app.web.front import Reception
from app.web.guard import OPEN_FILES, OPEN_PLACES, OPEN_TO_ALL
from tests.web.conftest import PASSWORD, SECRET, SmallHouse, build, furnish

PROBE = "/api/v1/probe"


def probe(server: Flask, reception: Reception) -> None:
    """A place for programs that says who asks."""

    def say_who() -> Response:
        viewer = reception.current_viewer()
        return jsonify(kind=viewer.kind, id=viewer.id, account=viewer.account, may=sorted(viewer.permissions))

    server.add_url_rule(PROBE, "probe", say_who, methods=["GET", "POST"])


@pytest.fixture
def small(small: SmallHouse) -> SmallHouse:
    """A small house with something for programs."""
    probe(small.server, small.reception)
    return small


def viewer(small: SmallHouse, who: str) -> Viewer:
    with small.database.read() as session:
        person = accounts.find_person(session, f"{who}@salient.example")
    return viewer_for(person, small.front.trees(), small.front.terms())


def token_of(small: SmallHouse, who: str, *scopes: str) -> str:
    """A token that somebody made for a program."""
    with small.database.write() as session:
        return tokens.make(
            session,
            viewer(small, who),
            name=f"Robot {len(scopes)}",
            scopes=scopes or ("read",),
            now=small.clock(),
        )[1]


def ask(small: SmallHouse, token: str, path: str = PROBE, method: str = "GET", **headers: str) -> TestResponse:
    """What a program does: one request with a header and no cookie."""
    return small.server.test_client().open(path, method=method, headers={"Authorization": f"Bearer {token}", **headers})


def told(answer: TestResponse) -> dict[str, object]:
    """A refusal without the number that each request has."""
    assert answer.mimetype == "application/problem+json", answer.text
    return {name: value for name, value in (answer.json or {}).items() if name != "reference"}


def test_a_token_is_its_owner_with_what_its_scopes_give(small: SmallHouse) -> None:
    came = ask(small, token_of(small, "sam", "read", "export"))
    assert came.status_code == 200
    assert came.json is not None
    assert came.json["kind"] == "token"
    assert came.json["account"] == int(viewer(small, "sam").id)
    assert came.json["may"] == ["dashboards", "export"]


def test_a_token_needs_no_proof_for_writing_and_gets_no_cookie(small: SmallHouse) -> None:
    came = ask(small, token_of(small, "sam"), method="POST")
    assert came.status_code == 200
    assert "Set-Cookie" not in came.headers


def test_without_a_token_a_session_is_answered_and_writes_with_proof_from_our_own_pages(small: SmallHouse) -> None:
    sam = small.signed_in("sam")
    sam.get("/")
    assert sam.get(PROBE).json == {
        "kind": "person",
        "id": viewer(small, "sam").id,
        "account": None,
        "may": sorted(viewer(small, "sam").permissions),
    }
    proof = {"X-CSRFToken": sam.cookie("_csrf_token") or ""}
    assert sam.post(PROBE).status_code == 400
    assert sam.post(PROBE, headers=proof).status_code == 200
    assert sam.post(PROBE, headers={**proof, "Origin": "https://evil.example"}).status_code == 403
    assert sam.post(PROBE, headers={**proof, "Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_whatever_is_wrong_with_a_token_it_is_refused_in_the_same_words(
    small: SmallHouse, tmp_path: Path, template: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = build(tmp_path / "other", template)
    token = token_of(small, "sam")
    with small.database.write() as session:
        gone = tokens.make(session, viewer(small, "tess"), name="Gone", scopes=("read",), now=small.clock())
        tokens.revoke(session, viewer(small, "tess"), gone[0].id, now=small.clock())
        over = tokens.make(
            session, viewer(small, "tess"), name="Over", scopes=("read",), days=1, now=small.clock() - timedelta(days=2)
        )
        off = tokens.make(session, viewer(small, "mia"), name="Off", scopes=("read",), now=small.clock())
        accounts.disable_user(session, "cli", "mia@salient.example")
        less = tokens.make(session, viewer(small, "remy"), name="Less", scopes=("read",), now=small.clock())
        accounts.change_rights(session, "cli", "remy@salient.example", role="none")
    wrong = (
        gone[1], over[1], off[1], less[1], token_of(other, "sam"),
        token[:-1] + ("0" if token[-1] != "0" else "1"), token[:20] + "0000" + token[24:], "", "nonsense", "é",
    )  # fmt: skip
    answers = [ask(small, each) for each in wrong]
    answers += [
        small.server.test_client().get(PROBE, headers={"Authorization": header})
        for header in ("Basic c2FtOnNhbQ==", "", "Bearer", f"Token {token}", token)
    ]
    assert {each.status_code for each in answers} == {401}
    assert len({str(told(each)) for each in answers}) == 1
    assert {each.headers["WWW-Authenticate"] for each in answers} == {'Bearer realm="Salient", error="invalid_token"'}
    assert ask(small, token).status_code == 200


def test_a_stranger_is_told_how_to_come_in(small: SmallHouse) -> None:
    came = small.browser().get(PROBE)
    assert (came.status_code, came.headers["WWW-Authenticate"]) == (401, 'Bearer realm="Salient"')
    assert "Authorization" in str(told(came)["detail"])


def test_a_bad_token_is_not_helped_by_a_cookie(small: SmallHouse) -> None:
    sam = small.signed_in("sam")
    sam.get("/")
    assert sam.get(PROBE).status_code == 200
    for header in ("Bearer nonsense", "Basic c2FtOnNhbQ==", "Bearer"):
        assert sam.get(PROBE, headers={"Authorization": header}).status_code == 401
    came = sam.get(PROBE, headers={"Authorization": f"Bearer {token_of(small, 'tess')}"})
    assert came.json is not None
    assert came.json["account"] == int(viewer(small, "tess").id)


def test_a_token_opens_nothing_but_the_places_for_programs(small: SmallHouse) -> None:
    token = token_of(small, "ada", "read", "rows", "export", "write", "admin")
    filled = {"<path:path>": "d/overview", "<path:filename>": "a.css", "<name>": "doors", "<link>": "nolinkatall0"}
    filled["<string:package_name>/<path:fingerprinted_path>"] = "dash/x.js"
    asked = set()
    for rule in small.server.url_map.iter_rules():
        path = reduce(lambda text, part: text.replace(part, filled[part]), filled, rule.rule)
        if path == PROBE or path.startswith((*OPEN_FILES, *OPEN_PLACES)):
            continue
        for method in rule.methods or ():
            if method in OPEN_TO_ALL.get(path, ()):
                continue
            asked.add(path)
            assert ask(small, token, path, method).status_code == 401, (method, path)
    assert {"/_dash-update-component", "/d/overview", "/account", "/admin/users", "/_dash-layout"} <= asked
    for path in ("/d/overview.csv", "/d/overview?period=2013", "/apis", "/API/v1/probe", "/v/x"):
        assert ask(small, token, path).status_code == 401, path
    assert small.asked == []


def test_a_token_with_a_cookie_does_not_open_pages_either(small: SmallHouse) -> None:
    sam = small.signed_in("sam")
    assert sam.get("/d/overview").status_code == 200
    assert sam.get("/d/overview", headers={"Authorization": f"Bearer {token_of(small, 'sam')}"}).status_code == 401
    # A gate before us may ask people for a password of its own.
    assert sam.get("/d/overview", headers={"Authorization": "Basic c2FtOnNhbQ=="}).status_code == 200


def test_a_token_gets_no_page_where_there_is_nothing_for_programs(small: SmallHouse) -> None:
    token = token_of(small, "sam")
    for path in ("/api", "/api/", "/api/v1/nothing", "/graphql/x", "/mcp/x"):
        came = ask(small, token, path)
        assert (came.status_code, came.mimetype) == (404, "application/problem+json"), path


@pytest.mark.parametrize(
    "path", [f"{PROBE}?access_token=", f"{PROBE}?x=1&y=", "/d/overview?token=", f"{PROBE}/", "/login?next="]
)
def test_a_token_in_an_address_is_refused(small: SmallHouse, path: str) -> None:
    token = token_of(small, "sam")
    for sent in (token, token.replace("sal_", "%73al_")):
        for came in (
            small.browser().get(path + sent),
            small.signed_in("sam").get(path + sent),
            ask(small, token, path + sent),
        ):
            assert came.status_code == 400
            assert "never part of an address" in came.text
            assert token not in came.text


def test_what_changes_acts_on_the_next_request_in_every_process(small: SmallHouse) -> None:
    token = token_of(small, "sam", "read", "rows")
    there = furnish(open_database(str(small.database.engine.url), SECRET))
    probe(there.server, there.reception)
    assert ask(there, token).status_code == 200
    with small.database.write() as session:
        accounts.change_role(
            session, "cli", "rep", permissions=["dashboards", "tokens"], masks=["cost"], scope_kind="own"
        )
    came = ask(there, token)
    assert came.json is not None
    assert came.json["may"] == ["dashboards"]
    with small.database.write() as session:
        [card] = tokens.listed(session, "cli")
        tokens.revoke(session, "cli", card.id)
    assert ask(there, token).status_code == 401
    there.database.close()


def test_a_persona_of_the_demo_company_counts_only_in_a_demo(demo: SmallHouse, tmp_path: Path) -> None:
    probe(demo.server, demo.reception)
    token = token_of(demo, "sam")
    assert ask(demo, token).status_code == 200
    real = furnish(open_database(str(demo.database.engine.url), SECRET), cast_is_demo=True)
    probe(real.server, real.reception)
    assert ask(real, token).status_code == 401
    real.database.close()


def test_a_token_is_recognised_by_one_read_and_its_use_noted_once_a_minute(small: SmallHouse) -> None:
    token = token_of(small, "sam")
    assert ask(small, token).status_code == 200
    statements: list[str] = []
    event.listen(small.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    for _ in range(5):
        assert ask(small, token).status_code == 200
    assert len([each for each in statements if "api_token" in each]) == 5
    assert not [each for each in statements if each.startswith("UPDATE")]
    small.clock.go_on(seconds=61)
    assert ask(small, token).status_code == 200
    assert ask(small, token).status_code == 200
    assert len([each for each in statements if each.startswith("UPDATE")]) == 1


def test_what_is_no_token_by_its_looks_costs_no_read(small: SmallHouse) -> None:
    statements: list[str] = []
    event.listen(small.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert ask(small, "sal_" + "A" * 50).status_code == 401
    assert ask(small, "A" * 10_000).status_code == 401
    assert statements == []


def test_no_token_reaches_the_logs(small: SmallHouse, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    small.server.add_url_rule("/api/v1/broken", "broken", lambda: str(1 / 0))
    token = token_of(small, "sam")
    for path in (PROBE, "/api/v1/broken", "/d/overview", f"{PROBE}?x={token}"):
        ask(small, token, path)
    assert ask(small, token, "/api/v1/broken").status_code == 500
    assert "ZeroDivisionError" in caplog.text
    assert token not in caplog.text
    assert token[16:48] not in caplog.text


def test_a_database_that_does_not_answer_is_no_reason_to_throw_a_token_away(small: SmallHouse) -> None:
    token = token_of(small, "sam")
    with small.database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE api_token RENAME TO elsewhere")
    assert ask(small, token).status_code == 503


def test_the_monitor_keeps_its_own_token(production: SmallHouse) -> None:
    asks = {"headers": {"Authorization": "Bearer a token for the monitor", "X-Forwarded-For": "198.51.100.7"}}
    client = production.server.test_client()
    assert client.get("/metrics", **asks).status_code == 200
    assert "details" in (client.get("/readyz", **asks).json or {})
    assert client.get("/metrics", headers={"Authorization": "Bearer x", "Via": "1.1 a"}).status_code == 401


def test_the_page_makes_a_token_shows_it_once_and_takes_it_away(small: SmallHouse) -> None:
    sam = small.signed_in("sam")
    assert "/account/tokens" in sam.get("/account").text
    page = sam.submit("/account/tokens", name="Spreadsheet", scope="read", days="30")
    [token] = set(WRITTEN.findall(page.text))
    assert page.headers["Cache-Control"] == "no-store"
    assert ask(small, token).json is not None
    again = sam.get("/account/tokens").text
    assert "Spreadsheet" in again
    assert re.search(r"until \S*20\S* ?\S* 2026|until Dec 20, 2026", again)
    assert "last used 2026-11-20 09:00 UTC" in again
    assert not WRITTEN.search(again)
    assert sam.submit("/account/tokens", do="revoke", id=token[4:16]).status_code == 302
    assert ask(small, token).status_code == 401
    assert "Taken away" in sam.get("/account/tokens").text


def test_the_page_refuses_with_a_sentence_and_keeps_what_was_written(small: SmallHouse) -> None:
    sam = small.signed_in("sam")
    for fields in (
        {"scope": "ingest"},
        {"scope": "x"},
        {},
        {"scope": "read", "days": "366"},
        {"scope": "read", "days": "-"},
    ):
        page = sam.submit("/account/tokens", **{"name": "My robot", "days": "90", **fields})
        assert page.status_code in {400, 403}
        assert 'role="alert"' in page.text
        assert 'value="My robot"' in page.text
    assert sam.submit("/account/tokens", do="revoke", id="nosuchtoken0").status_code == 404


def test_tokens_are_made_and_taken_away_with_the_password_given_just_now(small: SmallHouse) -> None:
    token = token_of(small, "sam")
    sam = small.signed_in("sam")
    small.clock.go_on(minutes=6)
    page = sam.get("/account/tokens").text
    assert "Give the password" in page
    assert "Make the token" not in page
    for fields in ({"name": "B", "scope": "read", "days": "9"}, {"do": "revoke", "id": token[4:16]}):
        came = sam.submit("/account/tokens", **fields)
        assert came.headers["Location"] == "/account/prove?next=/account/tokens"
    assert ask(small, token).status_code == 200
    assert (
        sam.submit("/account/prove", password=PASSWORD, next="/account/tokens").headers["Location"] == "/account/tokens"
    )
    assert sam.submit("/account/tokens", do="revoke", id=token[4:16]).status_code == 302
    assert ask(small, token).status_code == 401


def test_otto_has_no_page_of_tokens_and_no_link_to_it(small: SmallHouse) -> None:
    otto = small.signed_in("otto")
    assert otto.get("/account/tokens").status_code == 403
    assert "/account/tokens" not in otto.get("/account").text
    fields = {**otto.hidden("/account"), "name": "B", "scope": "read", "days": "9"}
    assert otto.post("/account/tokens", data=fields).status_code == 403


def test_everybody_sees_their_own_tokens_and_administrators_all(small: SmallHouse) -> None:
    sams = token_of(small, "sam")[4:16]
    tess = small.signed_in("tess")
    assert sams not in tess.get("/account/tokens").text
    assert tess.submit("/account/tokens", do="revoke", id=sams).status_code == 404
    ada = small.signed_in("ada")
    assert sams in ada.get("/account/tokens").text
    assert ada.submit("/account/tokens", do="revoke", id=sams).status_code == 302
