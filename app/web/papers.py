"""The page of templates: logo, colour, header and footer, cover and order of the company's papers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.handing import handed, handout
from app.services import templates
from app.values.errors import Invalid, Refusal
from app.values.template import PLAIN, Template
from app.values.view import View
from app.values.viewer import Viewer
from app.web.downloads import sent
from app.web.errors import status_of
from app.web.fields import number_in
from app.web.guard import signed_in_now
from layouts.render import formats

if TYPE_CHECKING:
    from app.assembly import House

HERE = "/admin/templates"
SEEN = ("pdf", "pptx")
"""Formats in which a template can be looked at."""


def pages(house: House, clock: Callable[[], datetime]) -> Blueprint:
    """/admin/templates, for administrators."""
    door = Blueprint("papers", __name__, template_folder="templates")

    @door.before_request
    def check() -> None:
        signed_in_now()[1].require(templates.PERMISSION)

    @door.get(HERE)
    def show() -> ResponseReturnValue:
        return _page(house, request.args.get("open", ""))

    @door.post(HERE)
    def change() -> ResponseReturnValue:
        form, viewer = request.form, signed_in_now()[1]
        if form.get("do") == "delete":
            with house.database.write() as session:
                templates.remove(session, viewer, form.get("id", ""), now=clock())
            return redirect(f"{HERE}?done=deleted", 302)
        try:
            said = _said()
            _prove(house, viewer, said)
            card = _save(house, viewer, said, clock())
        except Refusal as refusal:
            return _page(house, form.get("id", ""), refusal)
        return redirect(f"{HERE}?open={card.id}&done=saved", 302)

    @door.get(f"{HERE}/<template_id>.<any(pdf,pptx):ending>")
    def look(template_id: str, ending: str) -> ResponseReturnValue:
        viewer = signed_in_now()[1]
        with house.database.read() as session:
            template = templates.find(session, template_id)
        return sent(handed(house, viewer, View(house.dashboards[0].id, None), ending, template))

    return door


def _said() -> Template:
    """The template that the form says. Raises Invalid."""
    form, picture = request.form, request.files.get("logo")
    rows = form.get("rows", "1000").strip()
    if not rows.isdecimal() or len(rows) > 8:
        raise Invalid("A printed table has between 1 and 10,000 rows.")
    return Template(
        name=form.get("name", "").strip(),
        accent=form.get("accent", "").strip().lower() if form.get("coloured") else "",
        logo=picture.read() if picture is not None else b"",
        header=form.get("header", "").strip(),
        footer=form.get("footer", "").strip(),
        cover=bool(form.get("cover")),
        order=tuple(form.get("order", "").replace(",", " ").split()),
        size=form.get("size", "a4"),  # type: ignore[arg-type]
        turn=form.get("turn", "landscape"),  # type: ignore[arg-type]
        rows=int(rows),
    )


def _save(house: House, viewer: Viewer, said: Template, now: datetime) -> templates.TemplateCard:
    form, picture = request.form, request.files.get("logo")
    with house.database.write() as session:
        return templates.save(
            session,
            viewer,
            said,
            template_id=form.get("id", ""),
            version=number_in(form, "version"),
            is_default=bool(form.get("is_default")),
            keeps_logo=bool(form.get("keeps_logo")) and not (picture and picture.filename),
            now=now,
        )


def _prove(house: House, viewer: Viewer, template: Template) -> None:
    """Print one panel in it, once: what cannot be printed is refused now. Raises Invalid."""
    templates.check_logo(template.logo)
    first = house.dashboards[0]
    paper = handout(house, viewer, View(first.id, first.panels()[0].id), template=template)
    for ending in SEEN:
        try:
            formats.known(ending).write(paper)
        except Refusal:
            raise
        except Exception:
            raise Invalid("Nothing can be printed with this logo: choose another picture.") from None


def _typed() -> dict[str, object]:
    """What was typed, so that it stands there again."""
    form = request.form
    accent = form.get("accent", "") if form.get("coloured") else ""
    return {**form.to_dict(), "accent": accent, "order": form.get("order", "").split()}


def _page(house: House, opened: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    viewer = signed_in_now()[1]
    with house.database.read() as session:
        found = templates.listed(session, viewer)
    card = next((each for each in found if each.id == opened), None)
    page = render_template(
        "papers.html",
        viewer=viewer,
        found=found,
        card=card,
        said=_typed() if refusal else (card.template if card else replace(PLAIN, name="")),
        sentence=refusal.sentence if refusal else "",
        done=request.args.get("done", ""),
    )
    return page, 200 if refusal is None else status_of(refusal)
