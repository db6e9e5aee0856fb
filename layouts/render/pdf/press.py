"""Press: Typst, kept warm, with the fonts there are; it reads nothing but our templates and what is handed to it."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, date, datetime, time
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from app.values.errors import Invalid

TEMPLATES = Path(__file__).parent / "templates"
SHIPPED = Path(__file__).resolve().parents[3] / "assets" / "vendor" / "inter"
"""Where the fonts lie that come with Salient: Latin, Greek and Cyrillic."""

NO_GLYPH = "□"
"""What stands for a letter that no font has."""

AGES = 10
"""Documents after which Typst forgets what it made for one; its memory grows with them."""

_MAIN, _NOTHING = TEMPLATES / "main.typ", TEMPLATES / "nothing.typ"
_MISSING = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
_BEYOND = re.compile("[\u0530-\u1cff\u2e00-\ud7ff\uf900-\ufdff\ufe70-\ufefe\U00010000-\U0010ffff]")
"""Scripts that the fonts shipped do not have."""

_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]+)\}|\\(.)")
_NO_PICTURE = re.compile("failed to (decode|parse|load linked)")
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}

log = logging.getLogger(__name__)


class Press:
    """Compilers with their fonts: those shipped and those of the folder `further`, and once a document needs it, those
    of the system too.

    One document at a time: another thread waits for its turn.
    """

    def __init__(self, further: Path | None = None) -> None:
        """Read the fonts that are shipped."""
        self._folders = [SHIPPED, *([further] if further is not None else [])]
        self._own = _compiler(self._folders, system=False)
        self._empty = _compiler(self._folders, system=False, start=_NOTHING)
        self._lock = Lock()

    @cached_property
    def _all(self) -> typst.Compiler:
        return _compiler(self._folders, system=True)

    def printed(self, content: dict[str, Any], day: date, sorry: str) -> bytes:
        """The content as PDF/UA-1, made on `day` as far as the file says.

        Where a letter is in no font, a box stands for it, `sorry` is told on the first page, and the file is tagged
        without claiming the standard. The same content makes the same bytes. Raises Invalid for a logo that is no
        picture.
        """
        made = int(datetime.combine(day, time(), UTC).timestamp())
        text = _text_of(content)
        with self._lock:
            try:
                return self._tagged(text, content, made, sorry)
            finally:
                self._forget()

    def _tagged(self, text: str, content: dict[str, Any], made: int, sorry: str) -> bytes:
        """The file, under the standard where it can be."""
        missing: set[str] = set()
        for compiler in [self._all] if _BEYOND.search(text) else [self._own, self._all]:
            try:
                return _compiled(compiler, text, timestamp=made, pdf_standards=["ua-1"])
            except typst.TypstError as failure:
                missing = missing_in(failure.diagnostic or "")
                if not missing:
                    log.warning("A document is tagged without PDF/UA-1: %s", failure.diagnostic or failure.message)
                    break
        if missing:
            text = _text_of({**content, "notes": [*content["notes"], sorry]})
        for each in sorted(missing, key=lambda letters: (-len(letters), letters)):
            text = text.replace(each, NO_GLYPH)
        return _compiled(self._all, text, timestamp=made)

    def pictured(self, content: dict[str, Any], dots: float) -> bytes:
        """The content as one PNG, `dots` an inch. Raises Invalid for a logo that is no picture."""
        text = _text_of(content)
        with self._lock:
            compiler = self._all if _BEYOND.search(text) else self._own
            try:
                return _compiled(compiler, text, format="png", ppi=dots)
            finally:
                self._forget()

    def _forget(self) -> None:
        """Let go of what was made for the last document: five milliseconds for eighty megabytes."""
        for _ in range(AGES):
            self._empty.compile(format="svg")


def _compiler(folders: list[Path], *, system: bool, start: Path = _MAIN) -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=system, include_embedded_fonts=False, font_paths=folders)
    # Packages would come from the network: there is none in a folder that does not exist.
    none = TEMPLATES / "packages"
    return typst.Compiler(input=start, root=TEMPLATES, font_paths=fonts, package_path=none, package_cache_path=none)


def _compiled(compiler: typst.Compiler, text: str, **options: Any) -> bytes:
    try:
        found = compiler.compile(sys_inputs={"data": text}, **{"format": "pdf", **options})
    except typst.TypstError as failure:
        if _NO_PICTURE.search(failure.message):
            raise Invalid("The logo of the template cannot be read: it has to be a PNG or an SVG file.") from None
        raise
    if not isinstance(found, bytes):
        raise TypeError("a document is one file")
    return found


_further: list[Path] = []


def use_fonts(folder: Path) -> None:
    """From now on, letters that ours lack are taken from the fonts of this folder, before those of the system."""
    _further[:] = [folder]


def warm_press() -> Press:
    """The press with the fonts in use; the same one for whoever asks in this process."""
    return _press(next(iter(_further), None))


@lru_cache(maxsize=4)
def _press(further: Path | None) -> Press:
    return Press(further)


def missing_in(diagnostic: str) -> set[str]:
    """The letters that a failure names as being in no font; those of plain ASCII are never left out."""
    found = {_ESCAPED.sub(_unescaped, each) for each in _MISSING.findall(diagnostic)}
    return {each for each in found if not each.isascii()}


def _unescaped(match: re.Match[str]) -> str:
    code, plain = match.groups()
    return chr(int(code, 16)) if code else _NAMED.get(plain, plain)


def _text_of(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
