"""Comments: what people say about a panel, read by those who may see the rows it is about; and who is named in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.comment import Comment, Mention
from app.models.user import User
from app.services import sharing
from app.services.ledger import record
from app.values.errors import Forbidden, Invalid, NotFound, TooBig
from app.values.hierarchy import TIME_LEVELS
from app.values.scope import Scope
from app.values.view import View
from app.values.viewer import Viewer

PERMISSION = "dashboards"
KINDS = ("person", "token")
"""Who comments: people, with their own hands or by a program of theirs."""

LONGEST, MOST = 2_000, 1_000
"""Letters of a comment, and comments at one panel."""

_NAMED = re.compile(r"(?<![\w@.])@([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)", re.IGNORECASE)

Sees = Callable[[View, Scope, frozenset[str]], bool]
"""Whether somebody may see all rows of a view inside a scope, and every column but the hidden ones."""

SeenBy = Callable[[str], Sees]
"""What somebody else of that address sees now."""


@dataclass(frozen=True)
class Point:
    """One mark of a panel: the member of a level. Its name is as the author saw it."""

    level: str
    key: str
    name: str


@dataclass(frozen=True)
class Said:
    """A comment as one person reads it; one that was deleted has no text and is there for its answers only.

    Without a `point` it is about the whole panel.
    """

    id: str
    view: str
    point: Point | None
    text: str
    author: str
    is_mine: bool
    is_deleted: bool
    created_at: datetime
    names_me: bool
    answers: tuple[Said, ...] = ()

    @property
    def address(self) -> str:
        """The view it is about, with the mark that stands out in it: `/d/regions/ranked#mark=region:R2`."""
        if self.point is None:
            return self.view
        return f"{self.view}#mark={quote(self.point.level)}:{quote(self.point.key, safe='')}"


def listed(session: Session, viewer: Viewer, view: View, sees: Sees) -> list[Said]:
    """The threads at a panel that the viewer may read, the newest first."""
    person = _person(session, viewer)
    rows = _rows(session, Comment.place == place_of(view))
    return _threads(rows, person, _named(session, person, rows), sees)


def looked_at(session: Session, viewer: Viewer, said: Iterable[Said], *, now: datetime | None = None) -> None:
    """What names the viewer among these was seen, now if not before."""
    person = _person(session, viewer)
    ids = [each.id for thread in said for each in (thread, *thread.answers) if each.names_me]
    for mention in session.scalars(select(Mention).where(Mention.user_id == person.id, Mention.comment_id.in_(ids))):
        mention.seen_at = mention.seen_at or now or datetime.now(UTC)


def mentions(session: Session, viewer: Viewer, sees: Sees) -> list[Said]:
    """The comments that name the viewer, the newest first, as far as the viewer may still read them."""
    person = _person(session, viewer)
    mine = select(Mention.comment_id).where(Mention.user_id == person.id)
    rows = _rows(session, Comment.id.in_(mine) & Comment.deleted_at.is_(None))
    named = _named(session, person, rows)
    return [_said(row, person, named) for row in rows if is_readable(row, sees)]


def find(session: Session, viewer: Viewer, comment_id: str, sees: Sees) -> Said:
    """One comment that the viewer may read. Raises NotFound for any other, and for one that was taken back."""
    person = _person(session, viewer)
    row = session.get(Comment, comment_id)
    if row is None or row.deleted_at is not None:
        raise NotFound("There is no such comment.")
    row = _readable(session, comment_id, row.place, sees)
    return _said(row, person, _named(session, person, [row]))


def unseen(session: Session, viewer: Viewer) -> int:
    """How many comments name the viewer that were not looked at yet."""
    person = sharing.known_person(session, viewer)
    if person is None:
        return 0
    standing = Comment.deleted_at.is_(None) & (Comment.id == Mention.comment_id)
    waiting = select(func.count()).select_from(Mention).join(Comment, standing)
    return session.scalar(waiting.where(Mention.user_id == person.id, Mention.seen_at.is_(None))) or 0


def say(
    session: Session,
    viewer: Viewer,
    view: View,
    text: str,
    sees: Sees,
    seen_by: SeenBy,
    *,
    thread: str = "",
    point: Point | None = None,
    now: datetime | None = None,
) -> Said:
    """Say something about a panel or a point of it, or answer with `thread`, which is about what that is about.

    Raises Invalid for nothing or too much, Forbidden when somebody is named who may not see the rows, NotFound for a
    thread that is not the viewer's to read.
    """
    author = _person(session, viewer)
    settled = _settled(text)
    held = session.scalar(select(func.count()).where(Comment.place == place_of(view))) or 0
    if held >= MOST:
        raise TooBig("A panel has at most {most:,} comments.", most=MOST)
    started = _readable(session, thread, place_of(view), sees) if thread else None
    if started is not None:
        point = _point(started)
    scope, masks = viewer.context.scope, viewer.context.masks
    told = _people_named(session, settled, author)
    for person in told:
        if not seen_by(person.email)(rows_of(view, point), scope, masks):
            raise Forbidden("{name} may not see all of these rows: leave the name out.", name=person.name)
    row = Comment(
        id=sharing.new_id(),
        place=place_of(view),
        view=str(view),
        thread=None if started is None else started.thread or started.id,
        point_level="" if point is None else point.level,
        point_key="" if point is None else point.key,
        point_name="" if point is None else point.name,
        scope=[{level: sorted(members) for level, members in clause} for clause in scope.clauses],
        masks=sorted(masks),
        author_id=author.id,
        author=author.name,
        text=settled,
        created_at=now or datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    session.add_all(Mention(comment_id=row.id, user_id=person.id) for person in told)
    what = {"view": row.view, "letters": len(settled), "named": [person.id for person in told]}
    what |= {"point": [point.level, point.key]} if point is not None else {}
    record(session, viewer, "comment.said", f"comment:{row.id}", what, at=row.created_at)
    return _said(row, author, {})


def remove(session: Session, viewer: Viewer, comment_id: str, *, now: datetime | None = None) -> None:
    """Take back one's own comment; its answers stay. Raises NotFound for any other."""
    person = _person(session, viewer)
    row = session.get(Comment, comment_id)
    if row is None or row.author_id != person.id or row.deleted_at is not None:
        raise NotFound("There is no such comment of yours.")
    row.deleted_at, row.text = now or datetime.now(UTC), ""
    record(session, viewer, "comment.deleted", f"comment:{row.id}", at=row.deleted_at)


