"""`salient token …`: leave for programs to ask as somebody; made, listed and taken away."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from app.assembly import open_application_database
from app.auth.tokens import SCOPES
from app.config import read_settings
from app.services import tokens
from app.services.tokens import MOST_DAYS, USUAL_DAYS
from app.telling import notice, write_table

ACTOR = "cli"


@click.group()
def token() -> None:
    """Tokens, with which programs and assistants ask as somebody who may sign in."""


@token.command()
@click.argument("email")
@click.option("--name", required=True, help="What it is for.")
@click.option("--scopes", required=True, help=f"With commas between: {', '.join(SCOPES)}.")
@click.option("--days", type=int, default=USUAL_DAYS, show_default=True, help=f"How long, at most {MOST_DAYS}.")
def create(email: str, name: str, scopes: str, days: int) -> None:
    """Make a token of EMAIL's; it is written to standard output, this once."""
    wanted = [each.strip() for each in scopes.split(",") if each.strip()]
    with open_application_database(read_settings()).write() as session:
        card, made = tokens.make(session, ACTOR, owner=email, name=name, scopes=wanted, days=days)
    print(made)
    notice(f"{card.name} may {', '.join(card.scopes)} as {card.owner_email} until {card.expires_at:%Y-%m-%d}.")


@token.command("list")
def list_() -> None:
    """Everybody's tokens, the latest first."""
    now = datetime.now(UTC)
    with open_application_database(read_settings()).read() as session:
        found = tokens.listed(session, ACTOR)
    rows = [
        (each.id, each.name, each.owner_email, ", ".join(each.scopes), f"{each.expires_at:%Y-%m-%d}",
         f"{each.used_at:%Y-%m-%d %H:%M}" if each.used_at else "never",
         "active" if each.is_live(now) else "taken away" if each.revoked_at else "over")
        for each in found
    ]  # fmt: skip
    write_table(("id", "name", "owner", "scopes", "until", "last used (UTC)", "state"), rows)


@token.command()
@click.argument("token_id")
def revoke(token_id: str) -> None:
    """Take a token away; it stops with its next request."""
    with open_application_database(read_settings()).write() as session:
        card = tokens.revoke(session, ACTOR, token_id)
    notice(f"{card.name} of {card.owner_email} opens nothing any more.")
