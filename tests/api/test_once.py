"""A write under an Idempotency-Key: however often it is sent, it has one effect and one answer."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.assembly import House
from app.models.request import KeptAnswer
from app.models.role import Role
from app.models.view import SavedView
from app.services import accounts, requests, views
from tests.api.conftest import Holder, Tokens
from tests.conftest import SOAK

RETRIES = 10_000 if SOAK else 400
AT_ONCE = 200 if SOAK else 20


def keep(program: Holder, name: str, key: str, view: str = "/d/overview") -> TestResponse:
    """Keep a view under a key."""
    return program.send("POST", "/views", {"name": name, "view": view}, headers={"Idempotency-Key": key})


def rows(house: House, name: str) -> int:
    """How many views have the name."""
    with house.database.read() as session:
        return session.scalar(select(func.count()).where(SavedView.name == name)) or 0


def test_the_same_request_again_gets_the_same_answer_and_does_nothing(token: Tokens, house: House) -> None:
    dirk = token("dirk", "read", "write")
    first, again = (keep(dirk, "Twice", "key-twice") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.data, first.headers["Location"]) == (again.data, again.headers["Location"])
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert rows(house, "Twice") == 1


def test_another_request_under_the_same_key_is_refused(token: Tokens, house: House) -> None:
    dirk = token("dirk", "read", "write")
    assert keep(dirk, "Third", "key-third").status_code == 201
    other = keep(dirk, "Fourth", "key-third")
    assert (other.status_code, rows(house, "Fourth")) == (422, 0)
    assert "new key" in other.get_json()["detail"]


def test_a_key_is_of_one_principal(token: Tokens, house: House) -> None:
    dirk, fay = token("dirk", "read", "write"), token("fay", "read", "write")
    assert keep(dirk, "Ours", "key-ours").get_json()["id"] != keep(fay, "Ours", "key-ours").get_json()["id"]
    assert rows(house, "Ours") == 2


def test_what_was_refused_may_be_sent_again_when_nothing_stands_in_its_way(token: Tokens) -> None:
    dirk = token("dirk", "read", "write")
    made = keep(dirk, "In the way", "key-way-1")
    assert keep(dirk, "In the way", "key-way-2").status_code == 409
    place = f"/views/{made.get_json()['id']}"
    tag = dirk.get(place).headers["ETag"]
    assert dirk.send("DELETE", place, headers={"If-Match": tag}).status_code == 204
    assert keep(dirk, "In the way", "key-way-2").status_code == 201


def test_what_was_answered_before_rights_were_narrowed_is_not_told_again(token: Tokens, house: House) -> None:
    fay = token("fay", "read", "write")
    first = keep(fay, "Before", "key-rights")
    assert first.status_code == 201
    with house.database.write() as session:
        person = accounts.find_person(session, "fay@salient.example")
        role = session.get_one(Role, person.role.id)
        before, role.masks = role.masks, [*role.masks, "cost"]
    try:
        again = keep(fay, "Before", "key-rights")
        assert (again.status_code, again.get_json()["detail"]) == (409, requests.CHANGED)
        assert first.get_json()["id"] not in again.text
        assert rows(house, "Before") == 1
    finally:
        with house.database.write() as session:
            session.get_one(Role, person.role.id).masks = before
    assert keep(fay, "Before", "key-rights").data == first.data


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "schlüssel"])
def test_a_key_is_plain_text(token: Tokens, key: str) -> None:
    assert keep(token("dirk", "read", "write"), "Plain", key).status_code == 400


def test_a_key_is_forgotten_after_a_day(token: Tokens, house: House) -> None:
    dirk = token("dirk", "read", "write")
    assert keep(dirk, "A day", "key-day").status_code == 201
    with house.database.write() as session:
        session.execute(update(KeptAnswer).values(at=datetime.now(UTC) - timedelta(hours=25)))
    assert keep(dirk, "Next day", "key-day").status_code == 201
    with house.database.write() as session:
        requests.forget(session, datetime.now(UTC) + timedelta(hours=25))
        assert session.scalar(select(func.count()).select_from(KeptAnswer)) == 0


def test_a_request_that_is_being_answered_is_not_begun_again(
    token: Tokens, monkeypatch: pytest.MonkeyPatch, house: House
) -> None:
    dirk, begun, go_on, save = token("dirk", "read", "write"), Event(), Event(), views.save

    def slowly(*arguments: object, **named: object) -> views.ViewCard:
        begun.set()
        assert go_on.wait(30)
        return save(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(views, "save", slowly)
    with ThreadPoolExecutor(1) as others:
        first = others.submit(keep, dirk, "Slow", "key-slow")
        assert begun.wait(30)
        second = keep(dirk, "Slow", "key-slow")
        go_on.set()
        assert first.result().status_code == 201
    assert (second.status_code, second.get_json()["detail"]) == (409, requests.RUNNING)
    assert rows(house, "Slow") == 1


def test_what_dies_between_effect_and_answer_leaves_neither(
    token: Tokens, monkeypatch: pytest.MonkeyPatch, house: House
) -> None:
    dirk = token("dirk", "read", "write")

    def dies(session: Session, *_: object) -> None:
        session.flush()
        raise RuntimeError("the process dies here")

    with monkeypatch.context() as patched:
        patched.setattr(requests, "keep", dies)
        assert keep(dirk, "Dying", "key-dying").status_code == 500
    assert rows(house, "Dying") == 0
    assert keep(dirk, "Dying", "key-dying").status_code == 201
    assert rows(house, "Dying") == 1


def test_thousands_of_retries_make_one_row(token: Tokens, house: House) -> None:
    dirk = token("dirk", "read", "write")
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        came = list(crowd.map(lambda _: keep(dirk, "Often", "key-often"), range(RETRIES)))
    told = Counter((each.status_code, each.get_json().get("detail", "")) for each in came)
    assert set(told) <= {(201, ""), (409, requests.RUNNING)}, told
    assert len({each.data for each in came if each.status_code == 201}) == 1
    assert rows(house, "Often") == 1
