"""Theme: the colours of the token file, for renderers that have no browser to resolve them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

TOKENS = Path(__file__).resolve().parent.parent / "assets" / "00-tokens.css"
PREFIX = "token:"

Theme = Literal["light", "dark"]

_BLOCK = re.compile(r"([^{}]+)\{([^{}]*)\}")
_TOKEN = re.compile(r"--([a-z0-9-]+)\s*:\s*([^;]+);")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def tokens(theme: Theme = "light", source: Path = TOKENS) -> Mapping[str, str]:
    """Token name → CSS value in a theme: `tokens("dark")["pos"] == "#5cc79b"`."""
    found: dict[str, str] = {}
    for selector, body in _BLOCK.findall(_COMMENT.sub("", source.read_text(encoding="utf-8"))):
        if ":root" in selector or (theme == "dark" and "dark" in selector):
            found.update({name: " ".join(value.split()) for name, value in _TOKEN.findall(body)})
    return MappingProxyType(found)


def colour(text: str, theme: Mapping[str, str]) -> str:
    """ "token:pos" is that token's value, "token:pos/0.2" the same at a fifth of its strength; KeyError if unknown."""
    name, _, strength = text.removeprefix(PREFIX).partition("/")
    value = theme[name]
    if not strength or not value.startswith("#"):
        return value
    channels = ",".join(str(int(value[at : at + 2], 16)) for at in (1, 3, 5))
    return f"rgba({channels},{strength})"


def resolve(value: Any, theme: Mapping[str, str]) -> Any:
    """The same nested value with every "token:…" text replaced."""
    if isinstance(value, str):
        return colour(value, theme) if value.startswith(PREFIX) else value
    if isinstance(value, dict):
        return {key: resolve(part, theme) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(part, theme) for part in value]
    return value
