"""What is posted to Slack, Teams and webhooks, and where it is never posted to."""

from __future__ import annotations

import json
import socket
import threading
from typing import Any

import pytest

from app.channels.message import Channel, Message
from app.channels.posting import Post, _is_open
from app.channels.slack import Slack
from app.channels.teams import Teams
from app.channels.webhook import Webhook
from tests.channels.servers import Hook, dumb_server, hook_server, trusting

SENTENCES = (
    "Net sales are €38.6M, 3.1% behind plan.",
    "[Look](https://otto.example) <!here> *lost* <b>most</b> & more.",
)
LINK = "https://sales.example/d/overview?period=2026-Q4"


def told(to: str, **given: Any) -> Message:
    said = {
        "subject": "Overview <!channel>",
        "text": "…",
        "sentences": SENTENCES,
        "link": LINK,
        "message_id": "7@x.example",
    }
    return Message(to, **{**said, **given})


def reaching(**given: Any) -> Post:
    return Post(**{"allowed": ("localhost",), "tls": trusting(), **given})


def test_slack_shows_title_sentences_and_link_as_text_that_calls_nobody() -> None:
    with hook_server(Hook()) as hook:
        assert Slack(reaching()).send(told(hook.address, locale="de")).state == "sent"
    (said,) = hook.posted
    assert hook.paths == ["/services/T0/B0?key=x"]
    header, section, actions = said["blocks"]
    assert header["text"] == {"type": "plain_text", "text": "Overview <!channel>", "emoji": False}
    assert section["text"] == {"type": "plain_text", "text": "\n".join(SENTENCES), "emoji": False}
    assert actions["elements"][0]["url"] == LINK
    assert said["text"] == "Overview &lt;!channel&gt;"
    assert "mrkdwn" not in json.dumps(said)


def test_teams_shows_a_card_whose_text_is_text() -> None:
    with hook_server(Hook(202)) as hook:
        assert Teams(reaching()).send(told(hook.address)).state == "sent"
    (attachment,) = hook.posted[0]["attachments"]
    card = attachment["content"]
    assert [each["type"] for each in card["body"]] == ["RichTextBlock"] * 3
    assert [each["inlines"][0]["text"] for each in card["body"]] == ["Overview <!channel>", *SENTENCES]
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Open in Salient", "url": LINK}]


def test_a_webhook_gets_plain_json_and_can_tell_a_repeat() -> None:
    with hook_server(Hook()) as hook:
        assert Webhook(reaching()).send(told(hook.address, repeat=True)).state == "sent"
    assert hook.posted[0] == {
        "id": "7@x.example",
        "title": "Overview <!channel>",
        "sentences": list(SENTENCES),
        "text": "…",
        "link": LINK,
        "files": [],
        "late": False,
        "repeat": True,
    }
    assert hook.headers[0]["X-Salient-Message"] == "7@x.example"


@pytest.mark.parametrize(
    ("status", "state"),
    [(200, "sent"), (202, "sent"), (429, "deferred"), (408, "deferred"), (500, "deferred"), (503, "deferred"),
     (400, "refused"), (403, "refused"), (404, "refused"), (410, "refused"), (0, "uncertain")],
)  # fmt: skip
@pytest.mark.parametrize("kind", [Slack, Teams, Webhook])
def test_an_answer_says_whether_to_try_again(kind: type[Slack | Teams | Webhook], status: int, state: str) -> None:
    with hook_server(Hook(status)) as hook:
        channel: Channel = kind(reaching())
        outcome = channel.send(told(hook.address))
        channel.close()
    assert (outcome.state, bool(outcome.reason)) == (state, state != "sent")
    assert "key=x" not in outcome.reason, "the address is a secret"


