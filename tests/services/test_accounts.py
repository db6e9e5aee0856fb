"""People are added, changed and switched off by those who may, and every act is on the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app.auth import sessions
from app.auth.policy import Terms, Trees, viewer_for
from app.auth.roles import PERMISSIONS, SEEDS
from app.models.database import Database
from app.models.event import AuditEvent
from app.models.role import Role
from app.models.session import BrowserSession
from app.services import accounts, ledger
from app.values.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from app.values.viewer import Viewer

SECRET_WORDS = "nine green bottles hanging"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Persona:
    """As the demo company tells of its people."""

    email: str
    name: str
    role: str
    rep_key: str | None = None
    team_keys: tuple[str, ...] = ()
    place_keys: tuple[str, ...] = ()


def viewer_of(database: Database, email: str) -> Viewer:
    with database.read() as session:
        person = accounts.find_person(session, email)
    return viewer_for(person, Trees(), Terms(date(2026, 11, 20), "EUR"))


@pytest.fixture
def staffed(database: Database) -> Database:
    """Ada administers, Sam sells, Otto has no role."""
    with database.write() as session:
        accounts.add_user(
            session, "cli", email="ada@x.example", name="Ada", role="administrator", password=SECRET_WORDS
        )
        accounts.add_user(
            session, "cli", email="sam@x.example", name="Sam", role="rep", rep_key="R1", password=SECRET_WORDS
        )
        accounts.add_user(session, "cli", email="otto@x.example", name="Otto")
    return database


def test_otto_and_sam_manage_nobody(staffed: Database) -> None:
    for email in ("otto@x.example", "sam@x.example"):
        viewer = viewer_of(staffed, email)
        with staffed.write() as session:
            for act in (
                lambda: accounts.add_user(session, viewer, email="a@b.example", name="A"),
                lambda: accounts.list_users(session, viewer),
                lambda: accounts.change_rights(session, viewer, "sam@x.example", role="administrator"),
                lambda: accounts.disable_user(session, viewer, "ada@x.example"),
                lambda: accounts.enable_user(session, viewer, "ada@x.example"),
                lambda: accounts.set_password(session, viewer, "ada@x.example", "another secret of length"),
                lambda: accounts.list_roles(session, viewer),
                lambda: accounts.change_role(
                    session, viewer, "rep", permissions=PERMISSIONS, masks=(), scope_kind="everything"
                ),
            ):
                with pytest.raises(Forbidden):
                    act()


def test_the_shipped_roles_are_the_table(database: Database) -> None:
    with database.read() as session:
        kept = {role.id: role for role in session.scalars(select(Role))}
    assert set(kept) == {seed.id for seed in SEEDS}
    for name in ("administrator", "executive", "director", "finance", "marketing"):
        assert kept[name].scope_kind == "everything"
    assert kept["regional-lead"].scope_kind == "places"
    assert kept["team-lead"].scope_kind == "teams"
    assert kept["account-manager"].scope_kind == "accounts"
    assert kept["rep"].scope_kind == "own"
    assert kept["none"].scope_kind == "nothing"
    assert kept["none"].permissions == []
    assert {name for name, role in kept.items() if "cost" in role.masks} == {
        "marketing",
        "account-manager",
        "rep",
        "none",
    }
    assert {name for name, role in kept.items() if "contact" in role.masks} == {"marketing", "finance", "none"}
    assert {name for name, role in kept.items() if "approve" in role.permissions} == {"administrator", "director"}
    assert {name for name, role in kept.items() if "admin:users" in role.permissions} == {"administrator"}
    assert {name for name, role in kept.items() if "schedule" not in role.permissions} == {
        "account-manager",
        "rep",
        "none",
    }


def test_an_edited_role_survives_the_next_start(database: Database) -> None:
    with database.write() as session:
        accounts.change_role(
            session, "cli", "marketing", permissions=["dashboards"], masks=["cost"], scope_kind="nothing"
        )
    with database.write() as session:
        accounts.ensure_roles(session)
    with database.read() as session:
        role = session.get(Role, "marketing")
        assert role is not None
        assert (role.permissions, role.masks, role.scope_kind, role.epoch) == (["dashboards"], ["cost"], "nothing", 1)


def test_one_address_is_one_person_however_it_is_written(staffed: Database) -> None:
    with pytest.raises(Conflict), staffed.write() as session:
        accounts.add_user(session, "cli", email=" SAM@X.example ", name="Sam")
    with staffed.read() as session:
        assert accounts.find_person(session, "SAM@x.EXAMPLE").name == "Sam"


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "no address"},
        {"email": "a@b\r\nBcc: c@d"},
        {"email": "a" * 250 + "@x.example"},
        {"name": ""},
        {"name": "a\nb"},
        {"role": "king"},
        {"password": "short"},
        {"password": "passwordpassword"},
        {"place_keys": ["iberia"]},
        {"place_keys": ["planet:earth"]},
        {"place_keys": ["region:"]},
        {"rep_key": "R\x001"},
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(database: Database, wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refusal, database.write() as session:
        accounts.add_user(session, "cli", **{"email": "a@b.example", "name": "A", **wrong})  # type: ignore[arg-type]
    assert refusal.value.sentence.endswith(".")


def test_new_rights_raise_the_epoch_and_the_same_ones_do_not(staffed: Database) -> None:
    with staffed.write() as session:
        accounts.change_rights(session, "cli", "sam@x.example", role="rep", rep_key="R1")
    with staffed.read() as session:
        assert accounts.find_person(session, "sam@x.example").epoch == 0
    with staffed.write() as session:
        accounts.change_rights(session, "cli", "sam@x.example", rep_key="R2")
    with staffed.read() as session:
        person = accounts.find_person(session, "sam@x.example")
    assert (person.epoch, person.rep_key, person.role.id) == (1, "R2", "rep")


def test_disabling_and_a_new_password_end_all_sessions(staffed: Database) -> None:
    for act in (
        lambda session: accounts.disable_user(session, "cli", "sam@x.example", now=NOW),
        lambda session: accounts.enable_user(session, "cli", "sam@x.example", now=NOW),
        lambda session: accounts.set_password(session, "cli", "sam@x.example", "another secret of length", now=NOW),
    ):
        with staffed.write() as session:
            user = accounts._user(session, "sam@x.example")
            token = sessions.begin(session, user, NOW, address="::1", browser="")
        with staffed.write() as session:
            act(session)
        with staffed.read() as session:
            assert sessions.find(session, token, NOW) is None or user.active is False
    with staffed.read() as session:
        assert session.scalars(select(BrowserSession)).all() == []


def test_the_last_administrator_stays(staffed: Database) -> None:
    for act in (
        lambda session: accounts.disable_user(session, "cli", "ada@x.example"),
        lambda session: accounts.change_rights(session, "cli", "ada@x.example", role="executive"),
        lambda session: accounts.change_role(
            session, "cli", "administrator", permissions=[], masks=[], scope_kind="nothing"
        ),
    ):
        with pytest.raises(Conflict), staffed.write() as session:
            act(session)


def test_nobody_raises_the_own_rights(staffed: Database) -> None:
    ada = viewer_of(staffed, "ada@x.example")
    with staffed.write() as session:
        with pytest.raises(Forbidden):
            accounts.change_rights(session, ada, "ada@x.example", role="executive")
        with pytest.raises(Forbidden):
            accounts.disable_user(session, ada, "ada@x.example")
        with pytest.raises(Forbidden):
            accounts.change_role(
                session, ada, "administrator", permissions=PERMISSIONS, masks=(), scope_kind="everything"
            )


def test_people_set_their_own_password(staffed: Database) -> None:
    sam = viewer_of(staffed, "sam@x.example")
    with staffed.write() as session:
        accounts.set_password(session, sam, "sam@x.example", "another secret of length")
        with pytest.raises(Forbidden):
            accounts.set_password(session, sam, "ada@x.example", "another secret of length")


def test_a_short_password_is_for_personas_alone(staffed: Database) -> None:
    with pytest.raises(Invalid), staffed.write() as session:
        accounts.set_password(session, "cli", "sam@x.example", "eight ok", shortest=8)


def test_personas_are_made_once_and_renewed_after(database: Database) -> None:
    cast = (
        Persona("remy@salient.example", "Remy", "regional lead", place_keys=("country:spain",)),
        Persona("dirk@salient.example", "Dirk", "sales director"),
        Persona("fay@salient.example", "Fay", "Finance analyst"),
        Persona("otto@salient.example", "Otto", "none"),
    )
    for _ in range(2):
        with database.write() as session:
            accounts.seed_personas(session, cast, "eightchr", now=NOW)
    with database.read() as session:
        assert [person.role.id for person in accounts.personas(session)] == [
            "regional-lead",
            "director",
            "finance",
            "none",
        ]
        assert ledger.faults(session) == []
    with pytest.raises(Invalid), database.write() as session:
        accounts.seed_personas(session, cast, "seven77")


def test_a_persona_never_takes_over_a_real_account(staffed: Database) -> None:
    with pytest.raises(Conflict), staffed.write() as session:
        accounts.seed_personas(session, [Persona("ada@x.example", "Ada", "none")], SECRET_WORDS)


def test_every_act_is_told_without_secrets(staffed: Database) -> None:
    ada = viewer_of(staffed, "ada@x.example")
    with staffed.write() as session:
        accounts.change_rights(session, ada, "sam@x.example", role="executive")
        accounts.set_password(session, ada, "sam@x.example", "another secret of length")
        accounts.disable_user(session, ada, "sam@x.example")
        accounts.enable_user(session, ada, "sam@x.example")
    with staffed.read() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.actor == f"person:{ada.id}")).all()
        assert [event.action for event in events] == [
            "user.rights-changed",
            "user.password-set",
            "user.disabled",
            "user.enabled",
        ]
        everything = str([event.detail for event in session.scalars(select(AuditEvent))])
    assert "argon2" not in everything
    assert "secret" not in everything


def test_an_unknown_person_is_said_to_be_unknown(database: Database) -> None:
    with pytest.raises(NotFound), database.write() as session:
        accounts.disable_user(session, "cli", "nobody@x.example")
    with pytest.raises(Refusal), database.write() as session:
        accounts.disable_user(session, "somebody", "nobody@x.example")
