"""Scope: which rows a viewer may see. An empty scope sees nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

Clause = frozenset[tuple[str, frozenset[str]]]
"""All of these must hold: level → allowed member keys. The empty clause holds for every row."""


def _clause_text(clause: Clause) -> str:
    parts = []
    for level, members in sorted((level, sorted(members)) for level, members in clause):
        texts = (level, *members)
        parts.append(f"{len(texts)}:" + "".join(f"{len(text)}:{text}" for text in texts))
    return f"{len(parts)};" + "".join(parts)


@dataclass(frozen=True)
class Scope:
    """A row is visible if any clause matches it; a clause matches if all its levels do.

    A row without a value on a restricted level never matches that clause.
    """

    clauses: frozenset[Clause]

    @classmethod
    def everything(cls) -> Scope:
        """All rows."""
        return cls(frozenset({frozenset()}))

    @classmethod
    def nothing(cls) -> Scope:
        """No rows."""
        return cls(frozenset())

    @classmethod
    def of(cls, **levels: Iterable[str]) -> Scope:
        """Rows inside every given level: `Scope.of(region={"emea"}, channel={"Direct"})`.

        A level restricted to no members makes the clause, and so the scope, see nothing.
        """
        allowed = {level: frozenset(members) for level, members in levels.items()}
        if any(not members for members in allowed.values()):
            return cls.nothing()
        return cls(frozenset({frozenset(allowed.items())}))

    def __or__(self, other: Scope) -> Scope:
        if self.is_everything or other.is_everything:
            return Scope.everything()
        return Scope(self.clauses | other.clauses)

    def __and__(self, other: Scope) -> Scope:
        met = (_meet(a, b) for a in self.clauses for b in other.clauses)
        return Scope(frozenset(clause for clause in met if clause is not None))

    @property
    def is_nothing(self) -> bool:
        """True when no row can be seen."""
        return not self.clauses

    @property
    def is_everything(self) -> bool:
        """True when no row is hidden."""
        return frozenset() in self.clauses

    @property
    def levels(self) -> frozenset[str]:
        """Every level some clause restricts."""
        return frozenset(level for clause in self.clauses for level, _ in clause)

    def fingerprint(self) -> str:
        """Equal for equal scopes, different for different ones (sha-256 over length-delimited text)."""
        text = "|".join(sorted(_clause_text(clause) for clause in self.clauses))
        return hashlib.sha256(f"{len(self.clauses)}#{text}".encode()).hexdigest()


def _meet(a: Clause, b: Clause) -> Clause | None:
    merged = dict(a)
    for level, members in b:
        merged[level] = merged[level] & members if level in merged else members
        if not merged[level]:
            return None
    return frozenset(merged.items())