def test_a_redirect_is_not_followed() -> None:
    with hook_server(Hook()) as elsewhere, hook_server(Hook(307, elsewhere.address)) as hook:
        outcome = Webhook(reaching()).send(told(hook.address))
    assert (outcome.state, "has moved" in outcome.reason) == ("refused", True)
    assert elsewhere.posted == []


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
def test_a_private_host_is_not_reached_unless_it_is_named(host: str) -> None:
    with hook_server(Hook()) as hook:
        address = hook.address.replace("localhost", host)
        outcome = Webhook(reaching(allowed=("chat.example",))).send(told(address))
    assert (outcome.state, "private network" in outcome.reason) == ("refused", True)
    assert hook.posted == []


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "127.0.0.1", "0.0.0.0", "224.0.0.1",
     "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
     "64:ff9b::a00:1", "2002:a00:1::", "2001:db8::1", "::7f00:1", "::ffff:0:7f00:1", "64:ff9b:1::1", "fec0::1",
     "192.0.0.8"],
)  # fmt: skip
def test_no_address_of_a_private_network_is_open(address: str) -> None:
    assert not _is_open(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_addresses_of_the_internet_are_open(address: str) -> None:
    assert _is_open(address)


def test_the_address_that_was_checked_is_the_one_that_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    # A name that means another address the second time it is asked for.
    asked: list[str] = []
    real = socket.getaddrinfo

    def turning(host: Any, *rest: Any, **given: Any) -> Any:
        asked.append(str(host))
        return real("127.0.0.1" if host == "chat.example" else host, *rest, **given)

    with hook_server(Hook()) as hook:
        monkeypatch.setattr(socket, "getaddrinfo", turning)
        address = hook.address.replace("localhost", "chat.example")
        outcome = Webhook(reaching(allowed=("chat.example",))).send(told(address))
    assert asked.count("chat.example") == 1
    assert (outcome.state, "certificate of chat.example" in outcome.reason) == ("deferred", True)


@pytest.mark.parametrize("address", ["http://chat.example/x", "https://remy:secret@localhost/x"])
def test_a_hook_is_https_without_a_password(address: str) -> None:
    outcome = Webhook(reaching()).send(told(address))
    assert (outcome.state, "https://" in outcome.reason) == ("refused", True)


def test_a_host_that_the_operator_lists_may_be_spoken_to_in_the_clear() -> None:
    with hook_server(Hook(), tls=False) as hook:
        assert Webhook(reaching()).send(told(hook.address)).state == "sent"
        assert Webhook(reaching(allowed=())).send(told(hook.address)).state == "refused"
    assert len(hook.posted) == 1


def test_nothing_large_is_posted() -> None:
    with hook_server(Hook()) as hook:
        outcome = reaching().post(hook.address, b"x" * 65_537)
    assert (outcome.state, "65,536" in str(outcome.reason)) == ("refused", True)
    assert hook.posted == []


def test_a_certificate_nobody_vouches_for_is_not_trusted() -> None:
    with hook_server(Hook()) as hook:
        outcome = Webhook(Post(allowed=("localhost",))).send(told(hook.address))
    assert (outcome.state, "cannot be trusted" in outcome.reason) == ("deferred", True)
    assert hook.posted == []


def test_a_host_that_is_away_silent_or_slow_does_not_hold_us() -> None:
    with dumb_server() as port:
        outcome = Webhook(reaching(patience=0.3)).send(told(f"https://localhost:{port}/x"))
        assert outcome.state == "deferred"
        outcome = Webhook(reaching(whole=0.3)).send(told(f"https://localhost:{port}/x"))
        assert outcome.state == "deferred"
    assert Webhook(reaching()).send(told(f"https://localhost:{port}/x")).state == "deferred"
    assert Webhook(reaching()).send(told("https://nobody.invalid/x")).state == "deferred"
    done = threading.Event()
    with hook_server(Hook(wait=done)) as hook:
        assert Webhook(reaching(whole=0.5)).send(told(hook.address)).state == "uncertain"
        assert Webhook(reaching(patience=0.5)).send(told(hook.address)).state == "uncertain"
        done.set()
