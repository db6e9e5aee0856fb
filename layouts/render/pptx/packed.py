"""Packed: the deck as bytes that are the same whenever it is made of the same."""

from __future__ import annotations

import io
import zipfile


def packed(content: bytes) -> bytes:
    """The same parts under a day that never changes: when a file was made is told by its notes."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as read,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as written,
    ):
        for name in read.namelist():
            entry = zipfile.ZipInfo(name)
            # What is packed already would only be packed twice.
            entry.compress_type = zipfile.ZIP_STORED if name.endswith((".xlsx", ".png")) else zipfile.ZIP_DEFLATED
            written.writestr(entry, read.read(name))
    return stream.getvalue()
