"""Embeds: the short tokens that a frame shows its panels with, and the assertions that partners' servers sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from app.values.hierarchy import HIERARCHIES, TIME_LEVELS
from app.values.scope import Scope

LIFE = timedelta(minutes=5)
"""How long a token opens its panels, and how long at most an assertion may be good for."""

TOKEN, PREVIEW, ASSERTION = "salient-embed", "salient-embed-preview", "salient"
"""The audiences: of tokens, of tickets for a preview, and of what partners sign."""

RULE_LEVELS = tuple(
    sorted(
        {level for name, levels in HIERARCHIES.items() if name not in ("time", "fiscal") for level in levels}
        | {"channel", "campaign"}
    )
)
"""Levels that a row rule can be about."""

MOST_MEMBERS, LONGEST_TEXT = 500, 120
_OURS, _THEIRS = "HS256", "EdDSA"
CLOCKS_APART = timedelta(minutes=15)
"""By so much the clocks of processes may differ: used assertions are known for so long beyond their end."""

_SKEW = timedelta(seconds=30)
"""By so much a partner's clock may be ahead of ours."""

Rule = Mapping[str, tuple[str, ...]]
"""Attribute = value, or one of several: the members of each level that rows have to belong to."""


@dataclass(frozen=True)
class Pass:
    """What a frame was let in with: the grant, whoever is signed for, and the row rule on top of the grant's."""

    grant: str
    visitor: str = ""
    rule: Rule = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True)
class Assertion:
    """What a partner's server says of its visitor; `number` may be used once."""

    visitor: str
    rule: Rule
    number: str
    expires_at: datetime


def new_key_pair() -> tuple[str, str]:
    """A private key to sign with and the public one to look with, both as PEM (Ed25519)."""
    private = Ed25519PrivateKey.generate()
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return secret.decode(), public.decode()


def scope_of(rule: Rule) -> Scope:
    """The rows of a rule; all rows where it is about nothing."""
    return Scope.of(**rule)


def settled_rule(rule: object) -> dict[str, tuple[str, ...]] | None:
    """A row rule as it is meant: each level with its members; None for what is none."""
    if not isinstance(rule, Mapping):
        return None
    settled: dict[str, tuple[str, ...]] = {}
    for level, given in rule.items():
        members = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, list | tuple) else ()
        plain = all(isinstance(each, str) and _is_text(each) for each in members)
        if level not in RULE_LEVELS or level in TIME_LEVELS or not 0 < len(members) <= MOST_MEMBERS or not plain:
            return None
        settled[level] = tuple(sorted(set(members)))
    return settled


def issue(key: str, given: Pass, now: datetime, ends: datetime, audience: str = TOKEN) -> tuple[str, datetime]:
    """A token for a pass, and when it ends: in five minutes, or with the grant."""
    until = min(now + LIFE, ends)
    claims: dict[str, Any] = {"aud": audience, "iat": int(now.timestamp()), "exp": int(until.timestamp())}
    claims |= {"sub": given.grant, "vis": given.visitor, "row": dict(given.rule), "key": given.key}
    return jwt.encode(claims, key, algorithm=_OURS), until


def read(key: str, token: str, now: datetime, audience: str = TOKEN) -> Pass | None:
    """The pass of a token of ours that is still good; None for every other text."""
    claims = _claims(token, key, _OURS, audience, now)
    if claims is None:
        return None
    grant, visitor, rule, signed_by = (claims.get(name) for name in ("sub", "vis", "row", "key"))
    settled = settled_rule(rule)
    if settled is None or not all(isinstance(each, str) for each in (grant, visitor, signed_by)):
        return None
    return Pass(str(grant), str(visitor), settled, str(signed_by))


def read_assertion(public_key: str, key_id: str, grant: str, text: str, now: datetime) -> Assertion | None:
    """What a key has signed for a grant; None unless every part of it is as agreed.

    The claims are iss (the key’s id), aud ("salient"), grant, sub (the visitor), where (the row rule, `{}` for none),
    iat, exp (five minutes later at most) and jti.
    """
    claims = _claims(text, public_key, _THEIRS, ASSERTION, now, issuer=key_id)
    if claims is None or claims.get("grant") != grant:
        return None
    visitor, number, rule = claims.get("sub"), claims.get("jti"), settled_rule(claims.get("where"))
    made, until = claims["iat"], claims["exp"]
    if rule is None or until - made > LIFE.total_seconds() or made > (now + _SKEW).timestamp():
        return None
    if not (isinstance(visitor, str) and isinstance(number, str) and _is_text(visitor) and _is_text(number)):
        return None
    return Assertion(visitor, rule, number, datetime.fromtimestamp(until, UTC))


def _claims(
    text: str, key: str, algorithm: str, audience: str, now: datetime, issuer: str | None = None
) -> dict[str, Any] | None:
    """What is said in a signed text that is still good by our clock; None for any other."""
    # Time is looked at below, by the clock we are given.
    options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["exp", "iat", "aud"]}
    try:
        claims: dict[str, Any] = jwt.decode(
            text,
            key,
            algorithms=[algorithm],
            audience=audience,
            issuer=issuer,
            options=options,  # type: ignore[arg-type]
        )
    except (jwt.PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, RecursionError):
        return None
    made, until = claims.get("iat"), claims.get("exp")
    # Python's True is a whole number too.
    if type(made) is not int or type(until) is not int or not made <= until < 2**40 or until <= now.timestamp():
        return None
    return claims if claims.get("aud") == audience else None


def _is_text(text: str) -> bool:
    return 0 < len(text) <= LONGEST_TEXT and text.isprintable()
