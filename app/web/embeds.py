"""The pages of embeds: what of one's own is shown on other sites, the snippet for them, a preview, and the keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.auth.embeds import LIFE, RULE_LEVELS, Pass
from app.handing import opened, panel_of
from app.services import embed_keys, embeds, preferences
from app.services.embeds import PERMISSION, GrantCard, Wanted
from app.values.errors import Forbidden, Invalid, NotFound, Refusal
from app.values.leave import CAPABILITIES, parameters_of
from app.values.view import View
from app.values.viewer import Viewer
from app.values.words import locale_title, say, words
from app.web.errors import status_of
from app.web.frames import SCRIPT, ticket
from app.web.front import FrontDoor
from app.web.guard import signed_in_now
from layouts.columns import level_name
from layouts.format import heading

if TYPE_CHECKING:
    from app.assembly import House

HERE = "/embeds"
KEYS = f"{HERE}/keys"

MAY = {
    "filter": say("change filters and periods"),
    "drill": say("go down into what is shown"),
    "rows": say("see the rows behind it"),
    "export": say("take files away"),
}
LOOKS = {"auto": say("Automatic"), "light": say("Light"), "dark": say("Dark")}
SPANS = {"30": say("A month"), "90": say("Three months"), "365": say("A year"), "730": say("Two years")}


def pages(house: House, front: FrontDoor, clock: Callable[[], datetime]) -> Blueprint:
    """/embeds and what is made and taken away there."""
    door = Blueprint("embeds", __name__, template_folder="templates")
    door.context_processor(lambda: {"may": MAY, "local": _day})

    @door.get(HERE)
    def listing() -> ResponseReturnValue:
        return _listing(house, clock())

    @door.post(HERE)
    def end_page() -> ResponseReturnValue:
        with house.database.write() as session:
            embeds.revoke_page(session, _allowed(), request.form.get("dashboard", ""), now=clock())
        return redirect(f"{HERE}?done=revoked", 302)

    @door.get(f"{HERE}/new")
    def blank() -> ResponseReturnValue:
        view = _opened(house, _allowed(), request.args.get("view", "/d/overview"))
        return _form(house, Wanted("", str(view), (), locked=parameters_of(view)))

    @door.post(f"{HERE}/new")
    def create() -> ResponseReturnValue:
        return _create(house, clock())

    @door.post(KEYS)
    def key() -> ResponseReturnValue:
        return _make_key(house, clock())

    @door.get(f"{HERE}/<grant>")
    def show(grant: str) -> ResponseReturnValue:
        return _shown(house, grant, clock())

    @door.post(f"{HERE}/<grant>")
    def act(grant: str) -> ResponseReturnValue:
        return _act(house, grant, clock())

    @door.get(f"{HERE}/<grant>/preview")
    def preview(grant: str) -> ResponseReturnValue:
        return _preview(house, front, grant, clock())

    return door


def snippet(origin: str, card: GrantCard) -> str:
    """What is pasted into the page of another site; with a key, its own server signs for whoever looks."""
    signs = ' data-salient-assertion="/salient-assertion"' if card.key else ""
    title = card.name.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    frame = f'<iframe data-salient{signs} src="{origin}/embed/{card.id}" title="{title}"'
    return f'{frame} style="width:100%;height:600px;border:0"></iframe>\n<script src="{origin}{SCRIPT}" async></script>'


def _allowed() -> Viewer:
    viewer = signed_in_now()[1]
    viewer.require(PERMISSION)
    if viewer.context.scope.is_nothing:
        raise Forbidden("There is nothing you may see, so there is nothing to show.")
    return viewer


def _opened(house: House, viewer: Viewer, text: str) -> View:
    """A view that the viewer may open. Raises NotFound, Invalid."""
    view = View.parse(text)
    found = opened(house, viewer, view)
    if view.panel is not None:
        panel_of(found, viewer, view)
    return view


def _listing(
    house: House, now: datetime, sentence: str = "", private: str = "", status: int = 200
) -> ResponseReturnValue:
    viewer = _allowed()
    with house.database.read() as session:
        cards, keys = embeds.listed(session, viewer), embed_keys.listed(session, viewer)
    page = render_template(
        "embeds.html",
        viewer=viewer,
        cards=[(each, _state(each, now)) for each in cards],
        titles={each.id: _title(house, viewer, View.parse(each.view)) for each in cards},
        boards=sorted({View.parse(each.view).dashboard for each in cards if _state(each, now) == "live"}),
        names={each.id: each.title for each in house.dashboards},
        keys=keys,
        private=private,
        sentence=sentence,
        done=request.args.get("done", ""),
    )
    return page, status


def _form(house: House, wanted: Wanted, sentence: str = "", status: int = 200) -> ResponseReturnValue:
    viewer = _allowed()
    view = View.parse(wanted.view)
    with house.database.read() as session:
        keys = [each for each in embed_keys.listed(session, viewer) if each.revoked_at is None]
    lockable = {"period": say("Period"), **{name: level_name(name) for name in parameters_of(view)}}
    page = render_template(
        "embed-new.html",
        viewer=viewer,
        wanted=wanted,
        title=_title(house, viewer, view),
        keys=keys,
        lockable={name: heading(text) for name, text in lockable.items()},
        capabilities=CAPABILITIES,
        looks=LOOKS,
        spans=SPANS,
        levels=[(level, heading(level_name(level))) for level in RULE_LEVELS],
        locales=[(name, locale_title(name)) for name in preferences.LOCALES],
        rules=[*((level, ", ".join(members)) for level, members in wanted.rule.items()), ("", ""), ("", "")][:4],
        sentence=sentence,
    )
    return page, status


def _wanted() -> Wanted:
    """What the form asks for. Raises Invalid."""
    form = request.form
    days = form.get("days", "")
    if days not in SPANS:
        raise Invalid("Choose from the list for how long it is shown.")
    rule: dict[str, tuple[str, ...]] = {}
    for level, members in zip(form.getlist("level"), form.getlist("members"), strict=False):
        if level and members.strip():
            rule[level] = (*rule.get(level, ()), *(each.strip() for each in members.split(",") if each.strip()))
    return Wanted(
        name=form.get("name", ""),
        view=form.get("view", ""),
        origins=form.get("origins", "").split(),
        capabilities=form.getlist("capability"),
        locked=form.getlist("locked"),
        rule=rule,
        acts_as=form.get("acts_as", ""),
        key=form.get("key", ""),
        theme=form.get("theme", "auto"),
        locale=form.get("locale") or None,
        days=int(days),
    )


def _create(house: House, now: datetime) -> ResponseReturnValue:
    viewer = _allowed()
    wanted = _wanted()
    _opened(house, viewer, wanted.view)
    try:
        with house.database.write() as session:
            card = embeds.grant(session, viewer, wanted, now=now)
    except Refusal as refusal:
        return _form(house, wanted, refusal.sentence, status_of(refusal))
    return redirect(f"{HERE}/{card.id}?done=made", 302)


def _make_key(house: House, now: datetime) -> ResponseReturnValue:
    signed_in, viewer = signed_in_now()
    if request.form.get("do") == "revoke":
        with house.database.write() as session:
            embed_keys.revoke(session, viewer, request.form.get("key", ""), now=now)
        return redirect(f"{HERE}?done=key-revoked", 302)
    if not signed_in.is_fresh(now):
        return redirect(f"/account/prove?next={HERE}", 302)
    try:
        with house.database.write() as session:
            _, private = embed_keys.add(session, viewer, request.form.get("name", ""), now=now)
    except Refusal as refusal:
        return _listing(house, now, refusal.sentence, status=status_of(refusal))
    return _listing(house, now, private=private)


def _shown(house: House, grant: str, now: datetime) -> ResponseReturnValue:
    viewer = _allowed()
    with house.database.read() as session:
        card = embeds.find(session, viewer, grant)
    return render_template(
        "embed.html",
        viewer=viewer,
        card=card,
        state=_state(card, now),
        title=_title(house, viewer, View.parse(card.view)),
        snippet=snippet(_origin(house), card),
        address=f"{_origin(house)}/embed/{card.id}",
        levels={level: heading(level_name(level)) for level in RULE_LEVELS},
        done=request.args.get("done", ""),
    )


def _act(house: House, grant: str, now: datetime) -> ResponseReturnValue:
    viewer = _allowed()
    with house.database.write() as session:
        embeds.revoke(session, viewer, grant, now=now)
    return redirect(f"{HERE}?done=revoked", 302)


def _preview(house: House, front: FrontDoor, grant: str, now: datetime) -> ResponseReturnValue:
    """A page of ours around the frame, as another site would have it, and for whichever rows one asks for."""
    viewer = _allowed()
    with house.database.read() as session:
        card = embeds.find(session, viewer, grant)
    if _state(card, now) != "live":
        raise NotFound("There is no such embed.")
    frames = []
    for at, text in enumerate(request.args.getlist("where")[:2] or [""]):
        level, _, members = text.partition("=")
        rule = (
            {level.strip(): tuple(each.strip() for each in members.split(",") if each.strip())} if text.strip() else {}
        )
        if any(name not in RULE_LEVELS or not keys for name, keys in rule.items()):
            raise Invalid("A row rule names members of {levels}, such as customer=acme.", levels=", ".join(RULE_LEVELS))
        given = Pass(card.id, viewer.name if card.key else "", rule, card.key)
        proof = f"#ticket={ticket(front, given, now + LIFE)}" if card.key or rule else ""
        frames.append((at, text, f"/embed/{quote(card.id)}{proof}"))
    return render_template("embed-preview.html", viewer=viewer, card=card, frames=frames, script=SCRIPT)


def _state(card: GrantCard, now: datetime) -> str:
    return "revoked" if card.revoked_at else "expired" if card.expires_at <= now else "live"


def _title(house: House, viewer: Viewer, view: View) -> str:
    """What a view is called, by its dashboard and panel."""
    found = next((each for each in house.dashboards if each.id == view.dashboard), None)
    panel = found.panel(view.panel) if found and view.panel else None
    t = words(viewer.context.locale)
    parts = (*([t(found.title)] if found else []), *([t(panel.label)] if panel else []))
    return " · ".join(parts) or view.dashboard


def _origin(house: House) -> str:
    return house.settings.external_url or request.host_url.rstrip("/")


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
