"""A token speaks for its owner, in part, as the owner may at that moment, until it is over or taken away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.auth import tokens as written
from app.auth.tokens import SCOPES
from app.models.database import Database
from app.models.event import AuditEvent
from app.models.token import ApiToken
from app.services import accounts, tokens
from app.services.tokens import MOST, TokenCard
from app.values.errors import Conflict, Forbidden, Invalid, NotFound, TooBig
from app.values.viewer import Viewer
from tests.services.cast import NOW, PEOPLE, TERMS, TREES, acts, viewer

ALL = tuple(SCOPES)


def make(
    database: Database, who: str = "sam", scopes: tuple[str, ...] = ("read",), **given: Any
) -> tuple[TokenCard, str]:
    with database.write() as session:
        return tokens.make(
            session, viewer(database, who), name=given.pop("name", "Robot"), scopes=scopes, now=NOW, **given
        )


def speaks_for(database: Database, token: str, now: datetime = NOW) -> Viewer | None:
    with database.glance() as reader:
        found = written.find(reader, token, now)
    return None if found is None else written.viewer_of(found, TREES, TERMS)


def rights(database: Database, who: str, **given: Any) -> None:
    with database.write() as session:
        accounts.change_rights(session, "cli", f"{who}@x.example", **given)


def test_otto_makes_no_token_and_everybody_who_looks_does(staffed: Database) -> None:
    with pytest.raises(Forbidden):
        make(staffed, "otto")
    assert acts(staffed) == []
    for name in (each for each in PEOPLE if each != "otto"):
        card, token = make(staffed, name)
        assert (card.owner, card.scopes, card.expires_at) == (name.title(), ("read",), NOW + timedelta(days=90))
        assert token.startswith(f"sal_{card.id}")


def test_a_token_sees_what_its_owner_sees_and_may_what_its_scopes_give(staffed: Database) -> None:
    sam = viewer(staffed, "sam")
    card, token = make(staffed, "sam", ("read", "rows"))
    speaks = speaks_for(staffed, token)
    assert speaks is not None
    assert (speaks.kind, speaks.id, speaks.account) == ("token", card.id, int(sam.id))
    assert speaks.context == sam.context
    assert speaks.permissions == {"dashboards", "rows"}


def test_no_scope_gives_more_than_the_owner_has_and_none_makes_tokens(staffed: Database) -> None:
    for name in (each for each in PEOPLE if each != "otto"):
        owner = viewer(staffed, name)
        with staffed.read() as session:
            scopes = tokens.offered(accounts.find_person(session, f"{name}@x.example"))
        _, token = make(staffed, name, scopes, name="All there is")
        speaks = speaks_for(staffed, token)
        assert speaks is not None
        assert speaks.permissions == owner.permissions - {"tokens"}
        for act in (
            lambda session, it: tokens.make(session, it, name="More", scopes=("read",)),
            lambda session, it: tokens.listed(session, it),
            lambda session, it: tokens.revoke(session, it, it.id),
        ):
            with pytest.raises(Forbidden), staffed.write() as session:
                act(session, speaks)


def test_a_token_is_not_made_for_what_its_owner_may_not(staffed: Database) -> None:
    for name, scope in (
        ("sam", "ingest"),
        ("sam", "admin"),
        ("tess", "embed"),
        ("erin", "admin"),
        ("remy", "webhooks"),
    ):
        with pytest.raises(Forbidden):
            make(staffed, name, ("read", scope))
    for scopes in ((), ("read", "everything"), ("dashboards",), ("",), ("write",), ("ingest", "embed"), ("webhooks",)):
        with pytest.raises(Invalid):
            make(staffed, "ada", scopes)
    assert acts(staffed) == []


@pytest.mark.parametrize("days", [0, -1, 366, 10**9])
def test_no_token_lasts_for_ever(staffed: Database, days: int) -> None:
    with pytest.raises(Invalid):
        make(staffed, days=days)


def test_a_token_ends_with_its_day_and_when_it_is_taken_away(staffed: Database) -> None:
    card, token = make(staffed, days=1)
    day = timedelta(days=1)
    assert speaks_for(staffed, token, NOW + day - timedelta(seconds=1))
    assert speaks_for(staffed, token, NOW + day) is None
    with staffed.write() as session:
        tokens.revoke(session, viewer(staffed, "sam"), card.id, now=NOW)
    assert speaks_for(staffed, token) is None
    assert acts(staffed) == ["token.made", "token.revoked"]


def test_a_token_changed_in_any_letter_opens_nothing(staffed: Database) -> None:
    _, token = make(staffed)
    _, another = make(staffed, "rob")
    assert speaks_for(staffed, token)
    for at in range(len(token)):
        assert speaks_for(staffed, f"{token[:at]}{'0' if token[at] != '0' else '1'}{token[at + 1 :]}") is None
    # The sum at the end finds slips; what keeps forgers out is the hash.
    body = token[4:16] + another[16:48]
    assert speaks_for(staffed, f"sal_{body}{written._checksum(body)}") is None
    for text in ("", "sal_", token[:-1], token + "0", token.upper(), f" {token}", "é" * 54, "sal_" + "\0" * 50):
        assert speaks_for(staffed, text) is None


def test_the_token_of_another_company_opens_nothing(staffed: Database) -> None:
    _, foreign = written.new_token()
    assert written.id_in(foreign)
    assert speaks_for(staffed, foreign) is None


def test_a_token_follows_its_owner(staffed: Database) -> None:
    _, token = make(staffed, "tess", ("read", "rows", "write"))
    rights(staffed, "tess", role="rep")
    speaks = speaks_for(staffed, token)
    assert speaks is not None
    assert speaks.permissions == {"dashboards", "rows"}
    assert speaks.context == viewer(staffed, "tess").context
    rights(staffed, "tess", role="none")
    assert speaks_for(staffed, token) is None
    rights(staffed, "tess", role="rep")
    assert speaks_for(staffed, token)
    with staffed.write() as session:
        accounts.disable_user(session, "cli", "tess@x.example")
    assert speaks_for(staffed, token) is None


def test_the_token_itself_is_kept_nowhere(staffed: Database) -> None:
    _, token = make(staffed)
    with staffed.read() as session:
        [row] = session.scalars(select(ApiToken))
        events = list(session.scalars(select(AuditEvent)))
    held = str([vars(row), *(vars(each) for each in events)])
    assert token not in held
    assert token[16:] not in held


def test_tokens_are_never_alike(staffed: Database) -> None:
    many = {written.new_token()[1] for _ in range(1000)}
    assert len(many) == 1000
    assert all(written.WRITTEN.fullmatch(each) and written.id_in(each) == each[4:16] for each in many)


def test_everybody_sees_and_ends_their_own_and_administrators_all(staffed: Database) -> None:
    (sams, token), (robs, _) = make(staffed, "sam"), make(staffed, "rob")
    with staffed.read() as session:
        assert [card.id for card in tokens.listed(session, viewer(staffed, "sam"))] == [sams.id]
        assert {card.id for card in tokens.listed(session, viewer(staffed, "ada"))} == {sams.id, robs.id}
        with pytest.raises(Forbidden):
            tokens.listed(session, viewer(staffed, "otto"))
    told = []
    for token_id in (robs.id, "noneatall000"):
        with pytest.raises(NotFound) as refused, staffed.write() as session:
            tokens.revoke(session, viewer(staffed, "sam"), token_id)
        told.append(refused.value.sentence)
    assert told[0] == told[1]
    with staffed.write() as session:
        assert tokens.revoke(session, viewer(staffed, "ada"), sams.id, now=NOW).revoked_at == NOW
        assert tokens.revoke(session, viewer(staffed, "ada"), sams.id).revoked_at == NOW
    assert speaks_for(staffed, token) is None
    assert acts(staffed).count("token.revoked") == 1


def test_a_name_is_given_once_and_is_free_again(staffed: Database) -> None:
    card, _ = make(staffed, name="Nightly")
    make(staffed, "rob", name="Nightly")
    with pytest.raises(Conflict):
        make(staffed, name=" nightly")
    with staffed.write() as session:
        tokens.revoke(session, viewer(staffed, "sam"), card.id, now=NOW)
    make(staffed, name="Nightly")


def test_there_is_an_end_to_how_many_one_may_have(staffed: Database) -> None:
    for at in range(MOST):
        make(staffed, name=f"Robot {at}")
    with pytest.raises(TooBig):
        make(staffed, name="One more")
    make(staffed, "rob", name="One more")


def test_the_last_use_is_noted_once_a_minute(staffed: Database) -> None:
    card, token = make(staffed)

    def use(now: datetime) -> datetime | None:
        with staffed.glance() as reader:
            found = written.find(reader, token, now)
        assert found is not None
        if tokens.is_note_due(found, now):
            with staffed.write() as session:
                tokens.note_use(session, found, now)
        with staffed.read() as session:
            return session.get_one(ApiToken, card.id).used_at

    assert use(NOW) == NOW
    assert use(NOW + timedelta(seconds=59)) == NOW
    assert use(NOW + timedelta(seconds=60)) == NOW + timedelta(seconds=60)


def test_whoever_sits_at_the_machine_makes_a_token_for_somebody(staffed: Database) -> None:
    with staffed.write() as session:
        card, token = tokens.make(session, "cli", owner="sam@x.example", name="Night", scopes=("read",), now=NOW)
        assert [each.id for each in tokens.listed(session, "cli")] == [card.id]
    assert speaks_for(staffed, token)
    for owner, scopes in (("otto@x.example", ("read",)), ("sam@x.example", ("ingest",)), (None, ("read",))):
        with pytest.raises(Forbidden), staffed.write() as session:
            tokens.make(session, "cli", owner=owner, name="B", scopes=scopes)
    with staffed.write() as session:
        tokens.revoke(session, "cli", card.id)
    assert speaks_for(staffed, token) is None


def test_an_administrators_token_does_not_change_its_owners_own_rights(staffed: Database) -> None:
    _, token = make(staffed, "ada", ALL)
    speaks = speaks_for(staffed, token)
    assert speaks is not None
    with pytest.raises(Forbidden), staffed.write() as session:
        accounts.change_rights(session, speaks, "ada@x.example", role="rep")
    with pytest.raises(Forbidden), staffed.write() as session:
        accounts.disable_user(session, speaks, "ada@x.example")
    with staffed.write() as session:
        accounts.change_rights(session, speaks, "sam@x.example", role="team-lead")
    with staffed.read() as session:
        last = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()
    assert last is not None
    assert (last.actor, last.action) == (f"token:{speaks.id}", "user.rights-changed")
