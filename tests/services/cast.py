"""The people that the services' tests are about, in a database that holds nobody else."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import select

from app.auth.policy import Terms, Trees, viewer_for
from app.models.database import Database
from app.models.event import AuditEvent
from app.services import accounts
from app.values.viewer import Viewer

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TREES = Trees(frozenset({("T1", "D1"), ("T2", "D1")}))
TERMS = Terms(date(2026, 11, 20), "EUR")

PEOPLE: dict[str, dict[str, object]] = {
    "ada": {"role": "administrator"},
    "erin": {"role": "executive"},
    "dirk": {"role": "director"},
    "fay": {"role": "finance"},
    "remy": {"role": "regional-lead", "place_keys": ["region:iberia", "country:it"]},
    "tess": {"role": "team-lead", "rep_key": "R001", "team_keys": ["T1"]},
    "sam": {"role": "rep", "rep_key": "R002", "team_keys": ["T1"]},
    "rob": {"role": "rep", "rep_key": "R009", "team_keys": ["T2"]},
    "otto": {"role": "none", "rep_key": "R002", "team_keys": ["T1"]},
}
"""Tess leads Sam's team; Rob is another team's rep; Otto has Sam's keys and no role."""


def hire(database: Database) -> None:
    """Give everybody an account."""
    with database.write() as session:
        for name, given in PEOPLE.items():
            accounts.add_user(session, "cli", email=f"{name}@x.example", name=name.title(), **given)  # type: ignore[arg-type]


def viewer(database: Database, name: str) -> Viewer:
    """Who somebody is at this moment."""
    with database.read() as session:
        return viewer_for(accounts.find_person(session, f"{name}@x.example"), TREES, TERMS)


def acts(database: Database) -> list[str]:
    """What the ledger holds, the hiring left out."""
    with database.read() as session:
        told = session.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence)).all()
    return [action for action in told if not action.startswith(("user.", "role."))]
