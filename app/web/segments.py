"""The segments page: what makes the segments and which versions there were; changed and restored by those who may."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.services import segmentations
from app.values.errors import Invalid, Refusal
from app.values.segmentation import BREAKS, MEASURES, NAMES, Rule, Segmentation
from app.web.errors import status_of
from app.web.front import FrontDoor
from app.web.guard import signed_in_now

FIELDS = ("place", "recency_from", "recency_to", "both_from", "both_to")
"""What a row of the form says of its segment; a segment with empty fields is not used."""

HERE = "/admin/segments"

_WHOLE, _NUMBER = re.compile(r"[0-9]{1,9}"), re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?")


def pages(front: FrontDoor) -> Blueprint:
    """/admin/segments: to be read by all who see dashboards."""
    door = Blueprint("segments", __name__, template_folder="templates")

    @door.before_request
    def check() -> None:
        viewer = signed_in_now()[1]
        viewer.require(segmentations.PERMISSION if request.method == "POST" else "dashboards")

    @door.get(HERE)
    def show() -> ResponseReturnValue:
        return _page(front)

    @door.post(HERE)
    def change() -> ResponseReturnValue:
        try:
            _change(front)
        except Refusal as refusal:
            kept = request.form.to_dict() if request.form.get("do") == "save" else None
            return _page(front, refusal.sentence, status_of(refusal), kept)
        return redirect(f"{HERE}?done=1", 302)

    return door


def _change(front: FrontDoor) -> None:
    form, viewer, now = request.form, signed_in_now()[1], front.clock()
    on = _whole(form.get("on", ""))
    with front.database.write() as session:
        match form.get("do"):
            case "save":
                # Amounts that stand keep their currency, whatever the company's has become.
                currency = segmentations.current(session.connection()).currency or viewer.context.currency
                segmentations.change(session, viewer, settled_in(form, currency), on=on, now=now)
            case "restore":
                segmentations.restore(session, viewer, _whole(form.get("version", "")), on=on, now=now)
            case _:
                raise Invalid("There is no such change.")


def settled_in(form: Mapping[str, str], currency: str) -> Segmentation:
    """What a form says. Raises Invalid, with the sentence of what is wrong."""
    placed: dict[int, Rule] = {}
    for segment, name in NAMES.items():
        told = [form.get(f"{segment}_{field}", "").strip() for field in FIELDS]
        if not any(told[1:]):
            continue
        if not all(told):
            raise Invalid("{segment}: fill in the whole row, or leave all its scores empty.", segment=name)
        place, *scores = (_whole(each) for each in told)
        if place in placed:
            raise Invalid("Two segments have the place {place}.", place=place)
        placed[place] = Rule(segment, (scores[0], scores[1]), (scores[2], scores[3]))
    money = _breaks(form, "money")
    return Segmentation(
        rules=tuple(placed[place] for place in sorted(placed)),
        recency=tuple(int(each) for each in _breaks(form, "recency", whole=True)),
        frequency=tuple(int(each) for each in _breaks(form, "frequency", whole=True)),
        money=money,
        currency=currency if money else "",
    )


def filled_in(settled: Segmentation) -> dict[str, str]:
    """The form's fields as they say a segmentation."""
    said: dict[str, str] = {}
    for place, rule in enumerate(settled.rules, 1):
        told = (place, *rule.recency, *rule.frequency_money)
        said |= {f"{rule.segment}_{field}": str(each) for field, each in zip(FIELDS, told, strict=True)}
    for measure in MEASURES:
        breaks = getattr(settled, measure)
        said |= {f"{measure}_{at}": f"{each:f}" if measure == "money" else str(each) for at, each in enumerate(breaks)}
    return said


def _breaks(form: Mapping[str, str], measure: str, *, whole: bool = False) -> tuple[Decimal, ...]:
    told = [form.get(f"{measure}_{at}", "").strip() for at in range(BREAKS)]
    found: list[Decimal] = []
    for each in filter(None, told):
        if not (_WHOLE if whole else _NUMBER).fullmatch(each):
            raise Invalid("{text} is not a number that can be used here.", text=each[:40])
        found.append(Decimal(each))
    if found and len(found) < BREAKS:
        raise Invalid("{measure}: give four breaks, or none for fifths of the customers.", measure=MEASURES[measure])
    return tuple(found)


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise Invalid("{text} is not a number that can be used here.", text=text[:40] or "–")
    return int(text)


def _rows(settled: Segmentation) -> list[tuple[str, str]]:
    """The segments and their names: those in use in their order, then the others."""
    used = [rule.segment for rule in settled.rules]
    return [(each, NAMES[each]) for each in (*used, *(name for name in NAMES if name not in used))]


def _page(
    front: FrontDoor, sentence: str = "", status: int = 200, kept: dict[str, str] | None = None
) -> ResponseReturnValue:
    viewer = signed_in_now()[1]
    with front.database.read() as session:
        versions = segmentations.versions(session, viewer)
    now = versions[0].segmentation
    page = render_template(
        "segments.html",
        viewer=viewer,
        versions=versions,
        now=now,
        said=kept or filled_in(now),
        on=(kept or {}).get("on", str(now.version)),
        may=viewer.may(segmentations.PERMISSION),
        rows=_rows(now),
        measures=MEASURES,
        breaks=range(BREAKS),
        currency=viewer.context.currency,
        sentence=sentence,
        done=bool(request.args.get("done")),
    )
    return page, status
