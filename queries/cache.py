"""The cache: answers kept under all they depend on, authenticated, and computed once however many ask."""

from __future__ import annotations

import hashlib
import hmac
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as OutOfTime
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, Protocol, TypeVar, cast, runtime_checkable

from app.values.errors import Refusal

log = logging.getLogger(__name__)

Value = TypeVar("Value")
Result = TypeVar("Result")

KEEP_S = 24 * 3600
"""How long an answer stays; nothing is ever invalidated, so this only bounds the room taken."""
LARGEST = 4 * 1024 * 1024
"""Bytes of the largest answer worth keeping."""
CLAIM_S = 35
"""Seconds after which a claim of a process that died lapses: a little more than the longest query."""


class Backend(Protocol):
    """Where bytes are kept: an in-process store, a folder, Redis. It may lose or spoil anything at any time."""

    def get(self, key: str) -> Any:
        """The bytes kept, or None."""

    def set(self, key: str, value: Any, timeout: int | None = None) -> Any:
        """Keep bytes for so many seconds."""

    def delete(self, key: str) -> Any:
        """Forget them."""


@runtime_checkable
class Claiming(Protocol):
    """A backend shared by processes also says, without ever waiting, which of them computes a key."""

    def claim(self, key: str, seconds: int) -> bool:
        """True for exactly one claimant until it releases the key or the seconds are over."""

    def release(self, key: str) -> None:
        """Give the claim back."""


class MemoryBackend:
    """An in-process store that forgets what was used longest ago once `room` bytes are taken."""

    def __init__(self, room: int = 128 * 1024 * 1024) -> None:
        self._room = room
        self._taken = 0
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """The bytes kept under the key, unless their time is over."""
        with self._guard:
            found = self._kept.get(key)
            if found is None:
                return None
            if found[0] < time.monotonic():
                self._drop(key)
                return None
            self._kept.move_to_end(key)
            return found[1]

    def set(self, key: str, value: bytes, timeout: int | None = None) -> None:
        """Keep the bytes, dropping the least recently used ones as needed."""
        with self._guard:
            self._drop(key)
            if len(value) > self._room:
                return
            self._kept[key] = (time.monotonic() + (timeout or KEEP_S), value)
            self._taken += len(value)
            while self._taken > self._room:
                self._drop(next(iter(self._kept)))

    def delete(self, key: str) -> None:
        """Forget the key."""
        with self._guard:
            self._drop(key)

    def _drop(self, key: str) -> None:
        found = self._kept.pop(key, None)
        if found is not None:
            self._taken -= len(found[1])


def canonical(value: object) -> bytes:
    """A text of any value of ours that is equal exactly for equal values: typed, length-delimited, order-free for sets.

    `canonical(("a", "bc")) != canonical(("ab", "c"))`; `canonical(1) != canonical("1")`.
    """
    match value:
        case None:
            return b"n;"
        case bool():
            return b"b1;" if value else b"b0;"
        case Enum():
            return _mark(b"e", canonical(value.value))
        case int():
            return _mark(b"i", str(value).encode())
        case str():
            return _mark(b"s", value.encode())
        case bytes():
            return _mark(b"y", value)
        case Decimal():
            return _mark(b"m", str(value).encode())
        case date():
            return _mark(b"d", value.isoformat().encode())
        case tuple() | list():
            return _mark(b"t", b"".join(canonical(item) for item in value))
        case frozenset() | set():
            return _mark(b"f", b"".join(sorted(canonical(item) for item in value)))
        case Mapping():
            pairs = sorted(canonical(pair) for pair in value.items())
            return _mark(b"p", b"".join(pairs))
    if is_dataclass(value):
        own, names = _spelt(cast("Any", type(value)))
        held = (_mark(b"t", spelt + canonical(getattr(value, name))) for name, spelt in names)
        return _mark(b"o", own + b"".join(held))
    raise TypeError(f"{type(value).__name__} has no canonical text")


@lru_cache(maxsize=256)
def _spelt(kind: Any) -> tuple[bytes, tuple[tuple[str, bytes], ...]]:
    """The canonical names of a dataclass and of its fields."""
    return canonical(kind.__name__), tuple((each.name, canonical(each.name)) for each in fields(kind))


def _mark(kind: bytes, text: bytes) -> bytes:
    return kind + str(len(text)).encode() + b":" + text


def key_of(*values: object) -> str:
    """The cache key of some values: sha-256 over their canonical text, in hexadecimal."""
    return hashlib.sha256(canonical(values)).hexdigest()


