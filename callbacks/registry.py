"""The registry: every callback of one app with the permission it needs, checked before it runs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dash import Dash
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from app.values.errors import Forbidden
from app.values.viewer import Viewer

CurrentViewer = Callable[[], Viewer]
"""Says who is asking; without a principal, a viewer who may and sees nothing."""

_KEPT = "salient.registry"
_DISPATCH = "_dash-update-component"


@dataclass
class _Registry:
    current_viewer: CurrentViewer | None = None
    note_timer: Callable[[], None] | None = None
    declared: dict[str, str | None] = field(default_factory=dict)


def open_registry(app: Dash, current_viewer: CurrentViewer, note_timer: Callable[[], None]) -> None:
    """Tell the app's callbacks whom to ask who is there; until then they refuse everybody.

    `note_timer()` marks the request as sent by a clock, which keeps no session alive.
    """
    registry = _of(app)
    registry.current_viewer, registry.note_timer = current_viewer, note_timer


def declare(
    app: Dash,
    function: Callable[..., Any],
    *dependencies: Any,
    permission: str | None,
    timer: bool = False,
    **options: Any,
) -> None:
    """Register `function` as a callback that only viewers with `permission` reach; others get Forbidden.

    `permission=None`: everybody who is signed in, a person without a role too; what it shows is checked inside.
    `timer=True`: a clock in the browser fires it, which is no sign of life.
    """
    registry = _of(app)

    @functools.wraps(function)
    def checked(*values: Any, **named: Any) -> Any:
        if timer and registry.note_timer is not None:
            registry.note_timer()
        _admit(registry, permission)
        return function(*values, **named)

    before = set(app.callback_map)
    app.callback(*dependencies, **options)(checked)
    for output in set(app.callback_map) - before:
        registry.declared[output] = permission


def declared(app: Dash) -> Mapping[str, str | None]:
    """What each declared callback (by output) needs."""
    return dict(_of(app).declared)


def undeclared(app: Dash) -> list[str]:
    """Callbacks with a function on the server that were registered past `declare`.

    Callbacks that run in the browser only see what is there already and are no way in.
    """
    served = {output for output, entry in app.callback_map.items() if "callback" in entry}
    return sorted(served - set(_of(app).declared))


def fence_callbacks(server: Flask, app: Dash) -> None:
    """Answer a callback request that names no callback of ours, or is none at all, with a cheap 4xx.

    Call after `dash_app._setup_server()`. Dash itself answers such requests with an exception.
    """
    path = f"{app.config.routes_pathname_prefix}{_DISPATCH}"
    name = next(rule.endpoint for rule in server.url_map.iter_rules() if rule.rule == path)
    dispatch = server.view_functions[name]

    @functools.wraps(dispatch)
    def fenced(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        status = _judge(app, request.get_json(silent=True))
        if status:
            return jsonify(title="There is no such callback.", status=status), status
        answer: ResponseReturnValue = server.ensure_sync(dispatch)(*args, **kwargs)
        return answer

    server.view_functions[name] = fenced


def _of(app: Dash) -> _Registry:
    registry: _Registry = app.server.extensions.setdefault(_KEPT, _Registry())
    return registry


def _admit(registry: _Registry, permission: str | None) -> None:
    viewer = registry.current_viewer() if registry.current_viewer else None
    if viewer is None or viewer.id in {"", "0"}:
        raise Forbidden("Sign in first.")
    if permission is not None:
        viewer.require(permission)


def _judge(app: Dash, body: object) -> int:
    """0 for a request Dash can answer, else the status that refuses it."""
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        return 400
    known = app.callback_map.get(body["output"])
    if known is None or "callback" not in known:
        return 404
    if not isinstance(body.get("changedPropIds", []), list):
        return 400
    # Every declared argument is there, in its place: a shorter list would reach the function as a wrong call.
    fits = _fits(body.get("inputs", []), known["inputs"]) and _fits(body.get("state", []), known["state"])
    return 0 if fits and _names_outputs(body) else 400


def _fits(sent: object, wanted: list[Any]) -> bool:
    if not isinstance(sent, list) or len(sent) != len(wanted):
        return False
    parts = [part for one in sent for part in (one if isinstance(one, list) else [one])]
    return all(isinstance(part, dict) and "id" in part and "property" in part for part in parts)


def _names_outputs(body: dict[str, Any]) -> bool:
    outputs = body.get("outputs")
    return outputs is None or isinstance(outputs, dict | list)
