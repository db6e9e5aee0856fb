"""The page of addresses and rooms outside: who may be sent to, about which rows, until when; for administrators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.auth.roles import MASKS
from app.channels.message import Message
from app.channels.posting import Post
from app.channels.ways import TITLES, ways
from app.services import grants
from app.values.errors import Invalid, Refusal
from app.values.words import words
from app.web.errors import status_of
from app.web.guard import signed_in_now

if TYPE_CHECKING:
    from app.assembly import House

HERE = "/admin/outside"


def pages(house: House, clock: Callable[[], datetime]) -> Blueprint:
    """/admin/outside."""
    door = Blueprint("outside", __name__, template_folder="templates")

    @door.before_request
    def check() -> None:
        signed_in_now()[1].require(grants.PERMISSION)

    @door.get(HERE)
    def show() -> ResponseReturnValue:
        return _page(house, clock())

    @door.post(HERE)
    def change() -> ResponseReturnValue:
        try:
            if request.form.get("do") == "try":
                _try(house, clock())
                return redirect(f"{HERE}?done=tried", 302)
            _change(house, clock())
        except Refusal as refusal:
            return _page(house, clock(), refusal)
        return redirect(f"{HERE}?done=1", 302)

    return door


def _change(house: House, now: datetime) -> None:
    form, viewer = request.form, signed_in_now()[1]
    channel, place = form.get("channel", "mail"), form.get("address", "").strip()
    if channel != "mail" and form.get("do") == "grant":
        Post(allowed=house.settings.hook_hosts).check(place)
    with house.database.write() as session:
        if form.get("do") == "revoke":
            grants.revoke(session, viewer, form.get("id", ""), now=now)
            return
        days, hours = form.get("days", "90").strip(), form.get("hours", str(grants.USUAL_LINK)).strip()
        if not (days.isdecimal() and hours.isdecimal()):
            raise Invalid("Leave is given for a year at most.")
        grants.grant(
            session,
            viewer,
            address=place if channel == "mail" else "",
            channel=channel,
            hook="" if channel == "mail" else place,
            hosts=house.settings.hook_hosts,
            link_hours=int(hours[:4]),
            name=form.get("name", ""),
            scope=clauses_in(form.get("rows", "")),
            masks=[each for each in MASKS if each not in form.getlist("shown")],
            lasts=timedelta(days=int(days[:4])),
            now=now,
        )


def _try(house: House, now: datetime) -> None:
    """Say something harmless into a room. Raises Invalid with what the other side said when it is not taken."""
    viewer = signed_in_now()[1]
    with house.database.write() as session:
        channel, hook, name = grants.tried(session, viewer, request.form.get("id", ""), now=now)
    t = words(house.settings.locale)
    told = t("This is a try: what is sent here by schedule will look like this.")
    title = t("A try from Salient for {name}", name=name)
    opened = ways(house.settings)
    try:
        message = Message(hook, title, told, to_name=name, sentences=(told,), link=house.settings.origin)
        outcome = opened[channel].send(message)
    finally:
        for each in opened.values():
            each.close()
    if outcome.state != "sent":
        raise Invalid("{name} was not reached: {why}", name=name, why=outcome.reason)


def clauses_in(text: str) -> list[dict[str, list[str]]]:
    """The rows that lines like "region=emea-north; category=bikes,parts" name, each line a part of them; "all" is all.

    Raises Invalid for a line that names nothing.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines == ["all"]:
        return [{}]
    clauses: list[dict[str, list[str]]] = []
    for line in lines:
        clause: dict[str, list[str]] = {}
        for part in line.split(";"):
            level, equals, members = part.partition("=")
            named = [each.strip() for each in members.split(",") if each.strip()]
            if not equals or not level.strip() or not named:
                raise Invalid("{text} names no rows: write region=emea-north, or all.", text=line[:80])
            clause[level.strip()] = named
        clauses.append(clause)
    return clauses


def _page(house: House, now: datetime, refusal: Refusal | None = None) -> ResponseReturnValue:
    viewer = signed_in_now()[1]
    with house.database.read() as session:
        found = grants.listed(session, viewer)
    page = render_template(
        "outside.html",
        viewer=viewer,
        found=found,
        now=now,
        masks=MASKS,
        said=request.form if refusal else {},
        sentence=refusal.sentence if refusal else "",
        channels=TITLES,
        done=request.args.get("done", ""),
    )
    return page, 200 if refusal is None else status_of(refusal)
