"""Settings: a wrong one stops the start with one sentence that names it."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from app.assembly import open_warehouse
from app.config import Settings, described, is_secret, read_settings
from app.running import refuse_weak
from app.values.errors import Invalid
from queries.warehouse.engines.duckdb import DuckDBEngine


def test_nothing_set_is_a_workspace_in_this_folder() -> None:
    settings = read_settings({})
    assert settings.home == Path("workspace")
    assert settings.database.endswith("/workspace/app.db")
    assert settings.port == 8050


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "salient.toml").write_text('port = 9000\ntoday = "2013-06-17"\nreporting_currencies = ["usd", "GBP"]\n')
    settings = read_settings({"SALIENT_HOME": str(tmp_path), "SALIENT_PORT": "9001"})
    assert (settings.port, settings.today, settings.reporting_currencies) == (9001, date(2013, 6, 17), ("USD", "GBP"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SALIENT_HOME", "/tmp/where?/workspace"),
        ("SALIENT_PORT", "http"),
        ("SALIENT_PORT", "70000"),
        ("SALIENT_TODAY", "17.06.2013"),
        ("SALIENT_CURRENCY", "euro"),
        ("SALIENT_FISCAL_YEAR_START", "13"),
        ("SALIENT_EXTERNAL_URL", "sales.example.com"),
        ("SALIENT_DEMO_PASSWORD", "short"),
        ("SALIENT_WAREHOUSE_URL", "duckdb"),
        ("SALIENT_SMTP_URL", "mail.example.com:587"),
        ("SALIENT_SMTP_URL", "smtp://mail.example.com?starttls=perhaps"),
        ("SALIENT_MAIL_FROM", "Salient <salient@example.com>, otto@example.com"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(Invalid, match=name):
        read_settings({name: value})


def test_a_setting_that_does_not_exist_is_named() -> None:
    with pytest.raises(Invalid, match="SALIENT_PROT"):
        read_settings({"SALIENT_PROT": "8050"})


def test_the_warehouse_takes_as_many_threads_as_the_operator_gives_it(tmp_path: Path) -> None:
    for given, threads in (("1", 1), ("3", 3), ("0", os.cpu_count())):
        engine = open_warehouse(read_settings({"SALIENT_HOME": str(tmp_path), "SALIENT_THREADS": given}))
        assert isinstance(engine, DuckDBEngine)
        assert engine.threads == threads
        engine.close()


def test_every_setting_has_a_meaning() -> None:
    assert all(meaning.endswith(".") for _, meaning, _ in described())
    assert is_secret("SALIENT_SECRET_KEY")
    assert not is_secret("SALIENT_PORT")


FIT = {"secret_key": "k3y-0123456789-abcdefghijklmnopqrs", "external_url": "https://sales.example.com"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"demo": True}, "SALIENT_DEMO"),
        ({"secret_key": None}, "SALIENT_SECRET_KEY"),
        ({"secret_key": "short"}, "SALIENT_SECRET_KEY"),
        ({"secret_key": "a" * 40}, "SALIENT_SECRET_KEY"),
        ({"external_url": None}, "SALIENT_EXTERNAL_URL"),
        ({"external_url": "http://sales.example.com"}, "SALIENT_EXTERNAL_URL"),
    ],
)
def test_production_refuses_weak_settings(change: dict[str, object], named: str) -> None:
    refuse_weak(Settings(**FIT))  # type: ignore[arg-type]
    with pytest.raises(Invalid, match=named):
        refuse_weak(Settings(**{**FIT, **change}))  # type: ignore[arg-type]
