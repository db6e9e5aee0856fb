"""Description: the OpenAPI document, derived by spectree from what the operations declare."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from flask import Flask
from spectree import Response as Responses
from spectree import SpecTree
from spectree.models import SecureType, SecurityScheme, SecuritySchemeData

from app.web.api.door import HERE, SCOPES, Door, Operation
from app.web.api.once import HEADER, PATTERN
from app.web.api.shapes import Problem, name_of

PROBLEM = "application/problem+json"
_ALWAYS = {
    "400": "The request cannot be understood.",
    "401": "Nobody is signed in, or the token is not valid.",
    "403": "The token lacks the scope, or the role lacks the right.",
    "404": "There is no such thing, or it is not for you.",
    "405": "This address does not take that method.",
    "422": "Something in the request is wrong; `errors` names each part.",
    "429": "Too many requests; `Retry-After` says when to come again.",
    "503": "Not available just now.",
}
_WITH_BODY = {"413": "Too big.", "415": "The body is of another kind."}
_WITH_KEY = {"409": "Somebody was quicker, or the same request is being answered."}
_WITH_MATCH = {"412": "It was changed since.", "428": "If-Match is missing."}
_WITH_MEDIA = {"406": "It is not answered as any of the kinds that `Accept` names."}


def describe(server: Flask, door: Door) -> dict[str, Any]:
    """The document of all operations of the door."""
    spec = SpecTree(
        "flask",
        mode="strict",
        annotations=False,
        title="Salient",
        version="1",
        description=_ABOUT,
        openapi_version="3.1.0",
        naming_strategy=name_of,
        nested_naming_strategy=lambda _parent, child: _nested(child),
        validation_error_model=Problem,
        security_schemes=[
            SecurityScheme(name="token", data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer")),
        ],
    )
    declared = {(each.place, each.method): each for each in door.operations}
    views = {}
    for rule in server.url_map.iter_rules():
        for method in rule.methods or ():
            if each := declared.get((rule.rule, method)):
                views[rule.endpoint] = _annotated(spec, each)
    document = _generated(server, spec, views)
    # As declared: whoever reads it begins with what is asked most.
    declared_paths = dict.fromkeys(HERE + each.path for each in door.operations)
    document["paths"] = {path: document["paths"][path] for path in declared_paths}
    for each in door.operations:
        _complete(document["paths"][HERE + each.path][each.method.lower()], each)
    return document


def _generated(server: Flask, spec: SpecTree, views: dict[str, Callable[..., Any]]) -> dict[str, Any]:
    """What spectree finds on a server that has our addresses and the declared functions behind them."""
    described = Flask("salient described", static_folder=None)
    for rule in server.url_map.iter_rules():
        if rule.endpoint in views:
            methods = [method for method in rule.methods or () if method != "HEAD"]
            described.add_url_rule(rule.rule, rule.endpoint, views[rule.endpoint], methods=methods)
    with described.app_context():
        document: dict[str, Any] = spec.spec
    return document


def _annotated(spec: SpecTree, each: Operation) -> Callable[..., Any]:
    model = {f"HTTP_{each.status}": each.answers}
    name = each.path.strip("/").replace("/", "-").replace("{", "").replace("}", "")
    return spec.validate(
        query=each.query,
        json=each.takes,
        resp=Responses(**model),
        tags=[each.path.strip("/").split("/")[0]],
        deprecated=each.deprecated is not None,
        operation_id=f"{each.method.lower()}-{name}",
        security={"token": [each.scope]},
        skip_validation=True,
    )(update_wrapper(lambda **_parts: None, each.handler))


def _complete(told: dict[str, Any], each: Operation) -> None:
    """What spectree cannot know: problems, media types, headers."""
    told["x-permission"] = each.permission
    told["parameters"] += _headers(each)
    good = told["responses"][str(each.status)]
    if each.media:
        schema = good.get("content", {}).get("application/json", {}).get("schema", {})
        good["content"] = {kind: {"schema": schema if kind == "application/json" else {}} for kind in each.media}
    if each.etag:
        good["headers"] = {"ETag": {"schema": {"type": "string"}}}
        told["responses"]["304"] = {"description": "Nothing has changed."}
    if each.files:
        content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in each.files}
        told["requestBody"] = {"required": True, "content": content}
    problem = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, description in _problems(each).items():
        told["responses"][status] = {"description": description, "content": problem}
    told["responses"]["429"]["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    told["responses"] = dict(sorted(told["responses"].items()))


def _problems(each: Operation) -> dict[str, str]:
    found = dict(_ALWAYS)
    if each.takes is not None or each.files:
        found |= _WITH_BODY
    if each.writes or each.takes_key:
        found |= _WITH_KEY
    if each.matches is not None:
        found |= _WITH_MATCH
    if each.media:
        found |= _WITH_MEDIA
    return found | ({"413": "More than a limit allows."} if each.scope in {"read", "rows", "export"} else {})


def _headers(each: Operation) -> list[dict[str, Any]]:
    text = {"type": "string"}
    found: list[dict[str, Any]] = []
    if each.takes_key:
        told = "The same request under the same key, within a day, has one effect and one answer."
        key = {"type": "string", "pattern": PATTERN}
        found.append({"name": HEADER, "in": "header", "required": False, "schema": key, "description": told})
    if each.matches is not None:
        found.append({"name": "If-Match", "in": "header", "required": True, "schema": text})
    if each.etag:
        found.append({"name": "If-None-Match", "in": "header", "required": False, "schema": text})
    return found


def _nested(child: str) -> str:
    """A nested model by its own name: pydantic writes `Page_Note_` for `Page[Note]`."""
    outer, mark, inner = child.rstrip("_").partition("_")
    return f"{inner}{outer}" if mark else outer


_ABOUT = f"""Ask, keep and send sales figures from programs, under the rights of whoever made the token.

Send `Authorization: Bearer sal_…` with every request; a token is made on the page *Account → Tokens* with some of the
scopes {", ".join(SCOPES)}. Errors are `application/problem+json`; a list has `items` and
`next`, a cursor for its next page; limits are errors, never silent cuts.
Money and ratios are text, instants ISO 8601 in UTC.
"""
