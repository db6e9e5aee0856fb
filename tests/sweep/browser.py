"""A browser without a screen: signs in through the form, keeps cookies, and sends callbacks as Dash's renderer does."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

DISPATCH = "/_dash-update-component"
_NONCE = re.compile(r'"end_id":"[^"]*"|Reference [0-9a-f]{12}')
"""What is different in every answer: a mark that Dash puts into pages, the number of a request that was refused."""

Dependency = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """What is sent: a page or file to get, or a callback's payload to post."""

    path: str
    payload: str = ""

    @property
    def text(self) -> str:
        """All that whoever sends this tells: an answer may say it back."""
        return f"{self.path} {self.payload}"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    request: Request
    status: int
    body: str


class Browser:
    """One person's browser."""

    def __init__(self, server: Flask) -> None:
        self.client = server.test_client()

    def sign_in(self, email: str, password: str) -> TestResponse:
        """Fill in the form of the login page and send it, hidden fields too."""
        return self.client.post("/login", data={**self.hidden("/login"), "email": email, "password": password})

    def hidden(self, path: str) -> dict[str, str]:
        """The hidden fields of the first form on a page."""
        form = self.client.get(path).text.split("</form>")[0]
        found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
        return {name: unescape(value) for name, value in found}

    def send(self, request: Request) -> Answer:
        """Send a request as this person; a recorded one carries this person's own token."""
        if not request.payload:
            came = self.client.get(request.path)
        else:
            headers = {"X-CSRFToken": self.token, "Content-Type": "application/json"}
            came = self.client.post(request.path, data=request.payload, headers=headers)
        return Answer(request, came.status_code, _NONCE.sub("", came.text))

    @property
    def token(self) -> str:
        """What Dash sends back from its cookie."""
        kept = self.client.get_cookie("_csrf_token")
        return kept.value if kept else ""

    @cached_property
    def dependencies(self) -> dict[str, Dependency]:
        """The callbacks that run on the server, by name."""
        found = self.client.get("/_dash-dependencies").get_json()
        served = [each for each in found if each["clientside_function"] is None]
        named = {name_of(each): each for each in served}
        assert len(named) == len(served), "two callbacks go by one name"
        return named


def name_of(dependency: Dependency) -> str:
    """What a callback is called: its first output's id or type, or its input where several have the same output."""
    first = _parts(dependency["output"])[0][0]
    return str(dependency["inputs"][0]["id"] if first in ("url", "save") else _type(first))


def payload(dependency: Dependency, values: Mapping[str, Any], **match: Any) -> Request:
    """The request for a callback whose inputs have these values, by id or type; `match` fills the patterns."""

    def concrete(text: str) -> Any:
        if not text.startswith("{"):
            return text
        return {name: match[name] if part == ["MATCH"] else part for name, part in json.loads(text).items()}

    def sent(part: Mapping[str, str]) -> dict[str, Any]:
        own = concrete(part["id"])
        value = own if part["property"] == "id" else values.get(_type(part["id"]))
        return {"id": own, "property": part["property"], "value": value}

    outputs = [{"id": concrete(name), "property": prop} for name, prop in _parts(dependency["output"])]
    changed = dependency["inputs"][0]
    body = {
        "output": dependency["output"],
        "outputs": outputs if dependency["output"].startswith("..") else outputs[0],
        "inputs": [sent(part) for part in dependency["inputs"]],
        "state": [sent(part) for part in dependency["state"]],
        "changedPropIds": [f"{_spelt(concrete(changed['id']))}.{changed['property']}"],
    }
    return Request(DISPATCH, json.dumps(body))


def _type(text: str) -> str:
    return str(json.loads(text)["type"]) if text.startswith("{") else text


def _spelt(own: Any) -> str:
    return own if isinstance(own, str) else json.dumps(own, sort_keys=True, separators=(",", ":"))


def _parts(output: str) -> list[tuple[str, str]]:
    names = output[2:-2].split("...") if output.startswith("..") else [output]
    return [(name.rpartition(".")[0], name.rpartition(".")[2].partition("@")[0]) for name in names]


def table_of(body: str) -> list[dict[str, str]]:
    """The rows of a CSV file of one table; what the file says about itself stands below an empty line."""
    return list(csv.DictReader(io.StringIO(body.removeprefix("\ufeff").partition("\r\n\r\n")[0])))


def imprint_of(body: str) -> dict[str, str]:
    """What a CSV file says about itself."""
    told = [line for line in csv.reader(io.StringIO(body)) if line and line[0].startswith("# ")]
    assert all(len(line) == 2 for line in told)
    return {name.removeprefix("# "): said for name, said in told}
