"""One owner per library: replacing one touches one place, and the file says which."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("app", "callbacks", "layouts", "queries", "scheduler", "wsgi.py")

OWNERS: dict[str, tuple[str, ...]] = {
    "alembic": ("app/migrations",),
    "apscheduler": ("scheduler",),
    "argon2": ("app/auth/passwords.py",),
    "babel": ("app/values", "layouts/format.py", "layouts/geography.py"),
    "click": ("app/cli",),
    "dash": ("layouts/screen", "callbacks", "app/factory.py", "app/web/fence.py"),
    "dash_ag_grid": ("layouts/screen",),
    "dash_bootstrap_components": ("layouts/screen",),
    "duckdb": ("queries/warehouse",),
    "duckdb_sqlalchemy": ("queries/warehouse/engines",),
    "flask": ("app/web", "app/factory.py"),
    "flask_caching": ("app/cachestores.py",),
    "flask_compress": ("app/factory.py", "app/web"),
    "flask_login": ("app/web",),
    "flask_wtf": ("app/web",),
    "granian": ("app/running.py",),
    "graphql": ("app/web/graphql",),
    "cryptography": ("app/auth",),
    "jinja2": ("layouts/render/mail",),
    "jwt": ("app/auth",),
    "markdown_it": ("layouts/help",),
    "mcp": ("app/assistants",),
    "mcp_types": ("app/assistants",),
    "openpyxl": ("queries/warehouse/load",),
    "orjson": ("queries", "app/services", "app/models", "app/web", "layouts/render/json.py", "layouts/screen"),
    "pandas": ("queries/warehouse", "app/domain"),
    "plotly": ("layouts/render/plotly",),
    "pptx": ("layouts/render/pptx",),
    "psycopg": ("queries/warehouse/engines",),
    "pyarrow": ("queries", "layouts/render/arrow.py", "layouts/render/lines.py"),
    "pydantic": ("app/web/api",),
    "redis": ("app/cachestores.py",),
    "rich": ("app/telling.py",),
    "spectree": ("app/web/api",),
    "starlette": ("app/assistants",),
    "strawberry": ("app/web/graphql",),
    "typst": ("layouts/render/pdf",),
    "uvicorn": ("app/assistants",),
    "vl_convert": ("layouts/render/vega/engine.py",),
    "xlsxwriter": ("layouts/render/pptx/workbook.py", "layouts/render/xlsx", "queries/warehouse/load"),
}
"""Library → the files or folders that may import it."""


@cache
def _modules() -> list[Path]:
    found: list[Path] = []
    for source in SOURCES:
        path = ROOT / source
        found.extend(sorted(path.rglob("*.py")) if path.is_dir() else [path] if path.exists() else [])
    return found


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _imports(path: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return frozenset(names)


@pytest.mark.parametrize("library", sorted(OWNERS))
def test_a_library_is_imported_only_by_its_owner(library: str) -> None:
    strangers = [
        name
        for path in _modules()
        if library in _imports(path)
        for name in [path.relative_to(ROOT).as_posix()]
        if not any(name == owner or name.startswith(f"{owner}/") for owner in OWNERS[library])
    ]
    assert strangers == []


def test_every_module_begins_with_a_line_that_says_what_it_is() -> None:
    silent = [
        path.relative_to(ROOT).as_posix() for path in _modules() if not (ast.get_docstring(_tree(path)) or "").strip()
    ]
    assert silent == []


FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager", "handler"}


def test_no_module_is_named_for_nothing() -> None:
    assert [path.as_posix() for path in _modules() if path.stem in FORBIDDEN_NAMES] == []


RANKS: tuple[tuple[str, int], ...] = (
    ("app.factory", 8), ("app.cli", 8), ("app.running", 8), ("app.telling", 8), ("scheduler.__main__", 8), ("wsgi", 8),
    ("callbacks", 7), ("app.web", 7), ("scheduler", 7), ("app.assistants", 7),
    ("app.assembly", 6), ("app.intake", 6), ("app.handing", 6), ("app.reporting", 6), ("app.one_pagers", 6),
    ("app.questions", 6), ("app.previewing", 6), ("app.commenting", 6), ("app.rows", 6), ("app.watching", 6),
    ("app.cachestores", 6),
    ("layouts.screen", 5), ("app.services", 5),
    ("layouts", 4),
    ("app.auth", 3), ("app.channels", 3), ("queries.warehouse", 2), ("queries", 3),
    ("app.models", 2), ("app.migrations", 2),
    ("app.domain", 1), ("app.config", 1),
    ("app.values", 0),
)  # fmt: skip
"""Longest prefix wins."""


def _rank(module: str) -> int | None:
    matching = [(len(prefix), rank) for prefix, rank in RANKS if module == prefix or module.startswith(f"{prefix}.")]
    return max(matching)[1] if matching else None


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_every_module_has_a_rank_and_imports_only_downwards() -> None:
    wrong: list[str] = []
    for path in _modules():
        module = _name(path)
        if module == "app":
            continue
        own = _rank(module)
        if own is None:
            wrong.append(f"{module} has no rank")
            continue
        for node in ast.walk(_tree(path)):
            targets = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom) and node.level == 0
                else []
            )
            for target in targets:
                rank = (
                    _rank(target)
                    if target.split(".")[0] in {"app", "callbacks", "layouts", "queries", "scheduler"}
                    else None
                )
                if rank is not None and rank > own:
                    wrong.append(f"{module} (rank {own}) imports {target} (rank {rank})")
    assert wrong == []


def test_doors_never_import_each_other() -> None:
    doors = ("callbacks", "app.web", "scheduler", "app.assistants")
    wrong = []
    for path in _modules():
        door = next((d for d in doors if _name(path) == d or _name(path).startswith(f"{d}.")), None)
        if door is None or _rank(_name(path)) == 8:
            continue
        text = path.read_text(encoding="utf-8")
        wrong += [f"{_name(path)} → {other}" for other in doors if other != door and f"from {other}" in text]
    assert wrong == []
