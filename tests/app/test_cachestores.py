"""Cached bytes come back as they were, from a folder or from Redis, and never as anything that runs."""

from __future__ import annotations

import os
import pickle
import threading
import time
from pathlib import Path

import pytest

from app.cachestores import FileStore, RedisStore, cache_store
from queries.cache import Cache, key_of

KEY = key_of("a question")


@pytest.fixture(params=["file", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore | RedisStore:
    url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    emptied = cache_store(tmp_path / "cache", 1, url)
    emptied.clear()
    return emptied


def test_what_was_kept_comes_back(store: FileStore) -> None:
    body = bytes(range(256))
    store.set(KEY, body, timeout=60)
    assert store.get(KEY) == body
    store.delete(KEY)
    assert store.get(KEY) is None


def test_only_one_process_claims_a_question(store: FileStore) -> None:
    assert store.claim(KEY, 30) is True
    assert store.claim(KEY, 30) is False
    store.release(KEY)
    assert store.claim(KEY, 30) is True
    store.release(KEY)


def test_a_claim_of_a_dead_process_lapses(tmp_path: Path) -> None:
    store = FileStore(tmp_path, 1 << 20)
    assert store.claim(KEY, 30)
    old = time.time() - 60
    os.utime(tmp_path / f"{KEY}.claim", (old, old))
    assert store.claim(KEY, 30) is False  # this call removes it
    assert store.claim(KEY, 30) is True


class Bomb:
    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, ("/tmp/salient-bomb",))


def test_a_planted_pickle_is_not_run_and_not_believed(store: FileStore, tmp_path: Path) -> None:
    cache = Cache(store, b"secret")
    store.set(KEY, pickle.dumps(Bomb()) * 3, timeout=60)
    assert cache.answer(KEY, lambda: b"true", lambda v: v, lambda b: b) == b"true"
    assert not os.path.exists("/tmp/salient-bomb")


def test_a_full_folder_drops_its_oldest_entries(tmp_path: Path) -> None:
    store = FileStore(tmp_path, 100_000)
    for n in range(40):
        store.set(key_of(n), b"x" * 10_000, timeout=60)
    store.tidy()
    assert sum(f.stat().st_size for f in tmp_path.iterdir()) <= 100_000
    assert store.get(key_of(39)) is not None


def test_two_hundred_equal_cold_questions_are_computed_once_over_two_caches(store: FileStore) -> None:
    caches = [Cache(store, b"secret"), Cache(store, b"secret")]
    computed: list[int] = []

    def compute() -> bytes:
        computed.append(1)
        time.sleep(0.2)
        return b"answer"

    answers: list[bytes] = []

    def ask(n: int) -> None:
        answers.append(caches[n % 2].answer(KEY, compute, lambda v: v, lambda b: b))

    people = [threading.Thread(target=ask, args=(n,)) for n in range(200)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert answers == [b"answer"] * 200
    assert len(computed) == 1


def test_losing_redis_costs_half_a_second_and_never_the_answer(tmp_path: Path) -> None:
    store = cache_store(tmp_path, 1, "redis://127.0.0.1:1/0")
    cache = Cache(store, b"secret", patience_s=0.5)
    assert cache.answer(KEY, lambda: b"true", lambda v: v, lambda b: b) == b"true"
