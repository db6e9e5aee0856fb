"""Docs: the API's document as a page, where a request can be tried in the session of whoever reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from flask import Blueprint, render_template, send_file
from flask.typing import ResponseReturnValue

from app.values.viewer import Viewer

HERE = "/api/docs"
_SCRIPT = Path(__file__).parents[1] / "static" / "api-docs.js"
_DEEPEST_EXAMPLE = 4
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """A parameter of an operation, or a field of a shape; `shape` is the one it holds, if any."""

    name: str
    kind: str
    shape: str
    place: str
    is_required: bool
    meaning: str


@dataclass(frozen=True)
class Told:
    """One status that an operation answers with."""

    status: str
    meaning: str
    kinds: str
    shape: str


@dataclass(frozen=True)
class Described:
    """An operation as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    scope: str
    permission: str
    deprecated: bool
    parameters: tuple[Field, ...]
    body: str
    shape: str
    answers: tuple[Told, ...]


def docs(viewer: Callable[[], Viewer], document: Callable[[], Document], origin: str) -> Blueprint:
    """/api/docs, for everybody who is signed in: it tells what can be asked, and no figures."""
    pages = Blueprint("api_docs", __name__, template_folder="../templates")
    groups = cache(lambda: _groups(document()))
    shapes = cache(lambda: _shapes(document()))

    @pages.get(HERE)
    def show() -> ResponseReturnValue:
        return render_template("api-docs.html", viewer=viewer(), groups=groups(), shapes=shapes(), origin=origin)

    @pages.get(f"{HERE}.js")
    def script() -> ResponseReturnValue:
        return send_file(_SCRIPT, mimetype="text/javascript")

    return pages


def _groups(document: Document) -> dict[str, list[Described]]:
    """The operations by the first part of their path."""
    found: dict[str, list[Described]] = {}
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            group = found.setdefault(told["tags"][0], [])
            group.append(_described(document, path, method.upper(), told))
    return found


def _described(document: Document, path: str, method: str, told: Mapping[str, Any]) -> Described:
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    example = "" if body is None else orjson.dumps(_example(document, body), option=orjson.OPT_INDENT_2).decode()
    return Described(
        id=told["operationId"],
        method=method,
        path=path,
        summary=_plain(told["summary"]),
        description=_plain(told["description"]),
        scope=next((scope for each in told["security"] for scope in each.get("token", ())), ""),
        permission=told["x-permission"],
        deprecated=told.get("deprecated", False),
        parameters=tuple(_field(each, each["schema"], place=each["in"]) for each in told["parameters"]),
        body=example,
        shape="" if body is None else _shape_in(body),
        answers=tuple(_told(status, each) for status, each in told["responses"].items()),
    )


def _told(status: str, answer: Mapping[str, Any]) -> Told:
    content = answer.get("content", {})
    shape = next((name for each in content.values() if (name := _shape_in(each.get("schema", {})))), "")
    return Told(status, _plain(answer["description"]), ", ".join(content), shape)


def _field(told: Mapping[str, Any], schema: Mapping[str, Any], *, place: str = "", is_required: bool = False) -> Field:
    meaning = _plain(str(told.get("description") or schema.get("description") or ""))
    needed = bool(told.get("required", is_required))
    return Field(told["name"], _kind(schema), _shape_in(schema), place, needed, meaning)


def _shapes(document: Document) -> dict[str, tuple[str, list[Field]]]:
    """Every shape by name: what it is, and its fields."""
    found = {}
    for name, schema in sorted(document["components"]["schemas"].items()):
        needed = schema.get("required", ())
        fields = [
            _field({"name": field}, each, is_required=field in needed)
            for field, each in schema.get("properties", {}).items()
        ]
        found[name] = (_plain(str(schema.get("description", ""))), fields)
    return found


def _plain(text: str) -> str:
    """Without the marks that the document sets names in."""
    return text.replace("`", "")


def _choices(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(schema.get("anyOf") or schema.get("oneOf") or ())


def _kind(schema: Mapping[str, Any]) -> str:
    """The kind in few words: "text", "list of Filter", "text or null"."""
    if "$ref" in schema:
        return _name(schema["$ref"])
    if choices := _choices(schema):
        return " or ".join(dict.fromkeys(_kind(each) for each in choices))
    if "enum" in schema or "const" in schema:
        return " | ".join(str(each) for each in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return {"string": "text", "integer": "whole number", "boolean": "true or false"}.get(kind, str(kind))


def _shape_in(schema: Mapping[str, Any]) -> str:
    """The name of the shape that a schema holds, alone or in a list; empty for none."""
    if "$ref" in schema:
        return _name(schema["$ref"])
    inside = [*_choices(schema), *([schema["items"]] if isinstance(schema.get("items"), dict) else [])]
    return next((name for each in inside if (name := _shape_in(each))), "")


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def _example(document: Document, schema: Mapping[str, Any], depth: int = 0) -> Any:
    """What a body could look like: examples and defaults where they are told, and only what has to be there."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][_name(schema["$ref"])]
    if examples := schema.get("examples"):
        return examples[0]
    if "default" in schema:
        return schema["default"]
    if choices := _choices(schema):
        return _example(document, choices[0], depth)
    if "enum" in schema:
        return schema["enum"][0]
    if "properties" in schema and depth < _DEEPEST_EXAMPLE:
        wanted = schema.get("required") or list(schema["properties"])[:3]
        return {name: _example(document, schema["properties"][name], depth + 1) for name in wanted}
    if schema.get("type") == "array":
        return [_example(document, schema.get("items", {}), depth + 1)] if depth < _DEEPEST_EXAMPLE else []
    return {"string": "…", "integer": schema.get("minimum", 1), "number": 1, "boolean": True}.get(
        schema.get("type", ""), {}
    )
