"""The API's document is true: whatever it lets one send, as whatever role, the answer is one that it names."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.services import tokens
from tests.conftest import SOAK, Tally
from tests.sweep.browser import Browser
from tests.sweep.company import COLLEAGUES, tables
from tests.sweep.conftest import Company, Opened

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ROLES = ("ada", "erin", "dirk", "fay", "mia", "remy", "tess", "amy", "sam", "otto")
EXAMPLES = 60 if SOAK else 2
"""Requests for each operation and role, and half as many that break its rules; the administrator sends more."""
TURNS = 1 if SOAK else 2
"""Each operation is sent to by one in so many roles, and always by the administrator."""

KNOWN = {"dashboard": "overview", "panel": "net-sales", "dimension": "region"}
"""Parts of addresses that lead somewhere; what is made up leads nowhere."""

Headers = dict[str, str]


@pytest.fixture(scope="module")
def offices(open_company: Opened) -> Company:
    """A company of this module's own: what is sent here changes it."""
    return open_company(tables())


@pytest.fixture(scope="module")
def schema(offices: Company) -> Any:
    """The document, as ada reads it."""
    return schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", offices.server, headers={"Authorization": f"Bearer {token_of(offices, 'ada')}"}
    )


def token_of(company: Company, name: str) -> str:
    """A token of theirs for all that their role has something for."""
    owner = company.house.viewer_named(COLLEAGUES[name].email)
    with company.house.database.write() as session:
        scopes = [each for each, scope in tokens.SCOPES.items() if scope.permissions & owner.permissions]
        return tokens.make(session, owner, name=f"For the document, {os.urandom(4).hex()}", scopes=scopes)[1]


def headers_of(company: Company, name: str) -> Headers:
    """How they come in: with a token, and Otto, who may have none, as one who is signed in."""
    plain = {"Accept-Encoding": "identity"}
    if name != "otto":
        return plain | {"Authorization": f"Bearer {token_of(company, name)}"}
    browser: Browser = company.browser(name)
    cookie = browser.client.get_cookie("salient")
    assert cookie is not None
    return plain | {"Cookie": f"salient={cookie.value}", "X-CSRFToken": browser.token}


def operations(schema: Any) -> Iterator[Any]:
    for found in schema.get_all_operations():
        yield found.ok()


def send(case: Case, headers: Headers, count: Tally, faults: Counter[str]) -> None:
    """Send a request and judge the answer; each kind of fault is told once."""
    answer = case.call(headers=headers)
    count("requests made up from the API's document")
    try:
        case.validate_response(answer, checks=CHECKS, headers=headers)
    except FailureGroup as found:
        for fault in found.exceptions:
            told = " ".join(f"{fault}".split())[:500]
            faults[f"{case.operation.label} {answer.status_code}: {told} | {case.as_curl_command()[:400]}"] += 1


def tried(
    name: str, operation: Any, mode: GenerationMode, times: int, act: Callable[[Case], None], **parts: Any
) -> None:
    """Some requests of a kind; always the same ones for the same colleague."""

    @seed(crc32(f"{name} {operation.label} {mode}".encode()))
    @settings(
        max_examples=times,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode, **parts))
    def sent(case: Case) -> None:
        act(case)

    sent()


@pytest.mark.parametrize("name", ROLES)
def test_every_answer_to_a_role_is_one_that_the_document_names(
    offices: Company, schema: Any, name: str, count: Tally
) -> None:
    headers, faults = headers_of(offices, name), Counter[str]()
    for at, operation in enumerate(operations(schema)):
        if name != "ada" and (at + ROLES.index(name)) % TURNS:
            continue
        parts = {each.name: KNOWN[each.name] for each in operation.path_parameters if each.name in KNOWN}
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            known = {"path_parameters": parts} if parts else {}
            times = EXAMPLES * 2 if name == "ada" else EXAMPLES // (2 if mode is GenerationMode.NEGATIVE else 1)
            tried(name, operation, mode, times, lambda case: send(case, headers, count, faults), **known)
    assert not faults, "\n".join(faults)