def is_readable(row: Comment, sees: Sees) -> bool:
    """Whether somebody may read a comment: whoever sees all rows and columns that its author saw."""
    return sees(rows_of(View.parse(row.view), _point(row)), _scope(row), frozenset(row.masks))


def rows_of(view: View, point: Point | None) -> View:
    """The view of the rows that something is about: those of a panel, or of one point of it."""
    if point is None:
        return view
    if point.level in TIME_LEVELS:
        return view.with_selection(view.selection.with_period(point.key))
    return view.with_selection(view.selection.with_filter(point.level, (point.key,)))


def place_of(view: View) -> str:
    """Where the comments on a view stand: its dashboard and panel."""
    return f"{view.dashboard}/{view.panel or ''}"


def _person(session: Session, viewer: Viewer) -> User:
    viewer.require(PERMISSION)
    if viewer.kind not in KINDS or viewer.context.scope.is_nothing:
        raise Forbidden("Comments are for people who see something.")
    return sharing.person_of(session, viewer)


def _rows(session: Session, wanted: object) -> list[Comment]:
    statement = select(Comment).where(wanted).order_by(Comment.created_at.desc(), Comment.id)  # type: ignore[arg-type]
    return list(session.scalars(statement))


def _named(session: Session, person: User, rows: Iterable[Comment]) -> dict[str, Mention]:
    ids = [row.id for row in rows]
    found = session.scalars(select(Mention).where(Mention.user_id == person.id, Mention.comment_id.in_(ids)))
    return {each.comment_id: each for each in found}


def _threads(rows: list[Comment], person: User, named: dict[str, Mention], sees: Sees) -> list[Said]:
    read = [row for row in rows if is_readable(row, sees)]
    answers: dict[str, list[Comment]] = {}
    for row in reversed(read):
        if row.thread is not None and row.deleted_at is None:
            answers.setdefault(row.thread, []).append(row)
    return [
        _said(row, person, named, tuple(_said(each, person, named) for each in answers.get(row.id, ())))
        for row in read
        if row.thread is None and (row.deleted_at is None or row.id in answers)
    ]


def _readable(session: Session, comment_id: str, place: str, sees: Sees) -> Comment:
    row = session.get(Comment, comment_id)
    if row is None or row.place != place or not is_readable(row, sees):
        raise NotFound("There is no such comment.")
    return row


def _scope(row: Comment) -> Scope:
    """The rows that the author saw."""
    scope = Scope.nothing()
    for clause in row.scope:
        scope = scope | (Scope.of(**clause) if clause else Scope.everything())
    return scope


def _point(row: Comment) -> Point | None:
    return Point(row.point_level, row.point_key, row.point_name) if row.point_level else None


def _people_named(session: Session, text: str, author: User) -> list[User]:
    """The people whose addresses begin as it is written after an @. Raises NotFound for somebody who is not there."""
    wanted = dict.fromkeys(found.casefold() for found in _NAMED.findall(text))
    people = {
        user.email.partition("@")[0].casefold(): user for user in session.scalars(select(User).where(User.active))
    }
    unknown = next((name for name in wanted if name not in people), None)
    if unknown is not None:
        raise NotFound("Nobody here is called @{name}: write what stands before the @ of the address.", name=unknown)
    return [people[name] for name in wanted if people[name].id != author.id]


def _settled(text: str) -> str:
    settled = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not settled:
        raise Invalid("A comment needs some words.")
    if len(settled) > LONGEST:
        raise Invalid("A comment has at most {most:,} letters.", most=LONGEST)
    return settled


def _said(row: Comment, person: User, named: dict[str, Mention], answers: tuple[Said, ...] = ()) -> Said:
    return Said(
        id=row.id,
        view=row.view,
        point=_point(row),
        text=row.text,
        author=row.author,
        is_mine=row.author_id == person.id,
        is_deleted=row.deleted_at is not None,
        created_at=row.created_at,
        names_me=row.id in named,
        answers=answers,
    )
