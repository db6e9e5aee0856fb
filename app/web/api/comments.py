"""Comments: what people say about a panel, with answers, read by those who may see the rows it is about."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from pydantic import Field

from app.commenting import about, point_at, seen_by, sees_open
from app.services import comments
from app.services.comments import Said
from app.web.api.door import Call, Door
from app.web.api.fields import Address, Instant
from app.web.api.shapes import Page, Paged, Sent, Told


class PointAsked(Sent):
    """One mark of a panel: a member of the level that its marks stand for."""

    level: str = Field(examples=["region"], max_length=80)
    key: str = Field(examples=["R2"], max_length=400)


class Point(Told):
    """One mark of a panel, by the name that the author saw."""

    level: str
    key: str
    name: str


class Comment(Told):
    """What somebody said. One that was deleted has no text, and is there for its answers only.

    With a point it is about that one mark of the panel, without about all of it.
    """

    id: str
    view: Address
    point: Point | None
    text: str
    author: str
    is_mine: bool
    is_deleted: bool
    created_at: Instant
    names_me: bool


class Thread(Comment):
    """A comment with its answers, the oldest first."""

    answers: list[Comment]


class NewComment(Sent):
    """Something to say about a panel, of the days that it shows now."""

    view: Address
    text: str = Field(
        description="Up to 2,000 letters. @name, as before the @ of an address here, tells that person of it.",
        examples=["Iberia is behind because of one late order. @remy, is that so?"],
    )
    thread: str = Field(
        default="", description="The id of a comment at the same panel, to answer it: at the point that it is about."
    )
    point: PointAsked | None = Field(default=None, description="What it is about, unless it is the whole panel.")


class ThreadsAsked(Paged):
    """Which panel."""

    view: Address


def add(door: Door) -> None:
    """/comments and /mentions."""

    @door.operation("GET", "/comments", scope="read", query=ThreadsAsked, answers=Page[Thread])
    def index(call: Call) -> Page[Thread]:
        """What is said at a panel, the newest thread first: as far as you may see all rows that it is about."""
        view = about(call.house, call.viewer, call.query.view)
        with call.reading() as session:
            said = comments.listed(session, call.viewer, view, cache(partial(call.house.sees_as_much, call.viewer)))
        return call.page([_thread(each) for each in said], key=_order, reverse=True)

    @door.operation("GET", "/mentions", scope="read", query=Paged, answers=Page[Comment])
    def mentions(call: Call) -> Page[Comment]:
        """The comments that name you, the newest first."""
        with call.reading() as session:
            said = comments.mentions(session, call.viewer, cache(partial(sees_open, call.house, call.viewer)))
        return call.page([_comment(each) for each in said], key=_order, reverse=True)

    @door.operation("POST", "/comments", scope="write", takes=NewComment, answers=Comment, status=201)
    def say(call: Call) -> Comment:
        """Say something about a panel, or answer.

        Whoever may see the same rows can read it. Nobody is named in it who may not.
        """
        wish, house = call.body, call.house
        view = about(house, call.viewer, wish.view)
        sees, others = partial(house.sees_as_much, call.viewer), seen_by(house)
        point = None if wish.point is None else point_at(house, call.viewer, f"{wish.point.level}:{wish.point.key}")
        said = comments.say(
            call.session, call.viewer, view, wish.text, sees, others, thread=wish.thread, point=point, now=call.now
        )
        return _comment(said)

    @door.operation("DELETE", "/comments/{comment}", scope="write", status=204)
    def remove(call: Call, comment: str) -> None:
        """Take back a comment of yours; its answers stay."""
        comments.remove(call.session, call.viewer, comment, now=call.now)


def _order(each: Comment) -> tuple[str, str]:
    return each.created_at.isoformat(), each.id


def _comment(said: Said) -> Comment:
    return Comment(**_told(said))


def _thread(said: Said) -> Thread:
    return Thread(**_told(said), answers=[_comment(each) for each in said.answers])


def _told(said: Said) -> dict[str, Any]:
    point = None if said.point is None else Point(**vars(said.point))
    return {name: value for name, value in vars(said).items() if name != "answers"} | {"point": point}
