"""Preferences: the look, the language and the habits a person chose; everything has a value before anybody chooses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.models.database import take_turns
from app.models.preference import Preference
from app.models.user import User
from app.services import sharing
from app.services.ledger import record
from app.values.errors import Forbidden, Invalid, NotFound
from app.values.row_layouts import RowLayouts
from app.values.viewer import Viewer

THEMES = ("auto", "light", "dark")
DENSITIES = ("comfortable", "compact")
CLICKS = ("drill", "filter", "highlight")
"""What a click on a mark does: open it, one level down, filter all panels by it, or let it stand out while the
others fade; a second click opens it then.

Opening comes first: it answers "who and what is behind this" with one click, all panels follow as they would a filter,
a finger has no double click, and nobody waits to see whether a second click comes.
"""

LOCALES = ("en", "en-GB", "en-IE", "en-US", "de", "de-AT", "de-CH", "fr", "fr-BE", "fr-CA", "fr-CH")
"""A language that ships, and where it matters the country whose way of writing numbers and dates is meant."""


@dataclass(frozen=True)
class Preferences:
    """A person's choices; `locale` None is the company's."""

    theme: str = THEMES[0]
    density: str = DENSITIES[0]
    click: str = CLICKS[0]
    locale: str | None = None
    tour_seen: bool = False
    layouts: RowLayouts = RowLayouts()
    mention_mails: bool = True


def preferences_of(session: Session, viewer: Viewer) -> Preferences:
    """The viewer's choices; for anybody but a person what everybody begins with."""
    person = sharing.known_person(session, viewer)
    return Preferences() if person is None else _told(session.get(Preference, person.id), person)


def prefer(
    session: Session,
    viewer: Viewer,
    *,
    theme: str | None = None,
    density: str | None = None,
    click: str | None = None,
    locale: str | None = None,
    tour_seen: bool | None = None,
    layouts: RowLayouts | None = None,
    now: datetime | None = None,
) -> Preferences:
    """Change choices of one's own; None leaves one as it is, an empty locale is the company's again.

    Everybody who is signed in may, whatever the role. Raises Invalid for a choice that there is not.
    """
    person = sharing.known_person(session, viewer)
    if person is None:
        raise Forbidden("Only a person who is signed in can keep something.")
    choices = ((theme, THEMES), (density, DENSITIES), (click, CLICKS), (locale or None, LOCALES))
    for chosen, known in choices:
        if chosen is not None and chosen not in known:
            raise Invalid("{value!r} is not a choice: there are {known}.", value=chosen[:40], known=", ".join(known))
    take_turns(session, f"preferences of {person.id}")
    row = session.get(Preference, person.id, populate_existing=True)
    before = _told(row, person)
    if row is None:
        row = Preference(user_id=person.id, theme=before.theme, density=before.density, click=before.click)
        session.add(row)
    row.theme, row.density, row.click = theme or row.theme, density or row.density, click or row.click
    if locale is not None:
        person.locale = locale or None
    if tour_seen is not None and tour_seen != before.tour_seen:
        row.tour_seen_at = (now or datetime.now(UTC)) if tour_seen else None
    if layouts is not None:
        row.layouts = str(layouts)
    session.flush()
    after = _told(row, person)
    if after != before:
        record(session, viewer, "preferences.changed", f"user:{person.id}", _differences(before, after), at=now)
    return after


def want_mention_mails(
    session: Session, actor: Viewer | str, person_id: int, *, wanted: bool, now: datetime | None = None
) -> None:
    """Whether somebody is told by mail of comments that name them. Raises NotFound for nobody."""
    person = session.get(User, person_id)
    if person is None:
        raise NotFound("There is no such person.")
    take_turns(session, f"preferences of {person.id}")
    row = session.get(Preference, person.id, populate_existing=True)
    before = _told(row, person)
    if row is None:
        row = Preference(user_id=person.id, theme=before.theme, density=before.density, click=before.click)
        session.add(row)
    row.mention_mails = wanted
    session.flush()
    after = _told(row, person)
    if after != before:
        record(session, actor, "preferences.changed", f"user:{person.id}", _differences(before, after), at=now)


def _told(row: Preference | None, person: User) -> Preferences:
    if row is None:
        return Preferences(locale=person.locale)
    seen = row.tour_seen_at is not None
    return Preferences(
        row.theme,
        row.density,
        row.click,
        person.locale,
        seen,
        RowLayouts.parse(row.layouts or ""),
        row.mention_mails is not False,
    )


def _differences(before: Preferences, after: Preferences) -> dict[str, Any]:
    return {name: [_plain(was), _plain(now)] for name, was in vars(before).items() if (now := vars(after)[name]) != was}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, RowLayouts) else value
