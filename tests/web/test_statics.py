"""Statics: the part of plotly.js that is served draws every chart there is, and is of the release that is installed."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "app" / "web" / "static"
IN_THE_CORE = {"scatter"}


def drawn_types() -> set[str]:
    """The kinds of traces that the renderers write down."""
    found = set()
    for path in (ROOT / "layouts" / "render" / "plotly").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                named = {
                    key.value: value
                    for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant)
                }
                kind = named.get("type")
                if isinstance(kind, ast.Constant) and {"x", "y", "z", "locations"} & set(named):
                    found.add(str(kind.value))
    return found


def test_whatever_is_drawn_is_in_the_part_that_is_served() -> None:
    entry = (STATIC / "plotly.entry.js").read_text(encoding="utf-8")
    registered = set(re.findall(r"plotly\.js/lib/(\w+)", entry)) - {"core"}
    assert {"bar", "heatmap", "choropleth", "scatter"} <= drawn_types() <= registered | IN_THE_CORE


def test_it_is_of_the_release_that_the_installed_package_is_made_for() -> None:
    spec = importlib.util.find_spec("plotly")
    assert spec is not None
    assert spec.origin is not None
    whole = Path(spec.origin).parent / "package_data" / "plotly.min.js"
    with whole.open(encoding="utf-8") as script:
        installed = re.search(r"plotly\.js v([\d.]+)", script.read(200))
    assert installed is not None
    packages = json.loads((STATIC / "plotly.package.json").read_text(encoding="utf-8"))["dependencies"]
    assert packages["plotly.js"] == installed[1]
    assert f'version="{installed[1]}"' in (STATIC / "plotly.min.js").read_text(encoding="utf-8")


def test_its_licences_are_beside_it() -> None:
    told = (STATIC / "plotly.LICENSE").read_text(encoding="utf-8")
    packages = json.loads((STATIC / "plotly.package.json").read_text(encoding="utf-8"))["dependencies"]
    assert [name for name in packages if name not in {"esbuild", "maplibre-gl"} and f"== {name} " not in told] == []
