"""Other sites show a view as its maker may see it at that moment, inside a row rule, until it is taken away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest
from sqlalchemy import select

from app.auth.embeds import Pass
from app.models.database import Database
from app.models.embed import EmbedAssertion, EmbedKey
from app.models.event import AuditEvent
from app.services import accounts, embed_keys, embedding, embeds
from app.services.embeds import LONGEST_DAYS, MOST, GrantCard, Wanted, origin_of
from app.values.errors import Forbidden, Invalid, NotFound, Refusal, TooBig
from app.values.scope import Scope
from app.values.viewer import Viewer
from tests.services.cast import NOW, TERMS, TREES, acts, viewer

VIEW = "/d/overview?period=this-month&category=bikes"
SITE = "https://portal.example.com"


def grant(database: Database, who: str = "erin", now: datetime = NOW, **given: Any) -> GrantCard:
    wanted = Wanted(**{"name": "Portal", "view": VIEW, "origins": [SITE], **given})
    with database.write() as session:
        return embeds.grant(session, viewer(database, who), wanted, now=now)


def admit(database: Database, grant_id: str, assertion: str | None = None, now: datetime = NOW) -> Pass:
    with database.write() as session:
        return embedding.admit(session, grant_id, assertion, now)


def enter(database: Database, given: Pass, now: datetime = NOW, **how: Any) -> Viewer:
    with database.read() as session:
        return embedding.enter(session, given, trees=lambda: TREES, terms=lambda: TERMS, now=now, **how)


def is_shut(database: Database, given: Pass, now: datetime = NOW) -> bool:
    """Whether a frame is refused, in the words for a grant that never was."""
    told = []
    for each in (given, Pass("nosuchgrant0")):
        try:
            enter(database, each, now)
        except NotFound as refusal:
            told.append(refusal.sentence)
    assert len(set(told)) == 1
    return len(told) == 2


def new_key(database: Database, who: str = "erin") -> tuple[str, str]:
    with database.write() as session:
        card, private = embed_keys.add(session, viewer(database, who), "Portal", now=NOW)
    return card.id, private


def assertion(private: str, key_id: str, grant_id: str, **changed: Any) -> str:
    made = int(NOW.timestamp())
    claims: dict[str, Any] = {"iss": key_id, "aud": "salient", "grant": grant_id, "sub": "ann@acme", "jti": "1"}
    claims |= {"where": {}, "iat": made, "exp": made + 300, **changed}
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, private, algorithm="EdDSA")


def rights(database: Database, who: str, **given: Any) -> None:
    with database.write() as session:
        accounts.change_rights(session, "cli", f"{who}@x.example", **given)


def test_only_who_may_embeds(staffed: Database) -> None:
    for name in ("otto", "sam", "rob", "tess", "remy", "fay"):
        with pytest.raises(Forbidden):
            grant(staffed, name)
        with pytest.raises(Forbidden):
            new_key(staffed, name)
    assert acts(staffed) == []
    for name in ("ada", "erin", "dirk"):
        card = grant(staffed, name)
        assert (card.creator, card.view, card.locked) == (name.title(), VIEW, ("category",))
        assert card.expires_at == NOW + timedelta(days=365)


def test_a_guest_looks_and_does_what_was_granted_and_nothing_else(staffed: Database) -> None:
    card = grant(staffed, capabilities=["filter", "rows"])
    guest = enter(staffed, admit(staffed, card.id))
    assert (guest.kind, guest.id) == ("embed", f"grant:{card.id}")
    assert guest.permissions == {"dashboards", "rows"}
    assert guest.context.masks == {"contact"}
    assert guest.only is not None
    assert str(guest.only.view) == VIEW
    assert guest.only.allows == {"filter", "rows"}
    assert guest.only.locked == {"category"}
    with staffed.write() as session:
        for act in (embeds.listed, embed_keys.listed, lambda s, v: embeds.revoke(s, v, card.id)):
            with pytest.raises(Forbidden):
                act(session, guest)


def test_what_the_maker_may_not_do_is_no_guests_either(staffed: Database) -> None:
    card = grant(staffed, capabilities=["rows", "export"])
    with staffed.write() as session:
        accounts.change_role(
            session, "cli", "executive", permissions=["dashboards", "embed", "rows"], masks=[], scope_kind="everything"
        )
    assert enter(staffed, admit(staffed, card.id)).permissions == {"dashboards", "rows"}


def test_rows_are_the_makers_of_now_inside_the_rule(staffed: Database) -> None:
    given = admit(staffed, grant(staffed, "dirk", rule={"customer": ["acme"], "region": "iberia"}).id)
    assert enter(staffed, given).context.scope == Scope.of(customer={"acme"}, region={"iberia"})
    rights(staffed, "dirk", rep_key="R007")
    with staffed.write() as session:
        accounts.change_role(
            session, "cli", "director", permissions=["dashboards", "embed"], masks=["cost"], scope_kind="own"
        )
    context = enter(staffed, given).context
    assert context.scope == Scope.of(customer={"acme"}, region={"iberia"}, rep={"R007"})
    assert context.masks == {"cost", "contact"}


def test_an_embed_can_act_as_a_person_and_never_sees_more_than_its_maker(staffed: Database) -> None:
    given = admit(staffed, grant(staffed, acts_as="Sam@x.example").id)
    assert enter(staffed, given).context.scope == Scope.of(rep={"R002"})
    with staffed.write() as session:
        accounts.disable_user(session, "cli", "sam@x.example")
    assert is_shut(staffed, given)
    with pytest.raises(NotFound):
        grant(staffed, acts_as="nobody@x.example")
    given = admit(staffed, grant(staffed, acts_as="otto@x.example").id)
    assert is_shut(staffed, given)


@pytest.mark.parametrize(
    "rule",
    [
        {"customer": []},
        {"customer": "a\x00"},
        {"customer": ["'" * 200]},
        {"1=1": "x"},
        {"month": "2013-05"},
        {"customer": {"or": 1}},
        {"customer": [1]},
        ["customer"],
    ],
)
def test_a_row_rule_is_attribute_and_value(staffed: Database, rule: Any) -> None:
    with pytest.raises(Invalid):
        grant(staffed, rule=rule)


def test_a_maker_who_may_no_longer_has_no_embeds(staffed: Database) -> None:
    given = admit(staffed, grant(staffed).id)
    for role in ("rep", "team-lead", "none"):
        rights(staffed, "erin", role=role, rep_key="R1", team_keys=["T1"])
        assert is_shut(staffed, given)
    rights(staffed, "erin", role="executive")
    assert not is_shut(staffed, given)
    with staffed.write() as session:
        accounts.disable_user(session, "cli", "erin@x.example")
    assert is_shut(staffed, given)


def test_an_embed_without_a_row_is_over(staffed: Database) -> None:
    rights(staffed, "dirk", rep_key="R007")
    given = admit(staffed, grant(staffed, "dirk", rule={"rep": "R009"}).id)
    assert not is_shut(staffed, given)
    with staffed.write() as session:
        accounts.change_role(
            session, "cli", "director", permissions=["dashboards", "embed"], masks=[], scope_kind="own"
        )
    assert is_shut(staffed, given)


def test_a_persona_has_embeds_in_the_demo_alone(staffed: Database) -> None:
    with staffed.write() as session:
        accounts.add_user(session, "cli", email="eve@x.example", name="Eve", role="executive", persona=True)
    given = admit(staffed, grant(staffed, "eve").id)
    assert is_shut(staffed, given)
    assert enter(staffed, given, demo=True)


def test_leave_ends_on_its_day_and_at_once_when_it_is_taken_away(staffed: Database) -> None:
    card = grant(staffed, days=1)
    given = admit(staffed, card.id)
    assert not is_shut(staffed, given, NOW + timedelta(hours=23))
    assert is_shut(staffed, given, NOW + timedelta(days=1))
    with pytest.raises(NotFound):
        admit(staffed, card.id, now=NOW + timedelta(days=1))
    with staffed.write() as session:
        for _ in range(2):
            embeds.revoke(session, viewer(staffed, "erin"), card.id, now=NOW)
    assert is_shut(staffed, given)
    with pytest.raises(NotFound):
        admit(staffed, card.id)
    with pytest.raises(NotFound), staffed.read() as session:
        embedding.frame(session, card.id, NOW)
    assert acts(staffed) == ["embed.granted", "embed.revoked"]


def test_all_of_a_page_is_taken_away_at_once(staffed: Database) -> None:
    cards = [grant(staffed, view=view) for view in ("/d/overview", "/d/overview/net-sales?period=2013", "/d/sales")]
    others = grant(staffed, "dirk", view="/d/overview")
    passes = [admit(staffed, each.id) for each in (*cards, others)]
    with staffed.write() as session:
        assert embeds.revoke_page(session, viewer(staffed, "erin"), "overview", now=NOW) == 2
    assert [is_shut(staffed, each) for each in passes] == [True, True, False, False]
    with staffed.write() as session:
        assert embeds.revoke_page(session, viewer(staffed, "ada"), "overview", now=NOW) == 1
    assert is_shut(staffed, passes[3])


def test_administrators_see_and_take_away_everybodys_and_others_their_own(staffed: Database) -> None:
    card, (key_id, _) = grant(staffed), new_key(staffed)
    with staffed.read() as session:
        assert embeds.listed(session, viewer(staffed, "dirk")) == []
        assert embed_keys.listed(session, viewer(staffed, "dirk")) == []
        assert [each.id for each in embeds.listed(session, viewer(staffed, "ada"))] == [card.id]
        assert [each.id for each in embed_keys.listed(session, viewer(staffed, "ada"))] == [key_id]
    told = set()
    for name in (card.id, "nosuchgrant0"):
        with pytest.raises(NotFound) as refusal, staffed.write() as session:
            embeds.revoke(session, viewer(staffed, "dirk"), name)
        told.add(refusal.value.sentence)
    assert len(told) == 1
    with pytest.raises(NotFound), staffed.write() as session:
        embed_keys.revoke(session, viewer(staffed, "dirk"), key_id)
    with pytest.raises(NotFound):
        grant(staffed, "dirk", key=key_id)


def test_a_private_key_is_told_once_and_kept_nowhere(staffed: Database) -> None:
    key_id, private = new_key(staffed)
    secret = "".join(private.splitlines()[1:-1])
    with staffed.read() as session:
        row = session.scalars(select(EmbedKey)).one()
        kept = [str(getattr(row, column.key)) for column in EmbedKey.__table__.columns]
        told = [str((event.subject, event.detail)) for event in session.scalars(select(AuditEvent))]
    assert not any(secret in text for text in (*kept, *told))
    assert key_id in str(told)


def test_a_visitor_sees_what_the_partner_has_signed_for(staffed: Database) -> None:
    key_id, private = new_key(staffed)
    card = grant(staffed, key=key_id, rule={"customer": ["acme", "beta"]})
    given = admit(staffed, card.id, assertion(private, key_id, card.id, where={"customer": ["acme", "gamma"]}))
    guest = enter(staffed, given)
    assert guest.context.scope == Scope.of(customer={"acme"})
    assert (guest.id, guest.name) == (f"grant:{card.id}:ann@acme", "ann@acme")


def test_an_assertion_counts_once(staffed: Database) -> None:
    key_id, private = new_key(staffed)
    card = grant(staffed, key=key_id)
    text = assertion(private, key_id, card.id)
    assert admit(staffed, card.id, text)
    with pytest.raises(NotFound):
        admit(staffed, card.id, text)
    assert admit(staffed, card.id, assertion(private, key_id, card.id, jti="2"))
    later = NOW + timedelta(hours=1)
    soon = int(later.timestamp())
    assert admit(staffed, card.id, assertion(private, key_id, card.id, jti="3", iat=soon, exp=soon + 60), now=later)
    with staffed.read() as session:
        assert len(session.scalars(select(EmbedAssertion)).all()) == 1


def test_an_assertion_counts_once_though_the_clock_of_one_process_is_ahead_of_anothers(staffed: Database) -> None:
    key, private = new_key(staffed)
    card = grant(staffed, key=key)
    said = assertion(private, key, card.id)
    admit(staffed, card.id, said)
    ahead = NOW + timedelta(minutes=6)
    made = int(ahead.timestamp())
    admit(staffed, card.id, assertion(private, key, card.id, jti="2", iat=made, exp=made + 300), now=ahead)
    with pytest.raises(NotFound):
        admit(staffed, card.id, said, now=NOW + timedelta(seconds=10))


NOW_S = int(NOW.timestamp())
FORGED: Mapping[str, dict[str, Any]] = {
    "another audience": {"aud": "salient-embed"},
    "two audiences": {"aud": ["salient", "other"]},
    "another issuer": {"iss": "somebodyelse"},
    "another grant": {"grant": "nosuchgrant0"},
    "no row rule": {"where": None},
    "a rule that is none": {"where": "1=1"},
    "a rule about nobody": {"where": {"customer": []}},
    "no number": {"jti": None},
    "no visitor": {"sub": None},
    "a long life": {"exp": NOW_S + 301},
    "over": {"iat": NOW_S - 300, "exp": NOW_S},
    "not yet": {"iat": NOW_S + 60, "exp": NOW_S + 90},
    "no end": {"exp": None},
    "no beginning": {"iat": None},
    "an end that is no number": {"exp": True},
}


@pytest.mark.parametrize("claims", FORGED.values(), ids=FORGED)
def test_an_assertion_is_as_agreed_or_nothing(staffed: Database, claims: dict[str, Any]) -> None:
    key_id, private = new_key(staffed)
    card = grant(staffed, key=key_id)
    with pytest.raises(NotFound):
        admit(staffed, card.id, assertion(private, key_id, card.id, **claims))


def test_only_the_key_of_the_grant_signs_for_it(staffed: Database) -> None:
    key_id, private = new_key(staffed)
    other_id, other = new_key(staffed)
    card, public = grant(staffed, key=key_id), grant(staffed)
    right = assertion(private, key_id, card.id)
    with staffed.read() as session:
        pem = session.get_one(EmbedKey, key_id).public_key
    unsigned = jwt.encode(jwt.decode(right, options={"verify_signature": False}), "", algorithm="none")
    head, body, sign = right.split(".")
    wrong = (
        assertion(other, key_id, card.id),
        assertion(other, other_id, card.id),
        unsigned,
        f"{head}.{body}.{sign[:-4]}AAAA",
        f"{head}.{body}.",
        "",
        "x" * 9000,
        pem,
    )
    for text in wrong:
        with pytest.raises(NotFound):
            admit(staffed, card.id, text)
    with pytest.raises(NotFound):
        admit(staffed, card.id)
    with pytest.raises(NotFound):
        admit(staffed, public.id, assertion(private, key_id, public.id))
    assert is_shut(staffed, Pass(card.id))
    assert is_shut(staffed, Pass(card.id, key=other_id))
    assert is_shut(staffed, Pass(public.id, key=key_id))
    assert admit(staffed, card.id, right)


def test_a_key_that_was_taken_away_lets_nobody_in(staffed: Database) -> None:
    key_id, private = new_key(staffed)
    card = grant(staffed, key=key_id)
    given = admit(staffed, card.id, assertion(private, key_id, card.id))
    with staffed.write() as session:
        embed_keys.revoke(session, viewer(staffed, "erin"), key_id, now=NOW)
    assert is_shut(staffed, given)
    with pytest.raises(NotFound):
        admit(staffed, card.id, assertion(private, key_id, card.id, jti="2"))
    with pytest.raises(NotFound):
        grant(staffed, key=key_id)
    assert acts(staffed) == ["embed.key-made", "embed.granted", "embed.key-revoked"]


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("HTTPS://Portal.Example.com:443/", "https://portal.example.com"),
        (" https://portal.example.com:8443", "https://portal.example.com:8443"),
        ("http://localhost:9000", "http://localhost:9000"),
        ("http://127.0.0.2:9000", "http://127.0.0.2:9000"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(written: str, origin: str) -> None:
    assert origin_of(written) == origin


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "https://*",
        "https://*.example.com",
        "http://portal.example.com",
        "portal.example.com",
        "https://portal.example.com/path",
        "https://portal.example.com?x",
        "https://a@portal.example.com",
        "https://a;script-src *",
        "https://a b",
        "https://a.example 'self'",
        "https://a.example\nx",
        "https://a..example",
        "https://a:port",
        "https://",
        "null",
        "data:text/html,x",
        "'self'",
        "http://localhost.example.com",
    ],
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        origin_of(text)


@pytest.mark.parametrize(
    "given",
    [
        {"view": "/account"},
        {"origins": []},
        {"origins": [" "]},
        {"capabilities": ["admin"]},
        {"locked": ["rowid"]},
        {"theme": "pink"},
        {"locale": "xx"},
        {"days": 0},
        {"days": LONGEST_DAYS + 1},
        {"name": " "},
        {"origins": [f"https://a{n}.example" for n in range(21)]},
    ],
)
def test_what_cannot_be_is_not_granted(staffed: Database, given: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        grant(staffed, **given)
    assert acts(staffed) == []


def test_there_is_an_end_to_the_embeds_of_one_person(staffed: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST >= 100
    monkeypatch.setattr(embeds, "MOST", 2)
    cards = [grant(staffed) for _ in range(2)]
    with pytest.raises(TooBig):
        grant(staffed)
    with staffed.write() as session:
        embeds.revoke(session, viewer(staffed, "erin"), cards[0].id)
    assert grant(staffed)
