"""Colours and outlines: one token file, readable in light and dark; maps whose bytes are known."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from babel import Locale
from babel.core import get_global

from layouts.geography import EUROPE, STATES, country_code, state_code
from layouts.theme import TOKENS, resolve, tokens

OUTLINES = TOKENS.parent / "vendor" / "topojson"


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_and_marks_be_seen(theme: str) -> None:
    colours = tokens(theme)  # type: ignore[arg-type]
    for ground in ("surface", "bg"):
        for text in ("ink", "muted", "pos", "neg", "brand"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (theme, text, ground)
        for mark in ("actual", "plan", "outline", "forecast", "control"):
            assert contrast(colours[mark], colours[ground]) >= 3 - 0.4 * (ground == "bg"), (theme, mark, ground)
    for mood in ("pos", "neg", "warn"):
        assert contrast(colours[mood], colours[f"{mood}-bg"]) >= 4.5, (theme, mood)


def test_both_themes_have_the_same_colours() -> None:
    light, dark = tokens("light"), tokens("dark")
    coloured = {name for name, value in light.items() if value.startswith("#")}
    assert set(light) == set(dark)
    assert coloured == {name for name, value in dark.items() if value.startswith("#")}
    assert all(light[name] != dark[name] for name in coloured)


def test_tokens_resolve_at_any_depth_and_unknown_ones_do_not() -> None:
    theme = tokens("light")
    assert resolve({"a": ["token:pos", {"b": "token:pos/0.5"}], "c": 1}, theme) == {
        "a": ["#12754f", {"b": "rgba(18,117,79,0.5)"}],
        "c": 1,
    }
    with pytest.raises(KeyError):
        resolve("token:mauve", theme)


def test_the_outlines_are_the_ones_we_took() -> None:
    readme = (OUTLINES / "README").read_text(encoding="utf-8")
    known = {name: digest for digest, name in re.findall(r"^([0-9a-f]{64})  (\S+)$", readme, re.MULTILINE)}
    assert set(known) == {path.name for path in OUTLINES.glob("*.json")}
    for name, digest in known.items():
        assert hashlib.sha256((OUTLINES / name).read_bytes()).hexdigest() == digest
    assert "MIT" in (OUTLINES / "LICENSE").read_text(encoding="utf-8")


def outlined(path: Path, layer: str) -> set[str]:
    shapes = json.loads(path.read_text(encoding="utf-8"))["objects"][layer]["geometries"]
    return {shape["id"] for shape in shapes}


def test_every_state_and_nearly_every_european_country_has_an_outline() -> None:
    assert set(STATES) - outlined(OUTLINES / "usa_110m.json", "subunits") == set()
    assert {"AND", "MLT", "XKX"} >= EUROPE - outlined(OUTLINES / "world_110m.json", "countries")


def test_every_country_of_europe_is_found_under_its_own_code() -> None:
    names = Locale.parse("en").territories
    twos = {three: two[0] for three, two in get_global("territory_aliases").items() if three in EUROPE}
    assert {country_code(twos[three]) for three in twos} == set(twos)
    assert {country_code("?", names[twos[three]]) for three in twos} == set(twos)


@pytest.mark.parametrize(
    ("key", "name", "code"),
    [
        ("DE", "", "DEU"), ("deu", "", "DEU"), ("germany", "Germany", "DEU"), ("c7", "Germany", "DEU"),
        ("united-kingdom", "United Kingdom", "GBR"), ("US", "", "USA"), ("united-states", "", "USA"),
        ("x", "Czech Republic", "CZE"), ("(none)", "", None), ("", "", None),
    ],
)  # fmt: skip
def test_countries_are_found_by_key_or_name(key: str, name: str, code: str | None) -> None:
    assert country_code(key, name) == code


@pytest.mark.parametrize(
    ("key", "name", "code"),
    [("CA", "", "CA"), ("US-CA", "", "CA"), ("us-ca", "", "CA"), ("x", "New York", "NY"), ("x", "Bavaria", None)],
)
def test_states_are_found_by_code_or_name(key: str, name: str, code: str | None) -> None:
    assert state_code(key, name) == code
