"""Settings: what can be set, what it means, and where it comes from (the environment over `salient.toml`)."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from app.values.addresses import MailServer, Sender
from app.values.calendar import Calendar
from app.values.errors import Invalid

T = TypeVar("T")


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("it is empty")
    return value.strip()


def _number(value: str) -> int:
    try:
        number = int(value)
    except ValueError:
        raise ValueError("it must be a whole number") from None
    if number < 0:
        raise ValueError("it must not be negative")
    return number


def _port(value: str) -> int:
    port = _number(value)
    if not 0 < port < 65536:
        raise ValueError("it must be a port from 1 to 65535")
    return port


def _month(value: str) -> int:
    month = _number(value)
    if not 1 <= month <= 12:
        raise ValueError("it must be a month from 1 to 12")
    return month


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("it must be a day written YYYY-MM-DD") from None


def _currency(value: str) -> str:
    code = value.strip().upper()
    if len(code) != 3 or not code.isalpha():
        raise ValueError("it must be a three-letter currency code")
    return code


def _currencies(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_currency(code) for code in value.split(",") if code.strip()))


def _choice(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"it must be one of {', '.join(allowed)}")
        return value

    return parse


def _folder(value: str) -> Path:
    folder = Path(value)
    if not folder.is_dir():
        raise ValueError("it must be a folder that is there")
    return folder


def _url(value: str) -> str:
    if "://" not in value:
        raise ValueError("it must be a URL with a scheme")
    return value


def _web_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it must be an http or https address")
    return value.rstrip("/")


def _mail_server(value: str) -> str:
    return _as_setting(MailServer.parse, value)


def _sender(value: str) -> str:
    return _as_setting(Sender.parse, value)


def _as_setting(parse: Callable[[str], object], value: str) -> str:
    """The text as it was set, once it can be understood."""
    try:
        parse(value.strip())
    except Invalid as refusal:
        raise ValueError(refusal.sentence.removesuffix(".")) from None
    return value.strip()


def _hosts(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(host.strip().lower() for host in value.split(",") if host.strip()))


def _password(value: str) -> str:
    if len(value) < 8:
        raise ValueError("it must have at least 8 characters")
    return value


def _setting(parse: Callable[[str], Any], default: Any, meaning: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"parse": parse, "meaning": meaning, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """Every setting of one workspace; each is `SALIENT_<NAME>` in the environment, `<name>` in salient.toml."""

    home: Path = _setting(
        Path, Path("workspace"), "The workspace folder: one company's databases, documents and cache."
    )
    database_url: str | None = _setting(
        _url, None, "The application database (SQLite or PostgreSQL); default app.db in the workspace."
    )
    warehouse_url: str | None = _setting(
        _url, None, "The warehouse (DuckDB or PostgreSQL); default DuckDB files in the workspace."
    )
    redis_url: str | None = _setting(
        _url, None, "Redis for the cache; without it a file cache in the workspace is used."
    )
    secret_key: str | None = _setting(
        _text,
        None,
        "The key that signs cookies and cache entries; made and kept in the workspace if missing.",
        secret=True,
    )
    external_url: str | None = _setting(
        _web_url, None, "The address people type, e.g. https://sales.example.com; needed by `salient serve`."
    )
    host: str = _setting(
        _text, "127.0.0.1", "The address `salient serve` listens on; `salient run` is always loopback."
    )
    port: int = _setting(_port, 8050, "The port to listen on.")
    today: date | None = _setting(_day, None, "Fixes today, for tests, demos and old data.")
    zone: str = _setting(_text, "UTC", "The company's time zone, e.g. Europe/Berlin.")
    locale: str = _setting(_text, "en", "The language and number style, e.g. en, de, fr.")
    currency: str | None = _setting(
        _currency, None, "The company currency; default what the mapping declares, EUR for the demo."
    )
    reporting_currencies: tuple[str, ...] = _setting(
        _currencies, (), "Further currencies that figures may be shown in, e.g. USD,GBP."
    )
    fiscal_year_start: int = _setting(_month, 1, "The month the fiscal year starts in, 1 to 12.")
    fiscal_year_label: str = _setting(
        _choice("ends", "starts"), "ends", "A fiscal year is named by the calendar year it ends or starts in."
    )
    fiscal_pattern: str = _setting(
        _choice("gregorian", "445", "454", "544"),
        "gregorian",
        "Fiscal months: calendar months, or weeks in a 4-4-5, 4-5-4 or 5-4-4 pattern.",
    )
    fonts: Path | None = _setting(
        _folder, None, "A folder of further fonts for papers: Latin, Greek and Cyrillic letters are there without it."
    )
    demo: bool = _setting(
        lambda value: _choice("0", "1")(value) == "1",
        False,
        "Demo mode: one-click sign-in as a persona; refused in production.",
    )
    demo_password: str | None = _setting(
        _password, None, "The personas' password; a random one is made if missing.", secret=True
    )
    demo_lines: int = _setting(_number, 300_000, "How many order lines the demo company has.")
    threads: int = _setting(_number, 0, "Threads the embedded warehouse may use per process; 0 is one for each core.")
    memory: str = _setting(_text, "4GB", "Memory the embedded warehouse may use per process.")
    query_seconds: int = _setting(_number, 30, "Queries are stopped in the engine after this many seconds.")
    cache_megabytes: int = _setting(_number, 256, "How much the file cache may hold.")
    import_max_rows: int = _setting(_number, 0, "Most rows one import from the command line may have; 0 is no limit.")
    import_max_bytes: int = _setting(_number, 0, "Most bytes one import from the command line may have; 0 is no limit.")
    metrics_token: str | None = _setting(
        _text,
        None,
        "Bearer token for the details of /readyz and for /metrics from elsewhere than loopback.",
        secret=True,
    )
    smtp_url: str | None = _setting(
        _mail_server,
        None,
        "The mail server: smtp://name:password@host:587 (STARTTLS required; ?starttls=optional or none)"
        " or smtps://name:password@host:465; without it mails are kept in the workspace's outbox.",
        secret=True,
    )
    mail_from: str | None = _setting(
        _sender,
        None,
        "Whom mails are from, e.g. `Salient <salient@example.com>`; default salient@ the external address.",
    )
    mail_megabytes: int = _setting(
        _number, 10, "The most megabytes of files a mail may carry; what is larger is sent as a link."
    )
    csv: str = _setting(
        _choice("programs", "spreadsheets"),
        "programs",
        "Whom CSV files of views are for: programs (commas, points), or spreadsheets (a mark that tells UTF-8, and the "
        "separators of the reader's language).",
    )
    hook_hosts: tuple[str, ...] = _setting(
        _hosts, (), "Hosts in private networks that messages may be posted to, e.g. chat.example.internal."
    )
    graphql: bool = _setting(
        lambda value: _choice("0", "1")(value) == "1",
        False,
        "Answers GraphQL at /graphql, to tokens and to those who are signed in.",
    )
    mcp: bool = _setting(
        lambda value: _choice("0", "1")(value) == "1",
        False,
        "Answers AI assistants at /mcp, to tokens only; `salient mcp` works without it.",
    )
    document_workers: int = _setting(
        _number, 2, "Processes of the scheduler that draw documents; 0 draws them in the scheduler itself."
    )
    document_seconds: int = _setting(_number, 120, "How long one recipient group's documents may take to draw.")
    document_megabytes: int = _setting(_number, 1_500, "The most megabytes a process that draws documents may grow to.")
    api_per_minute: int = _setting(
        _number, 600, "Requests that a token, or a signed-in person, may send to the API in a minute; 0 is no limit."
    )
    embed_per_minute: int = _setting(
        _number, 600, "Frames that one address may open in a minute, and a tenth of those of one embed; 0 is no limit."
    )
    trusted_proxies: int = _setting(_number, 0, "How many proxies in front of Salient may set forwarded headers.")

    def calendar(self) -> Calendar:
        """The company's calendar."""
        return Calendar(
            fiscal_start_month=self.fiscal_year_start,
            fiscal_label=self.fiscal_year_label,  # type: ignore[arg-type]
            pattern=self.fiscal_pattern,  # type: ignore[arg-type]
        )

    @property
    def origin(self) -> str:
        """Where people reach Salient, without a path: what links in papers and mails begin with."""
        return (self.external_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def database(self) -> str:
        """The application database's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.home.resolve() / 'app.db'}"


def described() -> tuple[tuple[str, str, object], ...]:
    """Every setting as (environment name, meaning, default), in the order of declaration."""
    return tuple((f"SALIENT_{f.name.upper()}", f.metadata["meaning"], f.default) for f in fields(Settings))


def is_secret(environment_name: str) -> bool:
    """Whether the setting's value must not be shown."""
    name = environment_name.removeprefix("SALIENT_").lower()
    return any(f.name == name and f.metadata["secret"] for f in fields(Settings))


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environment` (default: the process's) over `salient.toml` in the workspace.

    Raises Invalid, naming the setting, for a value that cannot be understood or a name that does not exist.
    """
    environment = os.environ if environment is None else environment
    home = Path(environment.get("SALIENT_HOME", "workspace"))
    if "?" in str(home.resolve()):
        # The address of a database file ends there.
        reason = "its path may hold no question mark"
        raise Invalid("The setting {where} cannot be used: {error}.", where="SALIENT_HOME", error=reason)
    given = {**_from_file(home / "salient.toml"), **_from_environment(environment)}
    values: dict[str, Any] = {}
    for f in fields(Settings):
        if f.name not in given:
            continue
        where, text = given[f.name]
        try:
            values[f.name] = f.metadata["parse"](text)
        except ValueError as error:
            raise Invalid("The setting {where} cannot be used: {error}.", where=where, error=error) from None
    return Settings(**{**values, "home": home})


_NOT_SETTINGS = frozenset({"SALIENT_FAILPOINT", "SALIENT_SHARED_DATA", "SALIENT_SOAK", "SALIENT_TOKEN"})
"""Variables that only tests use, and the token of whoever lets an assistant ask."""


def _from_environment(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    known = {f.name for f in fields(Settings)}
    given = {}
    for name, text in environment.items():
        if not name.startswith("SALIENT_") or name in _NOT_SETTINGS:
            continue
        field_name = name.removeprefix("SALIENT_").lower()
        if field_name not in known:
            raise Invalid("There is no setting {name}. `salient settings` lists them.", name=name)
        given[field_name] = (name, text)
    return given


def _from_file(path: Path) -> dict[str, tuple[str, str]]:
    if not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid("The settings file {path} cannot be read: {error}.", path=path, error=error) from None
    known = {f.name for f in fields(Settings)}
    given = {}
    for name, value in table.items():
        if name not in known:
            raise Invalid("There is no setting {name} ({path}). `salient settings` lists them.", name=name, path=path)
        text = (
            ",".join(map(str, value))
            if isinstance(value, list)
            else str(int(value) if isinstance(value, bool) else value)
        )
        given[name] = (f"{name} in {path}", text)
    return given
