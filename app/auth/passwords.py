"""Passwords: argon2id hashes, and which new passwords are refused."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.values.errors import Invalid

SHORTEST = 15
SHORTEST_OF_PERSONAS = 8
LONGEST = 1024

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

_NOBODYS = _HASHER.hash("the password of nobody at all")
"""Checked where there is no account, so that the answer takes as long as for one that exists."""

_BLOCKED = frozenset(
    {
        "password",
        "passwort",
        "motdepasse",
        "contrasena",
        "letmein",
        "welcome",
        "changeme",
        "administrator",
        "iloveyou",
        "princess",
        "sunshine",
        "football",
        "baseball",
        "superman",
        "trustno1",
        "whatever",
        "dragon",
        "monkey",
        "shadow",
        "master",
        "qwerty",
        "qwertz",
        "azerty",
        "asdfgh",
        "correcthorsebatterystaple",
        "thisisapassword",
        "thisismypassword",
        "mypasswordis",
        "whatisthepassword",
        "salient",
        "dashboard",
        "qwertyuiop",
        "qwertyuiopasdf",
        "qwertyuiopasdfgh",
        "qwertyuiopasdfghjkl",
        "qwertzuiopasdfghjkl",
        "1q2w3e4r5t6y7u8i9o0p",
        "1qaz2wsx3edc4rfv",
        "onetwothreefour",
        "abcdefghijklmno",
        "passw0rd",
        "p@ssword",
        "p@ssw0rd",
        "administrat0r",
    }
)


def hash_password(password: str) -> str:
    """The argon2id hash, with salt and costs in it."""
    return _HASHER.hash(_bytes(password))


def is_right(password: str, password_hash: str | None) -> bool:
    """Whether `password` belongs to the hash; without a hash it takes as long and is never right."""
    try:
        right = _HASHER.verify(password_hash or _NOBODYS, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return right and password_hash is not None


def refuse_weak(password: str, *, about: tuple[str, ...] = (), shortest: int = SHORTEST) -> None:
    """Raise Invalid, with the reason, for a new password that is too short, too long or easily guessed.

    `about` are words about the person (address, name) that do not count as a secret. Any characters may be used.
    """
    settled = _settled(password)
    if len(settled) < shortest:
        raise Invalid(
            "The password needs at least {shortest} characters. A few words in a row are fine.", shortest=shortest
        )
    if len(settled) > LONGEST:
        raise Invalid("The password may have at most {longest} characters.", longest=LONGEST)
    if _is_guessable(settled.casefold(), about):
        raise Invalid("This password is easy to guess. Choose another one.")


def _is_guessable(word: str, about: tuple[str, ...]) -> bool:
    bare = "".join(word.split())
    if len(set(bare)) < 4 or _repeats(bare) or _counts(bare):
        return True
    if bare in _BLOCKED or bare.strip("0123456789!?.-_") in _BLOCKED:
        return True
    words = {
        part for text in about for part in (text.casefold(), *text.casefold().split("@"), *text.casefold().split())
    }
    rest = bare
    for known in sorted((known for known in words if len(known) > 3), key=len, reverse=True):
        rest = rest.replace("".join(known.split()), "")
    return rest != bare and len(rest) < 6


def _repeats(word: str) -> bool:
    """One short piece over and over: "passwordpassword", "abcabcabcabcabc"."""
    length = (word + word).find(word, 1)
    return length < len(word) and (length < 8 or word[:length] in _BLOCKED)


def _counts(word: str) -> bool:
    """A run along the alphabet or the digits, up or down, from end to end."""
    steps = {
        (ord(after) - ord(before)) % 10 if (before + after).isdigit() else ord(after) - ord(before)
        for before, after in pairwise(word)
    }
    return steps <= {1} or steps <= {-1} or steps <= {9}


def _bytes(password: str) -> bytes:
    """Text that came broken is hashed all the same, so that it takes as long."""
    return _settled(password)[: LONGEST + 1].encode("utf-8", "surrogatepass")


def _settled(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
