"""The pages of webhooks: registered, changed, tried, switched off; what each was told, how it ended, and told again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.channels.posting import Post
from app.services import hook_oversight, hooks
from app.services.hook_events import TEST
from app.services.hooks import DeliveryCard, Draft, HookCard
from app.values.errors import Forbidden, Invalid, Refusal
from app.values.viewer import Viewer
from app.values.words import say
from app.web.errors import status_of
from app.web.guard import signed_in_now

if TYPE_CHECKING:
    from app.assembly import House

HERE = "/webhooks"
STATES = {
    "pending": say("waiting"),
    "sending": say("being sent"),
    "sent": say("sent"),
    "parked": say("given up"),
    "refused": say("refused"),
}
LOOKS = {"sent": "up", "parked": "down", "refused": "down"}
"""State → how its badge looks."""

SHOWN = 50
PROVED = frozenset({"save", "rotate"})
"""What takes the password given within the last five minutes, as a new hook does."""


def pages(house: House, clock: Callable[[], datetime]) -> Blueprint:
    """/webhooks, /webhooks/new and /webhooks/<id>."""
    door = Blueprint("webhooks", __name__, template_folder="templates")

    @door.before_request
    def check() -> ResponseReturnValue | None:
        signed_in, viewer = signed_in_now()
        viewer.require(hooks.PERMISSION)
        if viewer.context.scope.is_nothing:
            raise Forbidden("There is nothing you may see, so there is nothing to tell.")
        is_new = request.endpoint == "webhooks.create"
        wants = request.method == "POST" and (is_new or request.form.get("do") in PROVED)
        if wants and not signed_in.is_fresh(clock()):
            return redirect(f"/account/prove?next={request.path}", 302)
        return None

    @door.get(HERE)
    def listing() -> ResponseReturnValue:
        return _listing(house)

    @door.post(HERE)
    def end_others() -> ResponseReturnValue:
        with house.database.write() as session:
            hook_oversight.switch_off(session, signed_in_now()[1], request.form.get("hook", ""), now=clock())
        return redirect(f"{HERE}?done=off", 302)

    @door.get(f"{HERE}/new")
    def blank() -> ResponseReturnValue:
        return _page(house, clock(), None, Draft("", "", ("data.loaded",)))

    @door.post(f"{HERE}/new")
    def create() -> ResponseReturnValue:
        return _create(house, clock())

    @door.get(f"{HERE}/<hook_id>")
    def show(hook_id: str) -> ResponseReturnValue:
        return _page(house, clock(), hook_id)

    @door.post(f"{HERE}/<hook_id>")
    def change(hook_id: str) -> ResponseReturnValue:
        return _change(house, clock(), hook_id)

    return door


def _listing(house: House) -> ResponseReturnValue:
    viewer = signed_in_now()[1]
    with house.database.read() as session:
        found = hooks.listed(session, viewer)
        others = hook_oversight.listed(session, viewer) if viewer.may(hook_oversight.PERMISSION) else []
    return render_template(
        "webhooks.html",
        viewer=viewer,
        found=found,
        others=others,
        local=_clock_of(viewer),
        done=request.args.get("done", ""),
    )


def _create(house: House, now: datetime) -> ResponseReturnValue:
    viewer, said = signed_in_now()[1], _said()
    try:
        draft = hooks.checked(viewer, said, _post(house))
        with house.database.write() as session:
            card, secret = hooks.create(session, viewer, draft, house.secret, now=now)
    except Refusal as refusal:
        return _page(house, now, None, said, refusal=refusal)
    # A secret is shown by the answer itself: nothing keeps it for a page that comes later.
    return _page(house, now, card.id, secret=secret)


def _change(house: House, now: datetime, hook_id: str) -> ResponseReturnValue:
    viewer, wish = signed_in_now()[1], request.form.get("do", "")
    said = _said() if wish == "save" else None
    try:
        if said is not None:
            draft = hooks.checked(viewer, said, _post(house))
            with house.database.write() as session:
                hooks.change(session, viewer, hook_id, draft, version=_number("version"), now=now)
        elif wish == "rotate":
            with house.database.write() as session:
                secret = hooks.rotate(session, viewer, hook_id, house.secret, now=now)
            return _page(house, now, hook_id, secret=secret)
        else:
            with house.database.write() as session:
                _act(session, viewer, hook_id, wish, now)
    except Refusal as refusal:
        return _page(house, now, hook_id, said, refusal=refusal)
    return redirect(f"{HERE}?done=delete" if wish == "delete" else f"{HERE}/{hook_id}?done={wish}", 302)


def _act(session: Session, viewer: Viewer, hook_id: str, wish: str, now: datetime) -> None:
    form = request.form
    match wish:
        case "off":
            hooks.switch_off(session, viewer, hook_id, now=now)
        case "on":
            hooks.switch_on(session, viewer, hook_id, now=now)
        case "delete":
            hooks.remove(session, viewer, hook_id, now=now)
        case "test":
            hooks.send_test(session, viewer, hook_id, now=now)
        case "again":
            hooks.send_again(session, viewer, hook_id, form.get("delivery", ""), now=now)
        case "span":
            since, until = (_instant(form.get(name, ""), viewer) for name in ("since", "until"))
            everything = form.get("which") == "all"
            hooks.tell_again(session, viewer, hook_id, since, until, all_of_them=everything, now=now)
        case _:
            raise Invalid("There is no such change.")


def _said() -> Draft:
    form = request.form
    return Draft(form.get("name", ""), form.get("address", ""), tuple(form.getlist("kind")))


def _post(house: House) -> Post:
    return Post(allowed=house.settings.hook_hosts)


def _number(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _instant(text: str, viewer: Viewer) -> datetime:
    """A moment by the clocks of the viewer. Raises Invalid."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(viewer.context.zone))
    except ValueError:
        raise Invalid("Say from when and until when.") from None


