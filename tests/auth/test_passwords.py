"""Which passwords are taken, and how they are kept."""

from __future__ import annotations

import pytest

from app.auth import passwords
from app.auth.passwords import hash_password, is_right, refuse_weak
from app.values.errors import Invalid
from tests.hashing import PRODUCTION


@pytest.fixture(autouse=True)
def _as_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", PRODUCTION)


ABOUT = ("maria.lindqvist@salient.example", "Maria Lindqvist")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "fourteen chars",
        "aaaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "passwordpassword",
        "PasswordPassword",
        "123456789012345",
        "1234567890123456789",
        "987654321098765432",
        "abcdefghijklmnopq",
        "qwertyuiopasdfgh",
        "correct horse battery staple",
        "MariaLindqvist12",
        "maria.lindqvist@salient.example",
        "x" * 1025,
    ],
)
def test_what_is_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        refuse_weak(password, about=ABOUT)


@pytest.mark.parametrize(
    "password",
    [
        "nine green bottles hanging",
        "ÄÖÜ grün blau rot!",
        "tr0mb0ne and the sea",
        "🎻🎺🎸🥁🎷🪕🎹🪗 and a band",
        "maria likes long walks at night",
    ],
)
def test_long_ones_need_no_special_characters(password: str) -> None:
    refuse_weak(password, about=ABOUT)
    assert is_right(password, hash_password(password))


def test_eight_are_enough_where_it_is_said() -> None:
    refuse_weak("k7Rw2pXz", shortest=8)
    with pytest.raises(Invalid):
        refuse_weak("password", shortest=8)
    with pytest.raises(Invalid):
        refuse_weak("k7Rw2pX", shortest=8)


def test_hashes_are_argon2id_and_salted() -> None:
    one, other = hash_password("nine green bottles"), hash_password("nine green bottles")
    assert one != other
    # 19 MiB twice over: what OWASP asks for at least.
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_only_the_right_password_is_right() -> None:
    kept = hash_password("nine green bottles")
    assert is_right("nine green bottles", kept)
    for wrong in (
        "nine green bottle",
        "Nine green bottles",
        "nine green bottles ",
        "",
        "\x00",
        "x" * 100_000,
        "\ud800",
    ):
        assert not is_right(wrong, kept)


def test_without_a_hash_nothing_is_right() -> None:
    assert not is_right("the password of nobody at all", None)
    assert not is_right("", None)
    assert not is_right("anything", "not a hash")


def test_the_same_letters_typed_on_another_keyboard_are_the_same() -> None:
    assert is_right("cafe\u0301 au lait au lit", hash_password("caf\u00e9 au lait au lit"))
