"""The registry: every callback of one app with the permission it needs, checked before it runs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from dash import Dash, Output

from app.values.errors import Forbidden
from app.values.leave import Leave
from app.values.viewer import Viewer
from layouts.screen.drawn import light

LOOK = "look"
"""What every embed may do."""

F = TypeVar("F", bound=Callable[..., Any])

CurrentViewer = Callable[[], Viewer]
"""Says who is asking; without a principal, a viewer who may and sees nothing."""

SIGNED_IN = "signed-in"
"""For what everybody who is signed in may reach, a person without a role too; what it shows is checked inside."""


def _nothing() -> None:
    """No timer to note."""


class Unasked(Forbidden):
    """What the page of a guest asks for by habit: refused, and nobody needs to be told."""


@dataclass(frozen=True)
class Registry:
    """One Dash app's declarations. Make one per app; nothing is kept process-wide.

    `note_timer()` marks a request as sent by a clock in the browser.
    """

    app: Dash
    current_viewer: CurrentViewer
    note_timer: Callable[[], None] = _nothing
    declared: dict[str, str] = field(default_factory=dict)
    for_screens: set[str] = field(default_factory=set)
    for_embeds: dict[str, str] = field(default_factory=dict)

    def callback(
        self,
        *args: Any,
        permission: str,
        timer: bool = False,
        screens: bool = False,
        embeds: str | None = None,
        **kwargs: Any,
    ) -> Callable[[F], F]:
        """`dash_app.callback`, for those with the permission; others get Forbidden before it runs.

        `timer=True` for what a clock in the browser fires: it does not keep the session alive.
        `screens=True` for what draws: a screen without a session, which shows one view, may ask for nothing else.
        An embed may ask for that, too, and for what names in `embeds` a capability that it was granted, or LOOK.
        Returns the plain function, unchecked, for tests.
        """

        outputs = [each for each in args if isinstance(each, Output)]

        def declare(function: F) -> F:
            drawn = [each.component_property == "children" for each in outputs]

            @functools.wraps(function)
            def checked(*values: Any, **named: Any) -> Any:
                if timer:
                    self.note_timer()
                viewer = self.require(permission)
                if viewer.only is not None and not (screens or _is_for(viewer.only, embeds)):
                    raise Unasked(viewer.only.refusal().sentence)
                return _lighter(function(*values, **named), drawn)

            before = set(self.declared)
            self._note(permission, lambda: self.app.callback(*args, **kwargs)(checked))
            added = set(self.declared) - before
            if screens:
                self.for_screens.update(added)
            if screens or embeds:
                self.for_embeds.update(dict.fromkeys(added, embeds or LOOK))
            return function

        return declare

    def clientside_callback(self, script: Any, *args: Any, permission: str = SIGNED_IN, **kwargs: Any) -> None:
        """`dash_app.clientside_callback`; in the browser it is no fence, the permission only tells the reader."""
        self._note(permission, lambda: self.app.clientside_callback(script, *args, **kwargs))

    def require(self, permission: str) -> Viewer:
        """The viewer of this request, if allowed. Raises Forbidden."""
        viewer = self.current_viewer()
        if viewer.id in {"", "0"}:
            raise Forbidden("Sign in first.")
        if permission != SIGNED_IN:
            viewer.require(permission)
        return viewer

    def undeclared(self) -> list[str]:
        """Callbacks with a function on the server that were registered past this registry.

        Callbacks that run in the browser only see what is there already and are no way in.
        """
        served = {output for output, entry in self.app.callback_map.items() if "callback" in entry}
        return sorted(served - set(self.declared))

    def _note(self, permission: str, register: Callable[[], Any]) -> None:
        before = set(self.app.callback_map)
        register()
        for output in set(self.app.callback_map) - before:
            self.declared[output] = permission


def _is_for(leave: Leave, capability: str | None) -> bool:
    """Whether an embed was granted what a callback takes; a screen never was."""
    return capability is not None and not leave.is_still and (capability == LOOK or leave.may(capability))


def _lighter(made: Any, drawn: list[bool]) -> Any:
    """What a callback made, what it drew among that lighter to keep: `drawn` says which of its outputs are."""
    if len(drawn) == 1:
        return light(made) if drawn[0] else made
    if not isinstance(made, tuple) or len(made) != len(drawn):
        return made
    return tuple(light(part) if is_drawn else part for part, is_drawn in zip(made, drawn, strict=True))
