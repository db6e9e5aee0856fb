"""Templates: how the company's papers look; read for every file, changed by administrators."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models.database import take_turns
from app.models.template import PaperTemplate
from app.services import sharing
from app.services.ledger import record
from app.values.errors import Conflict, Invalid, NotFound, TooBig
from app.values.template import PLAIN, Template
from app.values.viewer import Viewer

PERMISSION = "admin:settings"
"""What it takes to change how papers look."""

MOST = 50
LARGEST_LOGO = 256 * 1024
WIDEST_LOGO = 4_000
"""Pixels of a logo's longer side."""

_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class TemplateCard:
    """A template as administrators see it."""

    id: str
    template: Template
    is_default: bool
    version: int
    changed_at: datetime
    changed_by: str


def company_template(session: Session) -> Template:
    """How papers look unless something else is said: the company's own template, else Salient's."""
    row = session.scalar(select(PaperTemplate).where(PaperTemplate.is_default))
    return PLAIN if row is None else _read(row)


def listed(session: Session, viewer: Viewer) -> list[TemplateCard]:
    """All templates, by name."""
    viewer.require(PERMISSION)
    return [_card(row) for row in session.scalars(select(PaperTemplate).order_by(PaperTemplate.folded_name))]


def find(session: Session, template_id: str) -> Template:
    """One template. Raises NotFound."""
    return _read(_row(session, template_id))


def save(
    session: Session,
    viewer: Viewer,
    template: Template,
    *,
    template_id: str = "",
    version: int = 0,
    is_default: bool = False,
    keeps_logo: bool = False,
    now: datetime | None = None,
) -> TemplateCard:
    """Keep a template, or change the one with `template_id` that had this version.

    `keeps_logo` leaves the logo that it has. Raises Forbidden without the permission, Conflict for a name that is taken
    or when somebody was quicker, Invalid or TooBig for a logo that cannot be printed.
    """
    viewer.require(PERMISSION)
    now = now or datetime.now(UTC)
    name = sharing.settled_name(template.name)
    check_logo(template.logo)
    take_turns(session, "templates")
    taken = session.scalar(select(PaperTemplate).where(PaperTemplate.folded_name == sharing.folded(name)))
    if taken is not None and taken.id != template_id:
        raise Conflict("There is a template {name} already.", name=name)
    row = _row(session, template_id) if template_id else _new(session)
    if template_id and row.version != version:
        raise Conflict("{name} was changed meanwhile: look at it again, then save.", name=row.name)
    if is_default:
        others = update(PaperTemplate).where(PaperTemplate.is_default, PaperTemplate.id != row.id)
        session.execute(others.values(is_default=False))
    row.name, row.folded_name, row.content = name, sharing.folded(name), _written(template)
    row.logo = row.logo if keeps_logo else template.logo or None
    row.is_default, row.version = is_default, row.version + 1
    row.changed_at, row.changed_by = now, viewer.name
    session.add(row)
    session.flush()
    told = {**row.content, "name": name, "logo": len(row.logo or b""), "is_default": is_default}
    record(session, viewer, "template.saved", f"template:{row.id}", told, at=now)
    return _card(row)


def remove(session: Session, viewer: Viewer, template_id: str, *, now: datetime | None = None) -> None:
    """Delete a template; if it was the company's, papers look as Salient's own again. Raises NotFound."""
    viewer.require(PERMISSION)
    row = _row(session, template_id)
    session.delete(row)
    record(session, viewer, "template.deleted", f"template:{row.id}", {"name": row.name}, at=now)


def check_logo(logo: bytes) -> None:
    """Raise Invalid or TooBig for what is no logo."""
    if not logo:
        return
    if len(logo) > LARGEST_LOGO:
        raise TooBig("A logo has at most {most} kB.", most=LARGEST_LOGO // 1024)
    if not logo.startswith(_PNG) or logo[12:16] != b"IHDR":
        raise Invalid("A logo is a picture of the kind PNG.")
    if max(int.from_bytes(logo[16:20], "big"), int.from_bytes(logo[20:24], "big")) > WIDEST_LOGO:
        raise TooBig("A logo is at most {most} pixels wide and high.", most=WIDEST_LOGO)


def _new(session: Session) -> PaperTemplate:
    if len(session.scalars(select(PaperTemplate.id)).all()) >= MOST:
        raise TooBig("There are {most} templates. Delete one that is no longer needed.", most=MOST)
    return PaperTemplate(id=sharing.new_id(), version=0)


def _row(session: Session, template_id: str) -> PaperTemplate:
    row = session.get(PaperTemplate, template_id)
    if row is None:
        raise NotFound("There is no such template.")
    return row


def _written(template: Template) -> dict[str, Any]:
    return {
        "accent": template.accent,
        "header": template.header,
        "footer": template.footer,
        "cover": template.cover,
        "order": list(template.order),
        "size": template.size,
        "turn": template.turn,
        "rows": template.rows,
    }


def _read(row: PaperTemplate) -> Template:
    told = {**row.content, "order": tuple(row.content["order"])}
    return replace(Template(**told), name=row.name, logo=row.logo or b"")


def _card(row: PaperTemplate) -> TemplateCard:
    return TemplateCard(row.id, _read(row), row.is_default, row.version, row.changed_at, row.changed_by)
