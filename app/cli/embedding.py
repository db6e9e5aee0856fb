"""`salient embed …`: views that other sites show, made, listed and taken away."""

from __future__ import annotations

import click

from app.assembly import assemble
from app.config import read_settings
from app.handing import opened, panel_of
from app.services import embeds
from app.services.embeds import LONGEST_DAYS, THEMES, USUAL_DAYS, Wanted
from app.telling import notice, write_table
from app.values.errors import Invalid
from app.values.view import View


@click.group()
def embed() -> None:
    """Views that pages of other sites show, each inside its own rows."""


@embed.command()
@click.argument("view")
@click.option("--as", "email", required=True, help="Whose embed it is: it never shows more than this person may see.")
@click.option("--origin", "origins", multiple=True, required=True, help="A site that shows it; may be repeated.")
@click.option("--name", default="", help="What it is called (default: the view).")
@click.option("--where", "rules", multiple=True, metavar="LEVEL=KEY,…", help="Only these rows; may be repeated.")
@click.option("--capabilities", default="", help="Of filter, drill, rows, export, with commas between.")
@click.option("--lock", "locked", multiple=True, help="What stays as it is, e.g. period (default: all filters).")
@click.option("--acts-as", default="", help="Only what this person sees, too.")
@click.option("--key", default="", help="The key that signs for visitors.")
@click.option("--theme", default="auto", type=click.Choice(THEMES), show_default=True)
@click.option("--locale", help="E.g. de (default: the person's).")
@click.option("--days", default=USUAL_DAYS, show_default=True, type=click.IntRange(1, LONGEST_DAYS))
def create(
    view: str,
    email: str,
    origins: tuple[str, ...],
    name: str,
    rules: tuple[str, ...],
    capabilities: str,
    locked: tuple[str, ...],
    acts_as: str,
    key: str,
    theme: str,
    locale: str | None,
    days: int,
) -> None:
    """Let other sites show VIEW; prints the address of the frame."""
    house = assemble(read_settings())
    try:
        viewer, wanted = house.viewer_named(email), View.parse(view)
        found = opened(house, viewer, wanted)
        if wanted.panel is not None:
            panel_of(found, viewer, wanted)
        asked = Wanted(
            name=name or view[:120],
            view=view,
            origins=origins,
            capabilities=[each.strip() for each in capabilities.split(",") if each.strip()],
            locked=locked or None,
            rule=_rule(rules),
            acts_as=acts_as,
            key=key,
            theme=theme,
            locale=locale,
            days=days,
        )
        with house.database.write() as session:
            card = embeds.grant(session, viewer, asked)
        print(f"{house.settings.origin}/embed/{card.id}")
        notice(f"Until {card.expires_at:%Y-%m-%d}, on {', '.join(card.origins)}.")
    finally:
        house.close()


@embed.command("list")
@click.option("--as", "email", required=True, help="Whose embeds; an administrator sees everybody's.")
def list_(email: str) -> None:
    """Embeds with what they show and where."""
    house = assemble(read_settings())
    try:
        with house.database.read() as session:
            found = embeds.listed(session, house.viewer_named(email))
    finally:
        house.close()
    rows = [
        (
            each.id,
            each.name,
            each.view,
            ", ".join(each.origins),
            "revoked" if each.revoked_at else f"until {each.expires_at:%Y-%m-%d}",
        )
        for each in found
    ]
    write_table(["Id", "Name", "View", "Sites", "State"], rows)


@embed.command()
@click.argument("embed_id")
@click.option("--as", "email", required=True, help="Its maker, or an administrator.")
def revoke(embed_id: str, email: str) -> None:
    """Take an embed away; it shows nothing from its next request on."""
    house = assemble(read_settings())
    try:
        with house.database.write() as session:
            card = embeds.revoke(session, house.viewer_named(email), embed_id)
        notice(f"{card.name} is shown nowhere any more.")
    finally:
        house.close()


def _rule(texts: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    rule: dict[str, tuple[str, ...]] = {}
    for text in texts:
        level, equals, members = text.partition("=")
        if not equals or level in rule:
            raise Invalid("Write each level of the rows once, as in --where customer=acme,beta.")
        rule[level] = tuple(each.strip() for each in members.split(",") if each.strip())
    return rule
