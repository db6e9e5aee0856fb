"""Where cached bytes live: flask-caching's file and Redis backends, with raw bytes and claims between processes."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import IO, Any

import redis
from cachelib.serializers import BaseSerializer
from flask_caching.backends import FileSystemCache, RedisCache

from queries.cache import Backend

REDIS_TIMEOUT_S = 0.2
REDIS_PAUSE_S = 5.0
"""How long nobody asks a Redis that did not answer."""

TIDY_EVERY = 64
"""After so many entries a process looks whether the folder has outgrown its room."""


class _RawBytes(BaseSerializer):
    """Bytes as they are: nothing read from a store is ever executed. The file backend's own counter is a number."""

    def dump(self, value: Any, f: IO[bytes], protocol: int = 0) -> None:  # noqa: ARG002
        f.write(value if isinstance(value, bytes) else str(int(value)).encode())

    def load(self, f: IO[bytes]) -> Any:
        return self.loads(f.read())

    def dumps(self, value: Any, protocol: int = 0) -> bytes:  # noqa: ARG002
        return value if isinstance(value, bytes) else str(int(value)).encode()

    def loads(self, bvalue: bytes | None) -> Any:
        # Sealed entries are at least 32 bytes; whatever is a short number is the counter.
        return int(bvalue) if bvalue and len(bvalue) < 20 and bvalue.isdigit() else bvalue


class FileStore(FileSystemCache):
    """A folder of entries that several processes share, kept below `room` bytes by dropping the oldest."""

    serializer = _RawBytes()  # type: ignore[assignment]

    def __init__(self, folder: Path, room: int) -> None:
        super().__init__(cache_dir=str(folder), threshold=0, default_timeout=0)
        self._folder = folder
        self._room = room
        self._written = 0

    def set(self, key: str, value: Any, timeout: Any = None, mgmt_element: bool = False) -> bool:
        """Keep the bytes; now and then drop the oldest entries beyond the room."""
        self._written += 1
        if self._written % TIDY_EVERY == 0:
            self.tidy()
        return bool(super().set(key, value, timeout, mgmt_element))

    def tidy(self) -> None:
        """Drop the oldest entries until the folder fits its room."""
        entries = []
        for entry in os.scandir(self._folder):
            with contextlib.suppress(FileNotFoundError):
                status = entry.stat()
                entries.append((status.st_mtime, status.st_size, entry.path))
        taken = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if taken <= self._room:
                break
            with contextlib.suppress(FileNotFoundError):
                os.remove(path)
            taken -= size

    def claim(self, key: str, seconds: int) -> bool:
        """True for one process until it releases the key or its claim lapses."""
        path = self._folder / f"{key}.claim"
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > seconds:
                    os.remove(path)
            return False
        return True

    def release(self, key: str) -> None:
        """Give the claim back."""
        with contextlib.suppress(FileNotFoundError):
            os.remove(self._folder / f"{key}.claim")


class RedisStore(RedisCache):
    """Entries in Redis, shared by every process of one company; several companies may use one Redis."""

    serializer = _RawBytes()  # type: ignore[assignment]

    def __init__(self, url: str, company: str = "") -> None:
        # No retries: the cache's own time budget and breaker decide, and a client that retries would outlast them.
        client = redis.Redis.from_url(
            url, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S, retry=None
        )
        self._claims = f"salient:{company}:claim:"
        super().__init__(host=client, key_prefix=f"salient:{company}:cache:")

    def claim(self, key: str, seconds: int) -> bool:
        """True for one process until it releases the key or its claim lapses."""
        return bool(self._write_client.set(f"{self._claims}{key}", b"1", nx=True, ex=seconds))

    def release(self, key: str) -> None:
        """Give the claim back."""
        self._write_client.delete(f"{self._claims}{key}")


class RedisBuckets:
    """How much each principal may still ask, in Redis; whoever asks goes elsewhere while Redis does not answer."""

    _TAKE = """
        local told = redis.call("HMGET", KEYS[1], "level", "at")
        local wanted, most = tonumber(ARGV[1]), tonumber(ARGV[2])
        local time = redis.call("TIME")
        local now = time[1] + time[2] / 1000000
        local level = most
        if told[1] then
            level = math.min(most, told[1] + math.max(0, now - told[2]) * most / 60)
        end
        local granted = math.min(wanted, math.floor(level))
        redis.call("HSET", KEYS[1], "level", tostring(level - granted), "at", tostring(now))
        redis.call("EXPIRE", KEYS[1], 120)
        return {granted, tostring(level - granted)}
    """

    def __init__(self, url: str, company: str) -> None:
        self._client = redis.Redis.from_url(
            url, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S, retry=None
        )
        self._take = self._client.register_script(self._TAKE)
        self._prefix = f"salient:{company}:allowance:"
        self._again = 0.0

    def take(self, principal: str, wanted: int, per_minute: int) -> tuple[int, float] | None:
        """How many of `wanted` requests are granted, and what is left; None while Redis does not answer."""
        if time.monotonic() < self._again:
            return None
        try:
            granted, left = self._take(keys=[self._prefix + principal], args=[wanted, per_minute])
        except redis.RedisError:
            self._again = time.monotonic() + REDIS_PAUSE_S
            return None
        return int(granted), float(left)


def cache_store(folder: Path, megabytes: int, redis_url: str | None, company: str = "") -> Backend:
    """Redis where it is set, under the company's own name, else a folder of files."""
    if redis_url:
        return RedisStore(redis_url, company)
    folder.mkdir(parents=True, exist_ok=True)
    return FileStore(folder, megabytes * 1024 * 1024)
