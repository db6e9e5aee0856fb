"""The page about the API: every operation and shape of the document, to be read and tried."""

from __future__ import annotations

import re

from flask import Flask

from tests.api.conftest import As, Tokens


def test_the_page_tells_every_operation_and_every_shape(program: As) -> None:
    told = program("sam").get("/openapi.json").get_json()
    page = program("sam").browser.client.get("/api/docs").text
    for methods in told["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page
    for name in told["components"]["schemas"]:
        assert f'id="shape-{name}"' in page


def test_every_link_on_the_page_leads_to_something_on_it(program: As) -> None:
    page = program("otto").browser.client.get("/api/docs").text
    there = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= there
    assert program("otto").browser.client.get("/api/docs.js").mimetype == "text/javascript"


def test_the_page_asks_nothing_of_other_sites(program: As) -> None:
    page = program("sam").browser.client.get("/api/docs").text
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    assert "<script>" not in page


def test_a_stranger_signs_in_first_and_is_led_back(server: Flask) -> None:
    came = server.test_client().get("/api/docs")
    assert (came.status_code, came.headers["Location"]) == (302, "/login?next=/api/docs")


def test_a_token_reads_the_document_and_not_the_page(token: Tokens) -> None:
    holder = token("dirk", "read")
    asked = {"Authorization": f"Bearer {holder.text}"}
    assert holder.server.test_client().get("/api/docs", headers=asked).status_code == 401
    assert holder.get("/openapi.json").status_code == 200
