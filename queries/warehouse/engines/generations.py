"""Generations on disk: manifests that name files, a pointer moved in one step, and a lock for the one writer."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.values.errors import Conflict, NotFound
from queries.warehouse.engines.engine import Generation
from queries.warehouse.failpoints import failpoint

KEPT = 3
_LOCK_WAIT_S = 60.0


@dataclass(frozen=True)
class Part:
    """One immutable file: a base, or an addition to those before it."""

    file: str
    tables: tuple[str, ...]  # small tables it holds whole; the last part that has one counts
    lines: int
    superseded: int  # lines of earlier parts that this one replaces
    replaced_from: date | None  # the booked days those lie between
    replaced_to: date | None
    rollup_months: Mapping[str, tuple[str, ...]]  # basis → months whose rollup rows it holds, of a base: none named


@dataclass(frozen=True)
class Manifest:
    """A generation and the files it is made of."""

    generation: Generation
    parts: tuple[Part, ...]
    rollups: tuple[str, ...]  # those that the files hold
    hash_probe: str  # tells releases of DuckDB with different hash functions apart
    load: Mapping[str, Any] | None = None


class Shelf:
    """The folder of one warehouse."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def pointer(self) -> Path:
        """The file that names the current generation."""
        return self.folder / "CURRENT"

    def current(self) -> Manifest | None:
        """The current generation, or None before the first."""
        try:
            number = json.loads(self.pointer.read_text())["current"]
        except FileNotFoundError:
            return None
        return self.read(number)

    def last_number(self) -> int:
        """The highest number ever given; numbers are never given twice."""
        try:
            return int(json.loads(self.pointer.read_text())["last"])
        except FileNotFoundError:
            return 0

    def read(self, number: int) -> Manifest:
        """A kept generation. Raises NotFound."""
        try:
            text = (self.folder / f"generation-{number}.json").read_text()
        except FileNotFoundError:
            raise NotFound("There is no generation {number} of the warehouse any more.", number=number) from None
        return _manifest(json.loads(text))

    def kept(self) -> list[Manifest]:
        """All generations on disk, newest first."""
        numbers = (int(path.stem.split("-")[1]) for path in self.folder.glob("generation-*.json"))
        return [self.read(number) for number in sorted(numbers, reverse=True) if number <= self.last_number()]

    def publish(self, manifest: Manifest) -> None:
        """Write the manifest and move the pointer; when this returns, the generation survives a power cut."""
        number = manifest.generation.number
        self._write(f"generation-{number}.json", json.dumps(_plain(manifest), indent=1))
        failpoint("manifest-written")
        self.point(number, number)

    def point(self, current: int, last: int) -> None:
        """Make a kept generation the current one."""
        self._write("CURRENT", json.dumps({"current": current, "last": last}))
        failpoint("pointer-moved")

    def _write(self, name: str, text: str) -> None:
        fresh = self.folder / f".{name}.new"
        with open(fresh, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        failpoint(f"before-replacing-{'pointer' if name == 'CURRENT' else 'manifest'}")
        os.replace(fresh, self.folder / name)
        self.sync()

    def sync(self) -> None:
        """Make renames and new names durable."""
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def sweep(self) -> None:
        """Delete what no kept generation names: older generations and what a killed writer left."""
        current = self.current()
        keep = [
            manifest for manifest in self.kept() if current and manifest.generation.number != current.generation.number
        ]
        keep = ([current] if current else []) + keep[: KEPT - 1]
        names = {f"generation-{manifest.generation.number}.json" for manifest in keep}
        names |= {part.file for manifest in keep for part in manifest.parts}
        patterns = ("generation-*.json", "base-*.duckdb*", "delta-*.duckdb*", ".*.new")
        for path in (found for pattern in patterns for found in self.folder.glob(pattern)):
            if path.name not in names:
                path.unlink(missing_ok=True)

    @contextmanager
    def writer(self, wait_s: float = _LOCK_WAIT_S) -> Iterator[None]:
        """Be the only writer of this folder, in any process. Raises Conflict after waiting in vain."""
        with open(self.folder / "writer.lock", "a", encoding="utf-8") as lock:
            deadline = time.monotonic() + wait_s
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise Conflict("Another import is being written; try again when it has finished.") from None
                    time.sleep(0.05)
            yield


def _plain(value: Any) -> Any:
    """Values as JSON has them."""
    match value:
        case Manifest():
            return {
                "generation": _plain(value.generation),
                "parts": [_plain(part) for part in value.parts],
                "rollups": list(value.rollups),
                "hash_probe": value.hash_probe,
                "load": _plain(value.load),
            }
        case Generation():
            plain = {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
            versions: dict[str, dict[str, int]] = {}
            for (fact, month), version in value.month_versions.items():
                versions.setdefault(fact, {})[month] = version
            return plain | {"month_versions": versions}
        case Part():
            return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
        case Mapping():
            return {key if isinstance(key, str) else "/".join(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case _:
            return value


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _manifest(plain: dict[str, Any]) -> Manifest:
    return Manifest(
        generation=generation_from(plain["generation"]),
        parts=tuple(
            Part(
                **part
                | {
                    "tables": tuple(part["tables"]),
                    "replaced_from": _day(part["replaced_from"]),
                    "replaced_to": _day(part["replaced_to"]),
                    "rollup_months": {basis: tuple(months) for basis, months in part["rollup_months"].items()},
                }
            )
            for part in plain["parts"]
        ),
        rollups=tuple(plain["rollups"]),
        hash_probe=plain["hash_probe"],
        load=plain["load"],
    )


def generation_to(generation: Generation) -> dict[str, Any]:
    """A generation as JSON has it."""
    plain: dict[str, Any] = _plain(generation)
    return plain


def generation_from(plain: dict[str, Any]) -> Generation:
    """A generation from its JSON."""
    return Generation(
        **plain
        | {
            "created_at": datetime.fromisoformat(plain["created_at"]),
            "as_of": _day(plain["as_of"]),
            "first_day": _day(plain["first_day"]),
            "last_day": _day(plain["last_day"]),
            "currencies": tuple(plain["currencies"]),
            "reporting": tuple(plain["reporting"]),
            "notices": {source: tuple(said) for source, said in plain.get("notices", {}).items()},
            "control_totals": {code: Decimal(text) for code, text in plain["control_totals"].items()},
            "month_versions": {
                (fact, month): version
                for fact, months in plain["month_versions"].items()
                for month, version in months.items()
            },
        }
    )