class Cache:
    """Answers by key. What the backend returns is believed only with our seal; its failures cost time, never truth.

    `patience_s` bounds each call of a backend that may hang (Redis); None calls it directly.
    """

    def __init__(self, backend: Backend | None, secret: bytes, *, patience_s: float | None = None) -> None:
        self._backend = backend
        self._seal = hashlib.sha256(b"salient cache\x00" + secret).digest()
        self._breaker = _Breaker(patience_s)
        self._flights: dict[str, Future[Any]] = {}
        self._guard = threading.Lock()

    def answer(
        self,
        key: str,
        compute: Callable[[], Value],
        write: Callable[[Value], bytes],
        read: Callable[[bytes], Value],
    ) -> Value:
        """The value kept under the key, or the computed one, which is then kept.

        Equal keys asked at once are computed once: by one thread of this process and, with a claiming backend, by one
        process. A refusal raised by `compute` reaches all who wait and is not kept.
        """
        with self._guard:
            flight = self._flights.get(key)
            leads = flight is None
            if flight is None:
                flight = self._flights[key] = Future()
        if not leads:
            return cast("Value", flight.result())
        try:
            value = self._lead(key, compute, write, read)
        except BaseException as error:
            flight.set_exception(error)
            # A future whose error nobody fetches must not keep the traceback's frames alive.
            flight.exception()
            raise
        else:
            flight.set_result(value)
            return value
        finally:
            with self._guard:
                del self._flights[key]

    def recall(self, key: str, read: Callable[[bytes], Value]) -> Value | None:
        """The value kept under the key, if there is one."""
        return self._kept(key, read)

    def remember(self, key: str, body: bytes) -> None:
        """Keep what was computed elsewhere."""
        self._keep(key, body)

    def _lead(
        self, key: str, compute: Callable[[], Value], write: Callable[[Value], bytes], read: Callable[[bytes], Value]
    ) -> Value:
        found = self._kept(key, read)
        if found is not None:
            return found
        claimed = self._claim(key)
        deadline = time.monotonic() + CLAIM_S
        pause = 0.005
        while claimed is False and time.monotonic() < deadline:
            time.sleep(pause)
            pause = min(pause * 1.5, 0.1)
            found = self._kept(key, read)
            if found is not None:
                return found
            claimed = self._claim(key)
        try:
            value = compute()
            if self._backend is not None:
                self._keep(key, write(value))
            return value
        finally:
            if claimed:
                self._release(key)

    def _kept(self, key: str, read: Callable[[bytes], Value]) -> Value | None:
        backend = self._backend
        if backend is None:
            return None
        entry = self._breaker.call(lambda: backend.get(key), None)
        if not isinstance(entry, bytes) or len(entry) < 32:
            return None
        body = entry[32:]
        if not hmac.compare_digest(entry[:32], self._sealed(key, body)):
            return None
        try:
            return read(body)
        except (ValueError, KeyError, TypeError, IndexError, ArithmeticError, Refusal):
            return None

    def _keep(self, key: str, body: bytes) -> None:
        backend = self._backend
        if backend is None or len(body) > LARGEST:
            return
        entry = self._sealed(key, body) + body
        self._breaker.call(lambda: backend.set(key, entry, timeout=KEEP_S), None)

    def _sealed(self, key: str, body: bytes) -> bytes:
        # The key is sealed too: an entry moved under another key is not believed.
        return hmac.digest(self._seal, canonical(key) + body, "sha256")

    def _claim(self, key: str) -> bool | None:
        """True: ours to compute; False: another process computes it; None: nobody can tell."""
        backend = self._backend
        if not isinstance(backend, Claiming):
            return None
        return self._breaker.call(lambda: bool(backend.claim(key, CLAIM_S)), None)

    def _release(self, key: str) -> None:
        backend = self._backend
        if isinstance(backend, Claiming):
            self._breaker.call(lambda: backend.release(key), None)


@dataclass
class _Breaker:
    """Calls the backend within a time budget and, after a failure, not at all for a while."""

    patience_s: float | None
    rest_s: float = 5.0
    _closed_from: float = 0.0
    _pool: ThreadPoolExecutor | None = field(default=None)

    def call(self, act: Callable[[], Result], otherwise: Result) -> Result:
        if time.monotonic() < self._closed_from:
            return otherwise
        try:
            if self.patience_s is None:
                return act()
            if self._pool is None:
                self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="cache")
            return self._pool.submit(act).result(timeout=self.patience_s)
        except OutOfTime:
            log.warning("the cache did not answer in time; going on without it")
        except Exception as error:  # a backend may fail in any way its client library knows
            log.warning("the cache failed (%s); going on without it", type(error).__name__)
        self._closed_from = time.monotonic() + self.rest_s
        return otherwise
