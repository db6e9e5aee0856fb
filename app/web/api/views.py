"""Saved views: listed, made, changed, shared, deleted and brought back; links to views, and what an address means."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field

from app.handing import opened, panel_of
from app.services import permalinks, views
from app.services.views import ViewCard
from app.values.errors import Invalid, NotFound
from app.values.view import View
from app.web.api.door import Answer, Call, Door
from app.web.api.fields import Address, Instant, Kept, Roles, Visibility
from app.web.api.files import place_of
from app.web.api.shapes import Asked, Page, Sent, Told

LONGEST_URL = 20_200


class SavedView(Told):
    """A view that is kept under a name. `version` grows with every change."""

    id: str
    name: str
    description: str
    dashboard: str
    view: Address
    url: str = Field(description="Where a browser opens it. It grants nothing: whoever opens it sees the own rows.")
    layout: str = Field(description="The columns of its tables, as the address bar writes them; empty for the usual.")
    owner: str
    is_mine: bool
    visibility: Visibility
    roles: Roles
    version: int
    created_at: Instant
    changed_at: Instant
    deleted_at: Instant | None


class NewView(Sent):
    """A view to keep."""

    name: str = Field(description="Your name for it, one that none of your other views has.", examples=["Iberia"])
    view: Address
    description: str = ""
    layout: str = ""
    visibility: Visibility = "private"
    roles: Roles = Field(default_factory=list)


class ViewChange(Sent):
    """What is to be different; what is left out stays."""

    name: str | None = None
    view: Address | None = None
    description: str | None = None
    layout: str | None = None
    visibility: Visibility | None = None
    roles: Roles | None = None


class ViewsAsked(Kept):
    """Which views."""

    dashboard: str | None = Field(default=None, max_length=80, description="The id of a dashboard, for its views only.")


class Link(Told):
    """A short address of a view. It grants nothing."""

    id: str
    url: str
    view: Address


class NewLink(Sent):
    """A view that gets a short address."""

    view: Address


class Url(Asked):
    """An address to read."""

    url: str = Field(
        max_length=LONGEST_URL,
        description="The address of a dashboard, of a panel, or a short one, with or without this site before it.",
        examples=["/d/overview?period=ytd", "/v/3kTq0Vd9xY_a"],
    )


class Resolved(Told):
    """What an address means: the view in its one spelling, and where it leads."""

    view: Address
    url: str
    dashboard: str
    panel: str | None
    title: str = Field(description="The dashboard’s.")
    saved: str | None = Field(description="The id of the saved view that it leads to, if it does.")


def add(door: Door) -> None:
    """/views, /links and /resolve."""
    _looking(door)
    _keeping(door)
    _links(door)


def _looking(door: Door) -> None:
    @door.operation("GET", "/views", scope="read", query=ViewsAsked, answers=Page[SavedView])
    def index(call: Call) -> Page[SavedView]:
        """Your views and those that are shared with you, by name."""
        with call.reading() as session:
            if call.query.deleted:
                found = views.deleted(session, call.viewer, now=call.now)
            else:
                found = views.listed(session, call.viewer)
        wanted = [each for each in found if call.query.dashboard in (None, each.dashboard)]
        return call.page([_told(call, each) for each in wanted], key=lambda each: (each.name.casefold(), each.id))

    @door.operation("GET", "/views/{view}", scope="read", answers=SavedView, etag=True)
    def show(call: Call, view: str) -> SavedView:
        """One view."""
        with call.reading() as session:
            return _told(call, views.find(session, call.viewer, view))


def _keeping(door: Door) -> None:
    def held(call: Call, view: str) -> SavedView:
        return _told(call, views.held(call.session, call.viewer, view))

    @door.operation("POST", "/views", scope="write", takes=NewView, answers=SavedView, status=201)
    def create(call: Call) -> Answer:
        """Keep a view.

        With a visibility other than “private” others may use it: your team, some roles, or everyone who sees
        dashboards. Each of them sees the own rows.
        """
        made = views.save(call.session, call.viewer, **call.body.model_dump(), now=call.now)
        return Answer(_told(call, made), headers={"Location": place_of("views", made.id)})

    @door.operation(
        "PATCH", "/views/{view}", scope="write", takes=ViewChange, answers=SavedView, matches=held, etag=True
    )
    def change(call: Call, view: str) -> SavedView:
        """Change or share a view of yours."""
        before = views.held(call.session, call.viewer, view)
        wish = call.body.model_dump(exclude_none=True)
        if "roles" in wish and "visibility" not in wish:
            wish["visibility"] = before.visibility
        changed = views.change(call.session, call.viewer, view, version=before.version, **wish, now=call.now)
        return _told(call, changed)

    @door.operation("DELETE", "/views/{view}", scope="write", status=204, matches=held)
    def remove(call: Call, view: str) -> None:
        """Delete a view of yours. It can be restored for 30 days."""
        views.remove(call.session, call.viewer, view, now=call.now)

    @door.operation("POST", "/views/{view}/restore", scope="write", answers=SavedView)
    def restore(call: Call, view: str) -> SavedView:
        """Bring back a view that you deleted."""
        return _told(call, views.restore(call.session, call.viewer, view, now=call.now))


def _links(door: Door) -> None:
    @door.operation("POST", "/links", scope="write", takes=NewLink, answers=Link, status=201)
    def link(call: Call) -> Link:
        """Make a short address of a view; the same view has the same one, whoever asks."""
        made = permalinks.link_to(call.session, call.viewer, call.body.view, now=call.now)
        view = permalinks.target_of(call.session, call.viewer, made)
        return Link(id=made, url=f"{_origin(call)}/v/{made}", view=view)

    @door.operation("GET", "/resolve", scope="read", query=Url, answers=Resolved)
    def resolve(call: Call) -> Resolved:
        """Say what an address means: the view that a browser would show you there."""
        text, saved = _path(call, call.query.url), None
        if text.startswith("/v/"):
            with call.reading() as session:
                text = permalinks.target_of(session, call.viewer, text.removeprefix("/v/"))
        text, _, fragment = text.partition("#")
        if fragment.startswith("v="):
            with call.reading() as session:
                saved = views.find(session, call.viewer, fragment.removeprefix("v=")).id
        view = View.parse(text)
        found = opened(call.house, call.viewer, view)
        if view.panel is not None:
            panel_of(found, call.viewer, view)
        return Resolved(
            view=str(view),
            url=f"{_origin(call)}{view}",
            dashboard=view.dashboard,
            panel=view.panel,
            title=str(found.title),
            saved=saved,
        )


def _path(call: Call, url: str) -> str:
    """An address of this site from its first slash on. Raises NotFound for one of another, Invalid for none."""
    if url.startswith("/") and not url.startswith("//"):
        return url
    try:
        there, here = urlsplit(url), urlsplit(_origin(call))
    except ValueError:
        raise Invalid("This is no address.") from None
    if (there.scheme, there.netloc) != (here.scheme, here.netloc):
        raise NotFound("This address leads elsewhere.")
    return url[len(_origin(call)) :] or "/"


def _origin(call: Call) -> str:
    return call.house.settings.origin


def _told(call: Call, card: ViewCard) -> SavedView:
    return SavedView(
        id=card.id,
        name=card.name,
        description=card.description,
        dashboard=card.dashboard,
        view=card.view,
        url=f"{_origin(call)}{card.view}#v={card.id}",
        layout=card.layout,
        owner=card.owner,
        is_mine=card.is_mine,
        visibility=card.visibility,  # type: ignore[arg-type]
        roles=list(card.roles),
        version=card.version,
        created_at=card.created_at,
        changed_at=card.changed_at,
        deleted_at=card.deleted_at,
    )
