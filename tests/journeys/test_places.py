"""Places: what stands at an address, told by the status of the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from flask import Flask

from tests.services.salient import PASSWORD
from tests.sweep.browser import Browser

SignedIn = Callable[[str], Browser]


@pytest.fixture(scope="module")
def signed_in(server: Flask) -> SignedIn:
    """Browsers of this file's own: in other journeys everybody signs out."""

    @cache
    def browser(name: str) -> Browser:
        opened = Browser(server)
        assert opened.sign_in(f"{name}@salient.example", PASSWORD).status_code == 302
        return opened

    return browser


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("erin", "/d/overview", 200),
        ("erin", "/d/overview/margin-rate?period=2025", 200),
        ("sam", "/d/overview/margin-rate?period=2025", 404),
        ("erin", "/d/nowhere", 404),
        ("erin", "/d/overview/nowhere", 404),
        ("erin", "/nowhere", 404),
        ("erin", "/d", 404),
        ("erin", "/d/overview/net-sales/more", 404),
        ("erin", "/d/overview?period=soon", 400),
        ("otto", "/d/overview", 200),
        ("otto", "/d/nowhere", 200),
        ("otto", "/nowhere", 404),
    ],
)
def test_a_page_has_the_status_of_what_stands_on_it(signed_in: SignedIn, name: str, path: str, status: int) -> None:
    answer = signed_in(name).client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert b"_dash" in answer.data


def test_a_stranger_is_sent_to_sign_in_wherever_there_may_be_nothing(server: Flask) -> None:
    for path in ("/nowhere", "/d/nowhere", "/d/overview"):
        answer = Browser(server).client.get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/login")
