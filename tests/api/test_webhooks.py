"""Programs register webhooks for the people whose token they carry; a real receiver on loopback hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks import Webhook

from app.assembly import House
from app.channels.posting import Post
from app.services import accounts, hooks
from scheduler.jobs.hooks import Courier
from tests.api.conftest import As, Tokens
from tests.channels.servers import Hook, hook_server, trusting

OUTSIDE = "https://93.184.216.34/salient"
NEW = {"name": "Ours", "address": OUTSIDE, "kinds": ["view.shared"]}


@pytest.fixture
def receiver() -> Iterator[Hook]:
    """What is posted to."""
    with hook_server(Hook()) as opened:
        yield opened


def carried(house: House) -> None:
    """What is due goes out."""
    courier = Courier(house, Post(allowed=("localhost",), tls=trusting()))
    courier.work_off()
    courier.close()


@pytest.mark.parametrize("name", ["otto", "sam", "tess", "mia"])
def test_whoever_may_not_finds_and_registers_no_webhook(name: str, program: As) -> None:
    asks = program(name)
    assert asks.get("/webhooks").status_code == 403
    assert asks.get("/webhook-kinds").status_code == 403
    assert asks.send("POST", "/webhooks", NEW).status_code == 403


def test_a_program_registers_a_webhook_that_is_told_what_happens(house: House, token: Tokens, receiver: Hook) -> None:
    erin = token("erin", "webhooks", "read", "write")
    came = erin.send("POST", "/webhooks", {**NEW, "address": receiver.address})
    assert came.status_code == 201, came.text
    made, secret = came.get_json()["webhook"], came.get_json()["secret"]
    assert secret.startswith("whsec_")
    here = f"/webhooks/{made['id']}"
    assert erin.get(here).get_json() == made
    assert secret not in erin.get(here).text + erin.get("/webhooks").text
    erin.send("POST", "/views", {"name": "For all", "view": "/d/overview", "visibility": "everyone"})
    assert erin.send("POST", f"{here}/test").status_code == 202
    carried(house)
    assert sorted(each["type"] for each in receiver.posted) == ["test", "view.shared"]
    for body, headers in zip(receiver.bodies, receiver.headers, strict=True):
        Webhook(secret).verify(body, headers)
    first = erin.get(f"{here}/deliveries?limit=1").get_json()
    second = erin.get(f"{here}/deliveries?limit=1&cursor={first['next']}").get_json()
    assert {each["kind"] for page in (first, second) for each in page["items"]} == {"test", "view.shared"}
    assert second["next"] is None
    told = first["items"][0]
    assert (told["state"], told["status"], told["tries"]) == ("sent", 200, 1)
    again = erin.send("POST", f"{here}/deliveries/{told['id']}/again")
    assert (again.status_code, again.get_json()["state"]) == (202, "pending")
    carried(house)
    ids = [each["webhook-id"] for each in receiver.headers]
    assert (len(ids), len(set(ids))) == (3, 2)
    span = {"since": "2026-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z", "everything": True}
    assert erin.send("POST", f"{here}/again", span).status_code == 202
    carried(house)
    assert {each["webhook-id"] for each in receiver.headers[:3]} <= {
        each["webhook-id"] for each in receiver.headers[3:]
    }


def test_a_webhook_is_changed_switched_off_rotated_and_forgotten(token: Tokens) -> None:
    erin = token("erin", "webhooks", "read")
    made = erin.send("POST", "/webhooks", NEW).get_json()
    here = f"/webhooks/{made['webhook']['id']}"
    assert erin.send("PATCH", here, {"name": "Theirs"}).status_code == 428
    seen = {"If-Match": erin.get(here).headers["ETag"]}
    changed = erin.send("PATCH", here, {"name": "Theirs", "is_on": False}, headers=seen)
    assert changed.status_code == 200, changed.text
    assert (changed.get_json()["name"], changed.get_json()["is_on"]) == ("Theirs", False)
    assert erin.send("PATCH", here, {"name": "Late"}, headers=seen).status_code == 412
    assert erin.send("POST", f"{here}/test").status_code == 409
    newer = erin.send("POST", f"{here}/rotate").get_json()
    assert newer["secret"] not in ("", made["secret"])
    assert newer["webhook"]["previous_secret_until"]
    seen = {"If-Match": erin.get(here).headers["ETag"]}
    assert erin.send("DELETE", here, headers=seen).status_code == 204
    assert erin.get(here).status_code == 404


@pytest.mark.parametrize(
    "address",
    ["https://127.0.0.1/x", "https://169.254.169.254/x", "https://[::1]/x", "https://[::ffff:10.0.0.1]/x",
     "https://2130706433/x", "http://93.184.216.34/x", "https://a:b@93.184.216.34/x", "https://", "javascript:alert(1)",
     "https://[::1", "https://example.com:0/x", "https://exa mple.com/", "https://\u0000.example/"],
)  # fmt: skip
def test_an_address_that_leads_inside_or_nowhere_is_refused_with_a_sentence(address: str, token: Tokens) -> None:
    erin = token("erin", "webhooks", "read")
    came = erin.send("POST", "/webhooks", {**NEW, "address": address})
    assert came.status_code in (400, 422), came.text
    assert came.get_json()["detail"].endswith(".")
    made = erin.send("POST", "/webhooks", NEW).get_json()["webhook"]
    seen = {"If-Match": erin.get(f"/webhooks/{made['id']}").headers["ETag"]}
    came = erin.send("PATCH", f"/webhooks/{made['id']}", {"address": address}, headers=seen)
    assert came.status_code in (400, 422)
    erin.send("DELETE", f"/webhooks/{made['id']}", headers=seen)


def test_only_who_manages_users_is_told_of_them(token: Tokens) -> None:
    for asks, status in (
        (token("erin", "webhooks", "read"), 403),
        (token("ada", "webhooks", "read"), 403),
        (token("ada", "webhooks", "read", "admin"), 201),
    ):
        came = asks.send("POST", "/webhooks", {**NEW, "kinds": ["user.changed"]})
        assert came.status_code == status, came.text
    kinds = {each["id"] for each in token("erin", "webhooks", "read").get("/webhook-kinds").get_json()["items"]}
    assert "view.shared" in kinds
    assert "user.changed" not in kinds


def test_a_token_reads_no_more_of_a_delivery_than_its_scopes_give(house: House, token: Tokens, receiver: Hook) -> None:
    manages, reads = token("ada", "webhooks", "read", "admin"), token("ada", "webhooks", "read")
    wish = {**NEW, "address": receiver.address, "kinds": ["user.changed"]}
    here = f"/webhooks/{manages.send('POST', '/webhooks', wish).get_json()['webhook']['id']}/deliveries"
    with house.database.write() as session:
        accounts.add_user(session, "cli", email="nina@salient.example", name="Nina New")
    carried(house)
    told = manages.get(here).get_json()["items"]
    assert ["nina@salient.example" in str(each) for each in told] == [True]
    assert "nina@salient.example" not in reads.get(here).text + reads.get(f"{here}/{told[0]['id']}").text


def test_a_span_with_more_events_than_are_looked_at_is_refused_and_never_cut(
    token: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    erin = token("erin", "webhooks", "read", "write")
    made = erin.send("POST", "/webhooks", NEW).get_json()["webhook"]["id"]
    for number in range(3):
        wish = {"name": f"Private {number}", "view": "/d/overview", "visibility": "private"}
        assert erin.send("POST", "/views", wish).status_code == 201
    span = {"since": "2026-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    assert erin.send("POST", f"/webhooks/{made}/again", span).status_code == 202
    monkeypatch.setattr(hooks, "MOST_READ", 2)
    assert erin.send("POST", f"/webhooks/{made}/again", span).status_code == 413


def test_a_colleagues_webhook_looks_like_one_that_does_not_exist(token: Tokens) -> None:
    erin, ada = token("erin", "webhooks", "read"), token("ada", "webhooks", "read")
    mine = erin.send("POST", "/webhooks", NEW).get_json()["webhook"]["id"]
    requests: list[tuple[str, str, Any]] = [
        ("GET", "", None),
        ("PATCH", "", {"name": "Taken"}),
        ("DELETE", "", None),
        ("POST", "/rotate", None),
        ("POST", "/test", None),
        ("GET", "/deliveries", None),
        ("POST", "/deliveries/none/again", None),
        ("POST", "/again", {"since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}),
    ]
    for method, rest, body in requests:
        answers = [
            ada.send(method, f"/webhooks/{each}{rest}", body, headers={"If-Match": '"x"'}) for each in (mine, "none")
        ]
        assert [each.status_code for each in answers] == [404, 404], (method, rest)
        assert len({each.get_json()["detail"] for each in answers}) == 1
    assert erin.get(f"/webhooks/{mine}").status_code == 200


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "x"}, {**NEW, "kinds": []}, {**NEW, "kinds": ["no.such"]}, {**NEW, "secret": "whsec_x"},
     {**NEW, "name": ""}, {**NEW, "name": 5}, {**NEW, "address": "https://x.example/" + "a" * 2000}],
)  # fmt: skip
def test_what_is_no_webhook_is_refused_by_name(body: dict[str, Any], token: Tokens) -> None:
    came = token("erin", "webhooks", "read").send("POST", "/webhooks", body)
    assert came.status_code in (400, 422), came.text
    assert hooks.PERMISSION not in came.get_json()["title"]


def test_administrators_see_others_webhooks_without_their_secrets_and_switch_them_off(
    house: House, token: Tokens, receiver: Hook
) -> None:
    erin, ada = token("erin", "webhooks", "read", "write"), token("ada", "admin", "webhooks", "read")
    kept = erin.send(
        "POST", "/webhooks", {**NEW, "name": "Erin’s", "address": f"{receiver.address}&token=hers"}
    ).get_json()
    mine = kept["webhook"]["id"]
    listed = ada.get("/others-webhooks")
    (found,) = [each for each in listed.get_json()["items"] if each["id"] == mine]
    assert (found["name"], found["host"], found["is_on"]) == ("Erin’s", f"localhost:{receiver.port}", True)
    assert "token=hers" not in listed.text
    assert kept["secret"] not in listed.text
    for nobody in (erin, token("ada", "webhooks", "read"), token("sam", "read")):
        assert nobody.get("/others-webhooks").status_code == 403
        assert nobody.send("POST", f"/others-webhooks/{mine}/off").status_code == 403
    for path in (f"/webhooks/{mine}", f"/webhooks/{mine}/deliveries"):
        assert ada.get(path).status_code == 404
    off = ada.send("POST", f"/others-webhooks/{mine}/off")
    assert (off.status_code, off.get_json()["is_on"]) == (200, False)
    assert erin.get(f"/webhooks/{mine}").get_json()["reason"] == "An administrator switched it off."
    erin.send("POST", "/views", {"name": "Not told", "view": "/d/overview", "visibility": "everyone"})
    carried(house)
    assert receiver.posted == []
    assert ada.send("POST", "/others-webhooks/nosuchhook/off").status_code == 404
    with house.database.write() as session:
        hooks.remove(session, house.viewer_named("erin@salient.example"), mine)
