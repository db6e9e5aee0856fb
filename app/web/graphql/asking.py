"""Asking: who asks in one request, of which house, with the loaders that serve it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import strawberry

from app.values.viewer import Viewer
from app.web.graphql.loading import Loading

if TYPE_CHECKING:
    from app.assembly import House


@dataclass(frozen=True)
class Asking:
    """Handed to everything that answers a part of the request."""

    house: House
    viewer: Viewer
    loading: Loading

    @classmethod
    def of(cls, house: House, viewer: Viewer) -> Asking:
        """A request of a viewer's."""
        return cls(house, viewer, Loading(house, viewer))


Info = strawberry.Info[Asking, None]
