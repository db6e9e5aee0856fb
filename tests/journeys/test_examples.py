"""The examples of the help, run as they stand there: what people copy has to work."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from app.assembly import House
from app.auth.embeds import new_key_pair, read_assertion
from app.services import tokens
from layouts.help import _read
from tests.services.salient import serving

PAGE = "doors"


def blocks(kind: str) -> list[str]:
    """The examples of a kind, in the order of the page."""
    return re.findall(rf"```{kind}\n(.*?)```", _read(PAGE, "en"), re.S)


@pytest.fixture(scope="module")
def surroundings(house: House) -> Iterator[dict[str, str]]:
    """The variables that the examples read: a running Salient, and a token of Erin's."""
    with house.database.write() as session:
        viewer = house.viewer_named("erin@salient.example")
        secret = tokens.make(
            session, viewer, name=f"Examples {uuid.uuid4().hex[:6]}", scopes=("read",), now=datetime.now(UTC)
        )[1]
    with serving(house) as address:
        yield {**os.environ, "SALIENT_URL": address, "SALIENT_TOKEN": secret}


def of(kind: str, having: str) -> str:
    """The one example of the kind that has these words."""
    [found] = [each for each in blocks(kind) if having in each]
    return found


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")
def test_curl_gets_a_table_of_regions(surroundings: dict[str, str]) -> None:
    command = of("sh", "api/v1/query")
    done = subprocess.run(["bash", "-ec", command], env=surroundings, capture_output=True, text=True, timeout=60)
    header, *rows = done.stdout.splitlines()
    assert header == "region_key,region,net_sales,orders,currency"
    assert len(rows) > 5


def test_python_prints_what_each_region_sold_beside_its_budget(surroundings: dict[str, str]) -> None:
    program = of("python", "api/v1/query")
    done = subprocess.run([sys.executable, "-c", program], env=surroundings, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^[A-Z][\w ]+ -?[\d.]+ -?[\d.]+$", done.stdout, re.M), done.stdout


def test_python_is_told_that_a_reader_sends_no_sales(surroundings: dict[str, str]) -> None:
    program = of("python", "api/v1/ingest")
    done = subprocess.run([sys.executable, "-c", program], env=surroundings, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("403 ")
    assert "ingest" in done.stdout


def test_what_a_partners_server_signs_is_let_in() -> None:
    private, public = new_key_pair()
    made: dict[str, object] = {}
    exec(of("python", "def assertion"), made)
    sign = made["assertion"]
    assert callable(sign)
    text = sign("k1", private, "g1", "visitor@partner.example", "C00001")
    now = datetime.now(UTC)
    seen = read_assertion(public, "k1", "g1", text, now)
    assert seen is not None
    assert (seen.visitor, seen.rule) == ("visitor@partner.example", {"customer": ("C00001",)})
    assert read_assertion(public, "k1", "another grant", text, now) is None
    assert read_assertion(public, "k1", "g1", text, now + timedelta(minutes=3)) is None
    assert jwt.get_unverified_header(text)["alg"] == "EdDSA"


def test_what_an_assistant_is_set_up_with_is_json() -> None:
    [given] = blocks("json")
    assert json.loads(given)["mcpServers"]["salient"]["args"] == ["mcp"]
