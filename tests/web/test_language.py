"""Language: strangers are met in their browser's, people in the one they chose."""

from __future__ import annotations

from tests.web.conftest import SmallHouse


def test_a_stranger_reads_the_sign_in_page_in_the_browsers_language(small: SmallHouse) -> None:
    page = small.browser().get("/login", headers={"Accept-Language": "de-CH,de;q=0.9,en;q=0.5"}).text
    assert '<html lang="de">' in page
    assert "Anmelden" in page
    assert "Sign in" not in page


def test_erin_chooses_french_and_everything_is_french_at_once(small: SmallHouse) -> None:
    erin = small.signed_in("erin")
    assert erin.submit("/account", "/account/language", locale="fr-CH").status_code == 302
    page = erin.get("/account").text
    assert '<html lang="fr-CH">' in page
    assert "Changer le mot de passe" in page
    assert "Passer" not in page
    assert erin.submit("/account", "/account/language", locale="").status_code == 302


def test_a_language_that_there_is_not_is_refused_in_a_sentence(small: SmallHouse) -> None:
    erin = small.signed_in("erin")
    answer = erin.submit("/account", "/account/language", locale="xx")
    assert answer.status_code == 400
    assert "is not a choice" in answer.text
