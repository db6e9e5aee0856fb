"""Statics: third-party stylesheets and scripts, from installed wheels or our own part of one, compressed, immutable."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import importlib.util
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import brotli
from flask import Blueprint, Response, abort, request

PREFIX = "/vendor"
_A_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class _Source:
    """Where a served file lies: inside which installed package, of which distribution; of none if it is our own."""

    package: str
    distribution: str
    path: str
    media_type: str


_SOURCES: Mapping[str, _Source] = MappingProxyType(
    {
        "bootstrap.min.css": _Source(
            "flask_bootstrap", "bootstrap-flask", "static/bootstrap5/css/bootstrap.min.css", "text/css; charset=utf-8"
        ),
        "plotly.min.js": _Source("app.web", "", "static/plotly.min.js", "text/javascript; charset=utf-8"),
    }
)


def url_of(name: str) -> str:
    """The address of a vendored file; it changes with the version of the wheel or the file, so it may be kept for ever.

    `url_of("bootstrap.min.css") == "/vendor/2.5.0/bootstrap.min.css"`
    """
    return f"{PREFIX}/{_version(name)}/{name}"


@functools.cache
def _version(name: str) -> str:
    distribution = _SOURCES[name].distribution
    return importlib.metadata.version(distribution) if distribution else hashlib.sha256(_read(name)).hexdigest()[:12]


def statics() -> Blueprint:
    """The blueprint that answers every `url_of(name)`; an unknown name or another version is 404."""
    blueprint = Blueprint("statics", __name__)
    shelf = _Shelf(_read)

    def vendored(version: str, name: str) -> Response:
        if name not in _SOURCES or url_of(name) != f"{PREFIX}/{version}/{name}":
            abort(404)
        coding = "br" if request.accept_encodings["br"] > 0 else "identity"
        content, tag = shelf.get(name, coding)
        answer = Response(content, content_type=_SOURCES[name].media_type)
        if coding == "br":
            answer.headers["Content-Encoding"] = "br"
        answer.headers["Vary"] = "Accept-Encoding"
        answer.headers["Cache-Control"] = _A_YEAR
        answer.set_etag(tag)
        answer.make_conditional(request)
        return answer

    blueprint.add_url_rule(f"{PREFIX}/<version>/<name>", "vendored", vendored)
    return blueprint


class _Shelf:
    """Files read and compressed once each, on first use."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[bytes, str]] = {}

    def get(self, name: str, coding: str) -> tuple[bytes, str]:
        """The bytes in that coding and their entity tag."""
        with self._lock:
            if (name, coding) not in self._kept:
                plain = self._read(name)
                # Quality 9 is within a tenth of the best and takes 0.4 s for the largest file, once.
                content = brotli.compress(plain, quality=9) if coding == "br" else plain
                self._kept[name, coding] = content, hashlib.sha256(content).hexdigest()[:24]
            return self._kept[name, coding]


def _read(name: str) -> bytes:
    source = _SOURCES[name]
    spec = importlib.util.find_spec(source.package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"The package {source.package} is not installed.")
    return (Path(spec.origin).parent / source.path).read_bytes()
