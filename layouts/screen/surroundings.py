"""Surroundings: what the frame around a dashboard needs to know to be drawn for one viewer and one view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from app.values.view import View
from app.values.viewer import Viewer
from layouts import format as fmt
from layouts.dashboard import Dashboard
from layouts.screen.kept import KeptView


@dataclass(frozen=True)
class Stand:
    """What the data are: generation, as of, first and last day with sales, currencies, rows in quarantine.

    `notices` is what readers should know of how they were loaded.
    """

    generation: int = 0
    as_of: date | datetime | None = None
    first_day: date | None = None
    last_day: date | None = None
    currencies: tuple[str, ...] = ()
    quarantined: int = 0
    is_demo: bool = False
    notices: tuple[str, ...] = ()


NOTHING_LOADED = Stand()
"""Before the first data came in."""


@dataclass(frozen=True)
class Surroundings:
    """The viewer, the dashboards they may open, the view, the data's stand, and the names of members in the view.

    `names` maps (level, member key) to a name; a member that is missing in it is shown by its key. `saved` is the saved
    view that was opened, `pinned` those on the rail, `begins` those that dashboards, by id, begin with;
    `click` is what a click on a mark does: "drill" or "filter".
    """

    viewer: Viewer
    dashboards: tuple[Dashboard, ...]
    view: View
    stand: Stand = field(default_factory=Stand)
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    saved: KeptView | None = None
    pinned: tuple[KeptView, ...] = ()
    begins: Mapping[str, KeptView] = field(default_factory=dict)
    click: str = "drill"

    @property
    def is_changed(self) -> bool:
        """Whether one looks at something else than the saved view that was opened."""
        return self.saved is not None and self.saved.view != str(self.view)

    @property
    def dashboard(self) -> Dashboard | None:
        """The dashboard looked at, if the viewer may open it."""
        return next((dashboard for dashboard in self.dashboards if dashboard.id == self.view.dashboard), None)

    def name(self, level: str, key: str) -> str:
        """What a member is called."""
        return self.names.get((level, key)) or key


def as_of_text(as_of: date | datetime | None, locale: str) -> str:
    """A data stand in words: "21 Nov 2026, 06:02"; empty when unknown."""
    if as_of is None:
        return ""
    day = fmt.day(as_of, locale)
    return f"{day}, {as_of:%H:%M}" if isinstance(as_of, datetime) else day
