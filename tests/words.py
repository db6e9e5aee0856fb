"""The texts of the product, found in its source and its declarations, and the catalogues brought up to them.

`python -m tests.words` (or `make words`) adds new texts to every catalogue, without a translation, and drops old ones.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_from_file
from babel.messages.pofile import read_po, write_po

from app.auth.roles import MASKS, PERMISSIONS, SEEDS
from app.config import described
from app.values.hierarchy import NO_MEMBER
from app.values.words import CATALOGUES, LANGUAGES
from layouts.columns import level_name
from layouts.dashboards import DASHBOARDS
from layouts.screen.rail import role_title
from queries.catalogue import catalogue
from queries.told import notices

ROOT = Path(__file__).parents[1]
PACKAGES = ("app", "callbacks", "layouts", "queries", "scheduler")
REFUSALS = ("Refusal", "NotFound", "Forbidden", "NotAskable", "Invalid", "Conflict", "TooBig", "Busy")
KEYWORDS = {
    **dict.fromkeys((*REFUSALS, "say", "t", "_"), None),
    "say_n": (1, 2),
    "n": (1, 2),
}
"""`say`, `say_n` and the refusals where a text is made; `t`, `t.n` where it is said; `_` in templates."""

UNREAD = ("app/cli", "app/migrations", "app/running.py", "queries/warehouse/load", "queries/warehouse/demo")
"""What speaks on terminals only, to those who run the house: in English."""

Found = tuple[str | tuple[str, str], str]
"""A text, or one and many; and the file that says it."""


def texts() -> list[Found]:
    """Every text a person may read, in a stable order."""
    return sorted(
        {*_in_source(), *_in_templates(), *_in_scripts(), *_declared()}, key=lambda found: (found[1], str(found[0]))
    )


def _in_source() -> Iterator[Found]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if not str(path.relative_to(ROOT)).startswith(UNREAD):
                yield from _said_in(path)


def _said_in(path: Path) -> Iterator[Found]:
    at = str(path.relative_to(ROOT))
    for call in said_calls(path):
        constants = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if name_of(call) in ("n", "say_n"):
            if len(constants) >= 2:
                yield (constants[0], constants[1]), at
        elif constants and isinstance(call.args[0], ast.Constant):
            yield constants[0], at


def said_calls(path: Path) -> Iterator[ast.Call]:
    """Every place of a module where a text is made or said."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and name_of(node) in KEYWORDS:
            yield node


def name_of(call: ast.Call) -> str:
    """What is called: `say`, `t`, the `n` of `t.n`; `words(locale)(…)` is `t` by itself."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return "" if name == "n" and isinstance(call.func, ast.Name) else name
        case ast.Call(func=ast.Name(id="words")):
            return "t"
    return ""


def _in_templates() -> Iterator[Found]:
    for path in sorted(ROOT.glob("app/**/templates/**/*")):
        if path.is_file():
            with path.open("rb") as file:
                for _, message, _, _ in extract("jinja2.ext:babel_extract", file, KEYWORDS):
                    yield message, str(path.relative_to(ROOT))


def _in_scripts() -> Iterator[Found]:
    for path in sorted((ROOT / "assets").glob("*.js")):
        for _, message, _, _ in extract_from_file("javascript", path, KEYWORDS):
            yield message, str(path.relative_to(ROOT))


def _declared() -> Iterator[Found]:
    """What stands in declarations: metrics, levels, dashboards and their panels."""
    known = catalogue()
    for metric in known.metrics.values():
        yield from ((text, "queries/catalogue") for text in (metric.title, metric.definition))
    for level in known.levels.values():
        named = (level.title, level.plural, level.title.lower(), level.plural.lower())
        yield from ((text, "queries/catalogue") for text in named)
        yield from ((level_name(level.id, plural=plural).source, "layouts/columns") for plural in (False, True))
    yield from ((text.lower(), "queries/catalogue") for text in known.fact_titles.values())
    yield from ((seed.title, "app/auth/roles") for seed in SEEDS)
    yield from ((role_title(seed.id), "layouts/screen/rail") for seed in SEEDS)
    yield from ((text, "app/auth/roles") for text in (*PERMISSIONS.values(), *MASKS.values()))
    yield NO_MEMBER, "app/values/hierarchy"
    yield from ((text, "queries/warehouse/load/mappings") for text in notices())
    yield from ((meaning, "app/config.py") for _, meaning, _ in described())
    for dashboard in DASHBOARDS:
        at = f"layouts/dashboards/{dashboard.id}"
        yield from ((text, at) for text in (dashboard.title, dashboard.audience) if text)
        yield from (
            (text, at) for each in (*dashboard.views, *dashboard.presets) for text in (each.title, each.audience)
        )
        for panel in dashboard.panels():
            yield from ((text, at) for text in (panel.title, panel.unit, panel.note) if text)


def template() -> Catalog:
    """A catalogue of all texts, with nothing translated."""
    made = Catalog(project="Salient", charset="utf-8")
    for text, at in texts():
        made.add(text, locations=[(at, 0)])
    return made


def read(language: str) -> Catalog:
    """The catalogue of a language as it stands; an empty one where there is none."""
    path = CATALOGUES / f"{language}.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def written(language: str) -> str:
    """The catalogue of a language as it should stand: all texts there are, with the translations it has."""
    old = read(language)
    new = Catalog(locale=language, project="Salient", charset="utf-8")
    for message in template():
        if message.id:
            known = old.get(message.id[0] if isinstance(message.id, tuple) else message.id)
            places = [(at, None) for at, _ in message.locations]
            new.add(message.id, known.string if known else None, locations=places)
    stream = io.BytesIO()
    write_po(stream, new, width=120, sort_output=True, omit_header=True)
    header = (
        f'# {LANGUAGES[language]}\nmsgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Language: {language}\\n"\n"Plural-Forms: {new.plural_forms}\\n"\n\n'
    )
    return header + stream.getvalue().decode()


def update() -> None:
    """Bring every catalogue up to the texts there are."""
    for language in LANGUAGES:
        if language == "en":
            continue
        (CATALOGUES / f"{language}.po").write_text(written(language), encoding="utf-8")
        missing = [
            m.id for m in read(language) if m.id and not all(m.string if isinstance(m.id, tuple) else [m.string])
        ]
        print(f"{language}: {len(missing)} texts to translate")


if __name__ == "__main__":
    update()
