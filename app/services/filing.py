"""Filing: the bytes of finished documents in the workspace, each under the hash of its content and nothing else."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from app.values.document import Document

FOLDER = "documents"
SPARED_S = 3600
"""Seconds that a file without an owner is left alone: its row may be about to be written."""

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class Filed:
    """A document whose bytes are in the workspace: `size` in bytes, `sha256` in hexadecimal."""

    name: str
    media_type: str
    size: int
    sha256: str


def file_away(home: Path, document: Document) -> Filed:
    """Write a document's bytes, whole or not at all; what is there already is not written twice."""
    digest = hashlib.sha256(document.content).hexdigest()
    path = _path(home, digest)
    if _touched(path, len(document.content)):
        return Filed(document.name, document.media_type, len(document.content), digest)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            out.write(document.content)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    _settle(path.parent)
    return Filed(document.name, document.media_type, len(document.content), digest)


def is_filed(home: Path, filed: Filed) -> bool:
    """Whether the bytes are still there, at least by their number."""
    try:
        return _path(home, filed.sha256).stat().st_size == filed.size
    except FileNotFoundError:
        return False


def content_of(home: Path, sha256: str) -> bytes | None:
    """The bytes with this hash; None where they are gone or are no longer the same."""
    try:
        content = _path(home, sha256).read_bytes()
    except FileNotFoundError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def sweep(home: Path, known: Set[str]) -> int:
    """Throw away what has no owner for an hour, drafts of killed processes too; returns how many files went."""
    gone, until = 0, time.time() - SPARED_S
    for path in (home / FOLDER).glob("??/*"):
        if path.name in known:
            continue
        try:
            if path.stat().st_mtime < until:
                path.unlink()
                gone += 1
        except FileNotFoundError:
            continue
    return gone


def _path(home: Path, sha256: str) -> Path:
    if not _HASH.fullmatch(sha256):
        raise ValueError("not a hash")
    return home / FOLDER / sha256[:2] / sha256


def _touched(path: Path, size: int) -> bool:
    """Whether the file is there; if it is, it counts as written now."""
    try:
        if path.stat().st_size != size:
            return False
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _settle(folder: Path) -> None:
    """Make the new name in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
