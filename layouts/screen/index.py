"""The page around the application: head, early script, language, and the options Dash is created with."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import dash

from app.values.words import words

ASSETS = Path(__file__).resolve().parent.parent.parent / "assets"

_MARK = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 18 18'><defs><clipPath id='a'><rect width='18' height='18' "
    "rx='5'/></clipPath></defs><g clip-path='url(#a)'><path fill='#22354f' d='M0 0h18v18H0z'/><path fill='#2457d6' "
    "d='M0 0h18L0 18z'/></g></svg>"
)
ICON = "data:image/svg+xml," + quote(_MARK, safe=" ='/:")
"""What stands beside the title of a tab: in the page, so that nobody fetches it."""

_PAGE = """<!doctype html>
<html lang="en" data-bs-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="same-origin">
<title>{%title%}</title>
<script src="EARLY"></script>
<link rel="preload" href="FONT" as="font" type="font/woff2" crossorigin>
<link rel="icon" href="ICON">
{%css%}
</head>
<body>
{%app_entry%}
<footer hidden>{%config%}</footer>
{%scripts%}
{%renderer%}
</body>
</html>
"""


_POLYFILL = re.compile(r"<script[^>]*/deps/polyfill@[^>]*></script>\s*")
_GRID = re.compile(r'<script src="([^"]*/dash_ag_grid\.[^"]*)"></script>\s*')


class Page(dash.Dash):
    """Dash's page in the language of whoever asks for it, with the texts that its scripts say themselves."""

    def __init__(self, name: str, locale: Callable[[], str], **options: Any) -> None:
        super().__init__(name, **options)
        self._locale = locale

    def interpolate_index(self, **parts: str) -> str:
        locale = self._locale()
        # Our browsers have what the polyfill brings, and its slower ways to do it would take their place.
        scripts = _POLYFILL.sub("", parts["scripts"])
        # The grid is a quarter of all scripts and few pages have one: it is run where one comes to stand.
        grid = _GRID.search(scripts)
        parts["scripts"] = _GRID.sub("", scripts)
        page = str(super().interpolate_index(**parts))
        if grid is not None:
            page = page.replace("</head>", f'<link rel="prefetch" as="script" href="{grid[1]}" data-grid>\n</head>', 1)
        # Inside of a script element only "<" could end it.
        texts = json.dumps(words(locale).of_scripts(), ensure_ascii=False).replace("<", "\\u003c")
        page = page.replace('<html lang="en"', f'<html lang="{locale}"', 1)
        return page.replace("</head>", f'<script type="application/json" id="texts">{texts}</script>\n</head>', 1)


def options(stylesheets: list[str], scripts: list[str]) -> dict[str, Any]:
    """What `dash.Dash(...)` is called with, besides its server; the lists are addresses on our own origin."""
    early = hashlib.sha256((ASSETS / "early.js").read_bytes()).hexdigest()[:12]
    page = _PAGE.replace("EARLY", f"/assets/early.js?v={early}").replace("ICON", ICON)
    return {
        "assets_folder": str(ASSETS),
        # The early script, and that of embeds, stand in the head; the sign-in page has its own sheet; the font is
        # fetched by the sheets.
        "assets_ignore": r"early\.js|embed.*\.js|login\..*",
        "external_stylesheets": stylesheets,
        "external_scripts": scripts,
        "index_string": page.replace("FONT", "/assets/vendor/inter/inter-latin-wght-normal.woff2"),
        "title": "Salient",
        "update_title": "",
        "suppress_callback_exceptions": True,
        "include_assets_files": True,
        "use_async": False,
        # Whatever the environment says: assistants come by a door of their own, with a token.
        "enable_mcp": False,
    }
