"""The command line: results on stdout, one plain sentence when refused, and each user's own rows."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from app.assembly import open_application_database
from app.cli import main
from app.config import read_settings
from app.models.event import AuditEvent

LONG = "a long enough password"


@dataclass(frozen=True)
class Told:
    """What a command left behind."""

    code: int
    out: str
    err: str


Salient = Callable[..., Told]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace into which our own templates were imported."""
    folder = tmp_path_factory.mktemp("cli")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SALIENT_HOME", str(folder / "workspace"))
        for words in (["templates", "write", str(folder / "mine")], ["import", "template", str(folder / "mine")]):
            patch.setattr(sys, "argv", ["salient", *words])
            with pytest.raises(SystemExit) as left:
                main()
            assert left.value.code == 0
    return folder / "workspace"


@pytest.fixture
def salient(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Salient:
    """Run `salient WORDS…` in the workspace."""

    def run(*words: str, typed: str = "", home: str = str(home)) -> Told:
        monkeypatch.setenv("SALIENT_HOME", home)
        monkeypatch.setenv("SALIENT_TODAY", "2026-02-03")
        monkeypatch.setattr(sys, "argv", ["salient", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return Told(int(left.value.code or 0), out, err)

    return run


def test_a_figure_is_asked_for_and_told(salient: Salient) -> None:
    told = salient("ask", "net_sales,orders", "--by", "region")
    assert told.code == 0
    assert "€911.50" in told.out
    assert "Total" in told.out


def test_a_member_is_named_by_key_or_name_whatever_the_case(salient: Salient) -> None:
    by_name = salient("ask", "net_sales", "--where", "customer=nordlicht GMBH", "--format", "json")
    by_key = salient("ask", "net_sales", "--where", "customer=c-1", "--format", "json")
    assert json.loads(by_name.out)["rows"] == json.loads(by_key.out)["rows"] == [{"net_sales": "911.50"}]


def test_csv_is_plain_and_money_is_rounded_to_the_cent(salient: Salient) -> None:
    rows = list(csv.DictReader(io.StringIO(salient("ask", "net_sales", "--by", "customer", "--format", "csv").out)))
    assert {row["customer_key"]: row["net_sales"] for row in rows} == {"C-1": "911.50", "C-2": "68.36"}
    assert {row["currency"] for row in rows} == {"EUR"}


def test_json_says_the_same_figures_as_the_csv(salient: Salient) -> None:
    asked = ("ask", "net_sales,average_order_value,margin_rate,orders", "--by", "customer", "--format")
    by_csv = list(csv.DictReader(io.StringIO(salient(*asked, "csv").out)))
    by_json = json.loads(salient(*asked, "json").out)["rows"]
    for plain, typed in zip(by_csv, by_json, strict=True):
        assert typed.pop("customer")["key"] == plain["customer_key"]
        assert {name: plain[name] for name in typed} == {name: str(value) for name, value in typed.items()}


def test_rows_beyond_a_limit_are_one_row_that_adds_up(salient: Salient) -> None:
    asked = ("ask", "net_sales,orders", "--by", "customer", "--limit", "1")
    table = salient(*asked).out.splitlines()
    assert [line.split("  ")[0] for line in table[2:]] == ["Nordlicht GmbH", "Others", "Total"]
    answer = json.loads(salient(*asked, "--format", "json").out)
    assert answer["others"] == {"net_sales": "68.36", "orders": 1, "count": 1}
    assert answer["rows"][0]["orders"] + answer["others"]["orders"] == answer["totals"]["orders"]
    rows = list(csv.DictReader(io.StringIO(salient(*asked, "--format", "csv").out)))
    assert [(row["customer_key"], row["net_sales"]) for row in rows] == [("C-1", "911.50"), ("", "68.36")]
    assert json.loads(salient("ask", "net_sales", "--by", "customer", "--format", "json").out)["others"] is None


def test_an_unknown_metric_is_refused_with_the_nearest_name(salient: Salient) -> None:
    told = salient("ask", "net_sale")
    assert (told.code, told.out) == (1, "")
    assert "net_sales" in told.err
    assert told.err.count("\n") == 1


def test_wrong_usage_is_two(salient: Salient) -> None:
    assert salient("ask").code == 2
    assert salient("ask", "net_sales", "--basis", "guessed").code == 2


@pytest.mark.parametrize("where", ["customer", "customer=nobody", "planet=mars"])
def test_a_filter_that_means_nothing_is_refused(salient: Salient, where: str) -> None:
    told = salient("ask", "net_sales", "--where", where)
    assert told.code == 1
    assert told.err.count("\n") == 1


def test_otto_gets_nothing_and_a_rep_gets_her_own(salient: Salient) -> None:
    assert salient("user", "add", "otto@company.example", typed=f"{LONG} otto\n").code == 0
    hanna = ("--role", "rep", "--rep", "R-1", "--name", "Hanna Berg")
    assert salient("user", "add", "hanna@company.example", *hanna, typed=f"{LONG} one\n").code == 0
    otto = salient("ask", "net_sales", "--by", "customer", "--as", "otto@company.example", "--format", "json")
    assert json.loads(otto.out)["rows"] == []
    own = salient("ask", "net_sales", "--by", "customer", "--as", "hanna@company.example", "--format", "json")
    assert [row["customer"]["key"] for row in json.loads(own.out)["rows"]] == ["C-1"]
    assert salient("ask", "margin", "--as", "hanna@company.example").code == 1
    assert salient("ask", "net_sales", "--as", "nobody@company.example").code == 1
    listed = salient("user", "list").out
    assert "Hanna Berg" in listed
    assert "R-1" in listed


def test_importing_again_changes_nothing_and_says_so(salient: Salient, home: Path) -> None:
    before = salient("warehouse", "versions").out
    told = salient("import", "template", str(home.parent / "mine"))
    assert told.code == 0
    assert "unchanged" in told.err
    assert salient("warehouse", "versions").out == before
    heads, _, last, *_ = (line.split() for line in salient("imports").out.splitlines())
    assert heads[5:10] == ["in", "loaded", "new", "changed", "unchanged"]
    # The day and the time of "when" stand apart, as do the words of "rows in".
    assert last[4] == "unchanged"
    assert last[6:9] == ["0", "0", "0"]
    assert int(last[9]) > 0
    assert f"0 new, 0 changed, {last[9]} unchanged" in salient("imports", last[0]).out


def test_who_goes_back_to_the_demo_is_told_which_state_stands_and_what_replaces_it_again(
    salient: Salient, home: Path, tmp_path: Path
) -> None:
    elsewhere, mine = str(tmp_path / "workspace"), str(home.parent / "mine")
    assert salient("demo", "build", "--lines", "12000", home=elsewhere).code == 0
    for _ in range(2):
        assert "replaced the demo company" in salient("import", "template", mine, home=elsewhere).err
        assert salient("warehouse", "rollback", "1", home=elsewhere).code == 0
        rows = [line.split() for line in salient("warehouse", "versions", home=elsewhere).out.splitlines()[2:]]
        assert [row[0] for row in rows if row[-1] == "current"] == ["1"]


def test_a_dry_run_changes_nothing(salient: Salient, home: Path) -> None:
    before = salient("warehouse", "versions").out
    assert salient("import", "template", str(home.parent / "mine"), "--dry-run").code == 0
    assert salient("warehouse", "versions").out == before


def test_the_catalogue_lists_what_can_be_asked(salient: Salient) -> None:
    entries = json.loads(salient("catalogue", "--format", "json").out)
    ids = {(entry["kind"], entry["id"]) for entry in entries}
    assert {("metric", "net_sales"), ("dimension", "region"), ("dashboard", "overview")} <= ids
    assert ("panel", "overview/cumulative") in ids


def test_the_catalogue_is_a_table_for_people(salient: Salient) -> None:
    told = salient("catalogue")
    assert told.code == 0, told.err
    rows = [line.split() for line in told.out.splitlines()]
    assert ["hierarchy", "place", "market", ">", "country", ">", "region", ">", "state", ">", "city"] in rows
    found = {(row[0], row[1]) for row in rows if len(row) > 1}
    entries = json.loads(salient("catalogue", "--format", "json").out)
    assert {(entry["kind"], entry["id"]) for entry in entries} <= found


def test_a_panel_is_explained_with_its_sql(salient: Salient) -> None:
    whole = salient("explain", "/d/overview?period=2026")
    assert whole.code == 0
    panel = whole.out.split("── ")[1].split(":")[0]
    alone = salient("explain", "/d/overview?period=2026", "--panel", panel)
    assert "SELECT" in alone.out
    assert len(alone.out) < len(whole.out)
    assert salient("explain", "/d/overview", "--panel", "nothing").code == 1
    assert salient("explain", "/d/nowhere").code == 1


def test_every_setting_is_listed_and_no_secret_shown(salient: Salient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALIENT_SECRET_KEY", "do-not-show-this")
    told = salient("settings")
    assert "SALIENT_HOME=" in told.out
    assert "do-not-show-this" not in told.out


def test_the_doctor_finds_this_workspace_well(salient: Salient) -> None:
    told = salient("doctor")
    assert told.code == 0, told.out
    assert "BAD" not in told.out


def test_what_is_done_to_the_warehouse_stands_in_the_ledger(
    salient: Salient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert salient("templates", "write", str(tmp_path / "mine")).code == 0
    home = str(tmp_path / "workspace")
    steps = (
        ("demo", "build", "--lines", "2000"),
        ("import", "template", str(tmp_path / "mine"), "--dry-run"),
        ("import", "template", str(tmp_path / "mine")),
        ("warehouse", "compact"),
        ("warehouse", "rollback"),
        ("warehouse", "rollback", "77"),
    )
    codes = [salient(*words, home=home).code for words in steps]
    assert codes == [0, 0, 0, 0, 0, 1]
    monkeypatch.setenv("SALIENT_HOME", home)
    with open_application_database(read_settings()).read() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.actor == "cli").order_by(AuditEvent.sequence))
        told = [(event.action, event.subject, event.detail) for event in events]
    assert [action.removeprefix("warehouse.") for action, _, _ in told] == [
        "demo_built", "imported", "compacted", "rolled_back",
    ]  # fmt: skip
    _, subject, detail = told[1]
    assert (subject, detail["mapping"], detail["source"]) == ("import:1", "template", str(tmp_path / "mine"))
    assert detail["new"] > 0
    assert [detail["generation"] for _, _, detail in told][:3] == [1, 2, 3]


def test_the_doctor_names_what_a_killed_import_left_and_the_scheduler_removes_it(salient: Salient, home: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    folder = home / "warehouse" / "imports"
    killed, running = folder / f"work-{ended.pid}-a", folder / f"work-{os.getpid()}-b"
    killed.mkdir()
    running.mkdir()
    assert "imports: 1 killed before the end left files behind" in salient("doctor").out
    assert salient("schedule", "--once").code == 0
    assert (killed.exists(), running.exists()) == (False, True)
    assert "imports: none was killed" in salient("doctor").out
    running.rmdir()


def test_a_view_is_printed_to_a_file_or_to_whoever_reads(salient: Salient, tmp_path: Path) -> None:
    told = salient("print", "/d/overview?period=all", "--format", "csv", "--out", str(tmp_path))
    assert told.code == 0, told.err
    text = (tmp_path / "overview.csv").read_text(encoding="utf-8")
    assert "Control total net_sales" in text
    assert "overview.csv" in told.err
    one = salient(
        "print", "/d/overview/top-customers?period=all", "--format", "csv", "--out", str(tmp_path / "one.csv")
    )
    assert one.code == 0
    assert (tmp_path / "one.csv").read_text(encoding="utf-8").startswith("customer_key,")
    assert salient("print", "/d/nothing", "--format", "csv", "--out", str(tmp_path)).code == 1
    assert salient("print", "/d/overview", "--format", "doc").code == 2
    assert salient("print", "/reports/none", "--format", "csv").code == 1
    nowhere = salient("print", "/d/overview", "--format", "csv", "--out", str(tmp_path / "no" / "x.csv"))
    assert (nowhere.code, "cannot be written" in nowhere.err) == (1, True)


def test_a_schedule_is_added_listed_and_run_at_the_command_line(salient: Salient) -> None:
    salient("user", "add", "dirk@example.com", "--role", "director", typed=f"{LONG}\n")
    made = ("schedule", "add", "Monday figures", "/d/overview", "--as", "dirk@example.com", "--format", "csv")
    told = salient(*made, "--when", "weekly on monday at 07:00", "--to", "dirk@example.com", "--zone", "Europe/Berlin")
    assert told.code == 0, told.err
    assert "07:00" in told.err
    number = told.out.strip()
    listed = salient("schedule", "list", "--as", "dirk@example.com")
    assert number in listed.out
    assert "Monday figures" in listed.out
    assert salient("schedule", "run", number, "--as", "dirk@example.com").code == 0
    assert salient("schedule", "--once").code == 0
    for wrong in (("--when", "never", "--to", "dirk@example.com"), ("--when", "0 7 * * 1", "--to", "ann@example.com")):
        refused = salient(*made, *wrong)
        assert refused.code == 1
        assert refused.err.strip().count("\n") == 0
    assert salient("schedule", "run", "nothing", "--as", "dirk@example.com").code == 1


def test_a_token_is_made_listed_and_taken_away_at_the_command_line(salient: Salient) -> None:
    assert salient("user", "add", "nora@x.example", "--role", "rep", typed=f"{LONG}\n").code == 0
    made = salient("token", "create", "nora@x.example", "--name", "Nightly", "--scopes", "read, rows", "--days", "7")
    assert (made.code, made.out[:4], len(made.out.strip())) == (0, "sal_", 54)
    listed = salient("token", "list").out
    assert "Nightly" in listed
    assert "active" in listed
    assert made.out.strip() not in listed + made.err
    token_id = made.out[4:16]
    assert salient("token", "revoke", token_id).code == 0
    assert "taken away" in salient("token", "list").out
    assert salient("token", "revoke", "nosuchtoken0").code == 1
    for scopes, email in (("ingest", "nora@x.example"), ("all", "nora@x.example"), ("read", "nobody@x.example")):
        refused = salient("token", "create", email, "--name", "More", "--scopes", scopes)
        assert (refused.code, refused.out) == (1, "")


def test_an_embed_is_made_listed_and_taken_away_at_the_command_line(salient: Salient) -> None:
    salient("user", "add", "dora@example.com", "--role", "director", typed=f"{LONG}\n")
    made = ("embed", "create", "https://s.example/d/overview?period=2025", "--as", "dora@example.com")
    site = ("--origin", "https://portal.example.com")
    told = salient(*made, *site, "--where", "customer=acme,beta", "--capabilities", "drill, rows", "--days", "30")
    assert (told.code, "/embed/" in told.out) == (0, True), told.err
    number = told.out.strip().rpartition("/")[2]
    listed = salient("embed", "list", "--as", "dora@example.com").out
    assert number in listed
    assert "https://portal.example.com" in listed
    assert salient("embed", "revoke", number, "--as", "dora@example.com").code == 0
    assert "revoked" in salient("embed", "list", "--as", "dora@example.com").out
    for wrong in (
        ("--origin", "*"),
        (*site, "--where", "1=1"),
        (*site, "--capabilities", "admin"),
        (*site, "--key", "x"),
    ):
        refused = salient(*made, *wrong)
        assert refused.code == 1
        assert refused.err.strip().count("\n") == 0
    salient("user", "add", "ron@example.com", "--role", "rep", typed=f"{LONG}\n")
    assert salient(*made[:3], "--as", "ron@example.com", *site).code == 1
