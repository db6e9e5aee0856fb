"""Rejected: a request that is turned away because of its form, before anything is asked of the house."""

from __future__ import annotations

from collections.abc import Mapping


class Rejected(Exception):
    """The status, one sentence, and for each part that is wrong `{"path", "sentence"}`."""

    def __init__(
        self,
        status: int,
        sentence: str,
        errors: tuple[Mapping[str, str], ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.errors = errors
        self.headers = headers or {}
