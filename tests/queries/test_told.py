"""What loads said in English, they say to Gerda in German and to Françoise in French."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from app.values.scope import Scope
from app.values.selection import Selection
from app.values.words import Text, words
from layouts.derive.quality import in_words
from queries.frame import Column, Frame, Member, Provenance
from queries.told import notices, told
from queries.warehouse.load import LoadSettings, load, open_mapping
from queries.warehouse.load.expressions import READERS
from queries.warehouse.load.staging import compile_feed, spelled_reason
from tests.queries.company import context
from tests.queries.warehouse.load.tables import line, shop, warehouse_of


def test_every_reason_that_a_reader_or_a_check_of_its_own_gives_is_known_again() -> None:
    mapping = open_mapping("template")
    settings = {setting.name: setting.value for setting in mapping.settings}
    for number, feed in enumerate(mapping.feeds):
        for check in compile_feed(feed, number, settings).checks:
            sentence = spelled_reason(check, "12 Äpfel {x}")
            said = told(sentence)
            assert isinstance(said, Text), sentence
            assert str(said) == sentence
    assert {reader.code for reader in READERS.values()} >= {"not_an_amount", "not_a_date"}


def test_rows_that_a_load_kept_out_say_why_in_the_readers_language(tmp_path: Path) -> None:
    source = shop(
        tmp_path / "source",
        [
            line(),
            line(line_number="2", order_date="03/04/2013"),
            line(line_number="3", quantity="two"),
            line(line_number="4", customer="C9"),
            line(unit_price="11"),
        ],
    )
    home = tmp_path / "home"
    report = load(warehouse_of(home), "template", source, home=home, settings=LoadSettings(allow_rejects=True))
    reasons = {row.code: row.reason for row in report.quarantined}
    assert set(reasons) == {"not_a_date", "not_an_amount", "unknown_member", "same_key"}
    spoken = {code: told_in("de", reason) for code, reason in reasons.items()}
    assert spoken["not_a_date"].startswith("„03/04/2013“ ist kein Datum")
    assert spoken["not_an_amount"].startswith("„two“ ist kein Betrag")
    assert "„C9“" in spoken["unknown_member"]
    assert "Zeile 2 von sales.csv" in spoken["same_key"]
    assert {told_in("en", reason) for reason in reasons.values()} == set(reasons.values())


def told_in(locale: str, reason: str) -> str:
    """What the panel of rows in quarantine shows of a reason."""
    frame = Frame((Column("reason", "Reason", "dimension"),), ((Member("code", reason),),), NOWHERE, "")
    [[shown]] = in_words({"main": frame}, Selection(), context(Scope.everything(), locale=locale)).rows
    assert isinstance(shown, Member)
    return shown.name


NOWHERE = Provenance(1, None, None)


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", "Budget of 2022–2024 moved back 10 years"),
        ("de", "Budget 2022–2024 um 10 Jahre zurückversetzt"),
        ("fr", "Budget 2022–2024 reculé de 10 ans"),
    ],
)
def test_the_foot_of_the_page_says_in_the_readers_language_how_data_were_read(locale: str, expected: str) -> None:
    mapping = open_mapping("adventureworks")
    settings: Mapping[str, str] = {setting.name: setting.value for setting in mapping.settings}
    [sentence] = mapping.notices(settings)
    assert words(locale)(told(sentence)) == expected
    assert len(notices()) >= 2


def test_a_companys_own_words_stay_as_they_are() -> None:
    for own in ("Prices before 2020 are estimates", "“x” is odd", "", "Not true at all"):
        assert told(own) == own
        assert not isinstance(told(own), Text)
