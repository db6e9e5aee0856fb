"""The outbox: administrators read what was sent; nobody else learns that anything was."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.auth.roles import SEEDS
from app.channels.message import Attachment, Message
from app.channels.outbox import Outbox, kept
from app.services import accounts
from app.values.addresses import Sender
from app.values.document import Document
from app.web.outbox import outbox_pages
from tests.web.conftest import Browser, SmallHouse

PICTURE = Document("bridge.png", "image/png", b"\x89PNG\r\n\x1a\nchart")
PAPER = Document("Übersicht, Q4.html", "text/html", b"<script>alert(1)</script>")
EVIL = (
    '<html><head></head><body onload="alert(1)"><script>alert(1)</script>'
    '<img src="cid:bridge" alt="">&amp;</body></html>'
)


def message(subject: str, **given: object) -> Message:
    said = {"text": "Good morning\n<b>Remy</b>", "to_name": "Remy Roux", **given}
    return Message("remy@salient.example", subject, **said)  # type: ignore[arg-type]


@pytest.fixture
def folder(small: SmallHouse, tmp_path: Path) -> Path:
    """An outbox with three mails behind the small house's door."""
    times = iter(datetime(2026, 11, 23, 6, number, tzinfo=UTC) + timedelta(hours=1) for number in range(3))
    outbox = Outbox(tmp_path / "outbox", Sender("salient@sales.example", "Salient"), lambda: next(times))
    outbox.send(message("Plain"))
    outbox.send(message("<Evil> & co", html=EVIL, attachments=(Attachment(PICTURE, "bridge"), Attachment(PAPER))))
    outbox.send(message("Newest", unsubscribe="https://sales.example/unsubscribe/abc", repeat=True))
    small.server.register_blueprint(outbox_pages(outbox.folder, is_used=True))
    return outbox.folder


def addresses(folder: Path) -> list[str]:
    """Every address of the outbox: the list, and of each mail its page, its files and the whole."""
    pages = [f"/admin/outbox/{each.name.removesuffix('.eml')}" for each in kept(folder)]
    return ["/admin/outbox", *pages, *(f"{page}{more}" for page in pages for more in ("/file/0", "/whole"))]


@pytest.mark.parametrize("who", ["otto", "sam", "remy", "erin"])
def test_whoever_is_no_administrator_gets_what_every_admin_page_gives_them(
    small: SmallHouse, folder: Path, who: str
) -> None:
    browser = small.signed_in(who)
    for path in addresses(folder):
        answer = browser.get(path)
        assert answer.status_code == 403
        assert "Newest" not in answer.text
    assert "/admin/outbox" not in browser.get("/account").text


def test_a_stranger_is_sent_to_the_login_page(small: SmallHouse, folder: Path) -> None:
    for path in addresses(folder):
        assert small.browser().get(path).headers["Location"].startswith("/login")


def ada(small: SmallHouse) -> Browser:
    return small.signed_in("ada")


def test_ada_sees_the_newest_mails_first(small: SmallHouse, folder: Path) -> None:
    page = ada(small).get("/admin/outbox")
    assert re.findall(r'<a href="/admin/outbox/[0-9a-f-]+">(.*?)</a>', page.text) == [
        "Newest",
        "&lt;Evil&gt; &amp; co",
        "Plain",
    ]
    assert "Remy Roux &lt;remy@salient.example&gt;" in page.text
    assert "23 Nov 2026, 07:02" in page.text
    assert 'href="/admin/outbox"' in ada(small).get("/account").text


def test_who_may_change_settings_but_sees_less_than_all_reads_nobodys_mail(small: SmallHouse, folder: Path) -> None:
    def executive(*masks: str) -> None:
        with small.database.write() as session:
            permissions = {"dashboards", "export", "admin:settings"}
            accounts.change_role(
                session, "cli", "executive", permissions=permissions, masks=masks, scope_kind="everything"
            )

    (seed,) = (each for each in SEEDS if each.id == "executive")
    try:
        executive("cost")
        browser, name = small.signed_in("erin"), next(folder.glob("*.eml")).stem
        for path in ("", f"/{name}", f"/{name}/whole", f"/{name}/file/0"):
            assert browser.get(f"/admin/outbox{path}").status_code == 403, path
        executive()
        assert browser.get("/admin/outbox").status_code == 200
    finally:
        with small.database.write() as session:
            accounts.change_role(
                session, "cli", "executive", permissions=seed.permissions, masks=(), scope_kind="everything"
            )


def test_a_mail_is_shown_in_a_frame_that_fetches_and_runs_nothing(small: SmallHouse, folder: Path) -> None:
    _, evil, _ = kept(folder)
    page = ada(small).get(f"/admin/outbox/{evil.name[:-4]}").text
    (frame,) = re.findall(r"<iframe [^>]*>", page)
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in frame
    inside = html.unescape(re.search(r'srcdoc="([^"]*)"', frame).group(1))  # type: ignore[union-attr]
    assert inside.startswith('<html><head><meta http-equiv="Content-Security-Policy" content="default-src \'none\';')
    assert 'src="data:image/png;base64,' in inside
    assert inside.rstrip().endswith("&amp;</body></html>")
    assert "<script>alert" not in page.replace(frame, "")
    assert "&lt;b&gt;Remy&lt;/b&gt;" in page


def test_what_a_mail_carries_is_downloaded_and_never_shown(small: SmallHouse, folder: Path) -> None:
    _, evil, plain = kept(folder)
    browser, at = ada(small), f"/admin/outbox/{evil.name[:-4]}"
    file = browser.get(f"{at}/file/0")
    assert (file.data, file.mimetype) == (PAPER.content, "application/octet-stream")
    assert file.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%C3%9Cbersicht%2C%20Q4.html" in file.headers["Content-Disposition"]
    assert browser.get(f"{at}/file/1").status_code == 404
    whole = browser.get(f"{at}/whole")
    assert (whole.data, whole.mimetype) == ((folder / evil.name).read_bytes(), "message/rfc822")
    assert whole.headers["Content-Disposition"].startswith("attachment;")
    assert "iframe" not in browser.get(f"/admin/outbox/{plain.name[:-4]}").text


@pytest.mark.parametrize(
    "name",
    ["..", "../app.db", "..%2fapp.db", "%2e%2e%2fapp", "....//app", "app", "2" * 20, "2" * 20 + "-" + "a" * 24, "%00",
     "..%5c..%5capp", "%2fetc%2fpasswd"],
)  # fmt: skip
def test_no_address_leaves_the_folder(small: SmallHouse, folder: Path, name: str) -> None:
    (folder.parent / "app.eml").write_text("Subject: secret\n\nsecret")
    browser = ada(small)
    for more in ("", "/whole", "/file/0"):
        answer = browser.get(f"/admin/outbox/{name}{more}")
        assert "secret" not in answer.text
        assert answer.mimetype == "text/html"


def test_an_empty_outbox_says_what_it_is_for(small: SmallHouse, tmp_path: Path) -> None:
    small.server.register_blueprint(outbox_pages(tmp_path / "none", is_used=False))
    page = ada(small).get("/admin/outbox").text
    assert "There are no mails yet." in page
    assert "Mails are handed to the mail server" in page