def _page(
    house: House,
    now: datetime,
    hook_id: str | None,
    said: Draft | None = None,
    *,
    refusal: Refusal | None = None,
    secret: str = "",
) -> ResponseReturnValue:
    signed_in, viewer = signed_in_now()
    card: HookCard | None = None
    told: list[DeliveryCard] = []
    if hook_id is not None:
        with house.database.read() as session:
            card = hooks.find(session, viewer, hook_id)
            told = hooks.deliveries(session, viewer, hook_id, before=_before(), most=SHOWN + 1)
    page = render_template(
        "webhook.html",
        viewer=viewer,
        card=card,
        draft=said or (card.draft if card is not None else Draft("", "", ())),
        offered=hooks.offered(viewer),
        told=told[:SHOWN],
        older=f"{told[SHOWN - 1].at.isoformat()}~{told[SHOWN - 1].id}" if len(told) > SHOWN else "",
        states=STATES,
        looks=LOOKS,
        test=TEST,
        pretty=_pretty,
        local=_clock_of(viewer),
        now=now,
        secret=secret,
        is_fresh=signed_in.is_fresh(now),
        sentence=refusal.sentence if refusal else "",
        done=request.args.get("done", ""),
    )
    return page, 200 if refusal is None else status_of(refusal)


def _before() -> tuple[datetime, str] | None:
    """The last delivery of the page before this one."""
    at, _, last = request.args.get("before", "").partition("~")
    try:
        moment = datetime.fromisoformat(at.replace(" ", "+"))
    except ValueError:
        return None
    return (moment, last) if moment.tzinfo is not None else None


def _pretty(payload: str) -> str:
    return json.dumps(json.loads(payload), ensure_ascii=False, indent=2)


def _clock_of(viewer: Viewer) -> Callable[[datetime | None], str]:
    """Says a moment by the clocks of the viewer: "2026-11-23 07:00:12"."""
    zone = ZoneInfo(viewer.context.zone)
    return lambda at: "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
