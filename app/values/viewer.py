"""Viewer: who is asking, whether a person, a token, an embed guest or a system job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.values.context import QueryContext
from app.values.errors import Forbidden
from app.values.leave import Leave

Kind = Literal["person", "token", "embed", "job"]


@dataclass(frozen=True)
class Viewer:
    """A principal with the permissions and the context it has at this moment.

    `only` is what a guest without a session, a screen or an embed, may look at; None for everybody else.
    `account` is the person a token acts for, by the number of the account; None for everybody else.
    """

    kind: Kind
    id: str
    name: str
    email: str
    role: str
    permissions: frozenset[str]
    context: QueryContext
    only: Leave | None = None
    account: int | None = None

    def may(self, permission: str) -> bool:
        """Whether the viewer holds the permission."""
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Raise Forbidden unless the viewer holds the permission."""
        if permission not in self.permissions:
            raise Forbidden("Your role does not allow this.")
