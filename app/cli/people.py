"""`salient user …`: people added, listed, switched off and given passwords."""

from __future__ import annotations

import sys

import click

from app.assembly import open_application_database
from app.config import read_settings
from app.services import accounts
from app.telling import notice, write_table

ACTOR = "cli"


@click.group()
def user() -> None:
    """People who may sign in."""


def _password() -> str:
    """Typed twice at a terminal, or one line of standard input; never an argument, which other users could read."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\n")


@user.command()
@click.argument("email")
@click.option("--name", help="The person's name (default: the address).")
@click.option("--role", default="none", show_default=True, help="One of the roles, e.g. executive, regional-lead, rep.")
@click.option("--rep", help="The key of the rep this person is.")
@click.option("--team", multiple=True, help="Key of a team this person leads; may be repeated.")
@click.option(
    "--place", multiple=True, help="level:key of a place this person leads, e.g. region:iberia; may be repeated."
)
def add(
    email: str, name: str | None, role: str, rep: str | None, team: tuple[str, ...], place: tuple[str, ...]
) -> None:
    """Add a person; asks for a password, or reads it from standard input."""
    database = open_application_database(read_settings())
    password = _password()
    with database.write() as session:
        accounts.add_user(
            session, ACTOR, email=email, name=name or email, role=role, password=password,
            rep_key=rep, team_keys=team, place_keys=place,
        )  # fmt: skip
    notice(f"Added {email}.")


@user.command("list")
def list_() -> None:
    """Everybody, with role and what it is tied to."""
    with open_application_database(read_settings()).read() as session:
        people = accounts.list_users(session, ACTOR)
    rows = [
        (p.email, p.name, p.role.title, ", ".join((*filter(None, [p.rep_key]), *p.team_keys, *p.place_keys)),
         "active" if p.active else "disabled")
        for p in people
    ]  # fmt: skip
    write_table(("email", "name", "role", "tied to", "state"), rows)


@user.command()
@click.argument("email")
def disable(email: str) -> None:
    """Switch an account off; its sessions end at once."""
    with open_application_database(read_settings()).write() as session:
        accounts.disable_user(session, ACTOR, email)
    notice(f"Disabled {email}.")


@user.command()
@click.argument("email")
def enable(email: str) -> None:
    """Switch an account on again."""
    with open_application_database(read_settings()).write() as session:
        accounts.enable_user(session, ACTOR, email)
    notice(f"Enabled {email}.")


@user.command()
@click.argument("email")
def password(email: str) -> None:
    """Give a new password; asks for it, or reads it from standard input."""
    database = open_application_database(read_settings())
    given = _password()
    with database.write() as session:
        accounts.set_password(session, ACTOR, email, given)
    notice(f"The password of {email} is changed and its sessions are ended.")
