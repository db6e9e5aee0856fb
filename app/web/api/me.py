"""Me: who a token acts for, what it may, and what the company's day and currency are."""

from __future__ import annotations

from app.web.api.door import Call, Door
from app.web.api.shapes import Told


class Me(Told):
    """The one that asks. `masks` are the columns that are hidden from it."""

    kind: str
    name: str
    email: str
    role: str
    permissions: list[str]
    masks: list[str]
    sees: str
    today: str
    currency: str
    zone: str
    locale: str


def add(door: Door) -> None:
    """/me."""

    @door.operation("GET", "/me", scope="read", permission="", answers=Me, etag=True)
    def show(call: Call) -> Me:
        """Who asks, and what they may.

        It answers to every token and everybody who is signed in, whatever the role.
        """
        viewer, context = call.viewer, call.viewer.context
        sees = "nothing" if context.scope.is_nothing else "all" if context.scope.is_everything else "a part"
        return Me(
            kind=viewer.kind,
            name=viewer.name,
            email=viewer.email,
            role=viewer.role,
            permissions=sorted(viewer.permissions),
            masks=sorted(context.masks),
            sees=sees,
            today=context.today.isoformat(),
            currency=context.currency,
            zone=context.zone,
            locale=context.locale,
        )
