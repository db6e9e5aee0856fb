"""The fence: what Dash could not answer is refused without an exception: callbacks, and files it does not have."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Protocol

from dash.exceptions import DashException
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

_DISPATCH = "_dash-update-component"
_SUITES = "_dash-component-suites/"


class Callbacks(Protocol):
    """What the fence asks of a Dash application."""

    @property
    def callback_map(self) -> Mapping[str, Mapping[str, Any]]:
        """Each callback's inputs and state, by its output."""

    @property
    def config(self) -> Any:
        """With `routes_pathname_prefix`."""


def fence_callbacks(server: Flask, app: Callbacks) -> None:
    """Answer a callback request that names no callback of ours, or is none at all, with a cheap 4xx.

    Call after `dash_app._setup_server()`. Dash itself answers such requests with an exception.
    """
    path = f"{app.config.routes_pathname_prefix}{_DISPATCH}"
    name = next(rule.endpoint for rule in server.url_map.iter_rules() if rule.rule == path)
    dispatch = server.view_functions[name]

    @functools.wraps(dispatch)
    def fenced(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        status = _judge(app, _body())
        if status:
            return jsonify(title="There is no such callback.", status=status), status
        answer: ResponseReturnValue = server.ensure_sync(dispatch)(*args, **kwargs)
        return answer

    server.view_functions[name] = fenced


def fence_files(server: Flask, app: Callbacks) -> None:
    """Answer 404 for a file of a component library that there is not; Dash raises exceptions of many kinds.

    Call after `dash_app._setup_server()`.
    """
    path = f"{app.config.routes_pathname_prefix}{_SUITES}"
    name = next(rule.endpoint for rule in server.url_map.iter_rules() if rule.rule.startswith(path))
    serve = server.view_functions[name]

    @functools.wraps(serve)
    def fenced(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        try:
            answer: ResponseReturnValue = server.ensure_sync(serve)(*args, **kwargs)
        except (DashException, ImportError, OSError, ValueError) as error:
            raise NotFound from error
        return answer

    server.view_functions[name] = fenced


def _body() -> object:
    """What was sent; None for what is no JSON, or nested beyond what can be read."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def _judge(app: Callbacks, body: object) -> int:
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
