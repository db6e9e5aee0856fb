"""Engine: the library that turns specifications into SVG and SVG into PNG, started by the first picture."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.sax.saxutils import escape

FONTS = Path(__file__).resolve().parents[3] / "assets" / "vendor" / "inter"
"""The folder of the fonts that every paper is set in."""

_LONG = re.compile(r"\d+\.\d{3,}(?:e-\d+)?")
_NAMED = re.compile(r"\b(clip|gradient_)\d+\b")
_END = "</svg>"
_further: list[Path] = []
"""The folder of fonts that the workspace names; there is one for a process, as the library keeps one list."""


@cache
def _converter() -> ModuleType:
    # Imported late: whoever only looks at a screen never needs it.
    import vl_convert

    for folder in (FONTS, *_further):
        vl_convert.register_font_directory(str(folder))
    return vl_convert


def use_fonts(folder: Path) -> None:
    """From the first picture on, letters that ours lack are taken from the fonts of this folder."""
    _further[:] = [folder]


def svg_of(spec: dict[str, Any], letters: str = "", spoken: str = "") -> str:
    """A Vega specification drawn, under elements of text; `spoken` is for those who do not see it.

    Nothing is ever fetched: all data are in the specification.
    """
    drawn: str = _converter().vega_to_svg(spec, allowed_base_urls=[])
    # Vega counts names up for as long as it lives: the same picture has the same bytes whenever it is drawn.
    names = {found[0]: f"{found[1]}{at}" for at, found in enumerate(_NAMED.finditer(drawn))}
    drawn = _NAMED.sub(lambda found: names[found[0]], drawn)
    drawn = _LONG.sub(lambda found: f"{float(found[0]):.2f}", drawn)
    head, _, rest = drawn.partition(">")
    title = f' role="img"><title>{escape(spoken)}</title>' if spoken else ' aria-hidden="true">'
    return f"{head}{title}{rest.removesuffix(_END)}{letters}{_END}"


def png_of(svg: str, scale: float) -> bytes:
    """The same picture in pixels, `scale` of them a unit."""
    drawn: bytes = _converter().svg_to_png(svg, scale=scale)
    return drawn
