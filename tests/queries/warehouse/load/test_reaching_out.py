"""A mapping written by somebody else: whatever its expressions try, they read their own sources and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from app.values.errors import Invalid
from queries.warehouse.engines.engine import Engine
from queries.warehouse.load import load
from queries.warehouse.load.mappings import parse_mapping
from queries.warehouse.load.workshop import shut, working_connection
from tests.queries.warehouse.load.tables import line, shop, tried, warehouse_of

TEMPLATE = """
name = "stranger"
description = "A mapping somebody sent us"
currency = "EUR"
[sources]
s = "sales"
j = "customers"
[[feed]]
table = "sales_line"
from = "s"
where = {where}
control = {control}
[feed.join]
j = {join}
[feed.let]
shared = {let}
[feed.columns]
line_key = "s.document_number || '/' || s.line_number"
document_key = "s.document_number"
document_type = "'invoice'"
document_number = "s.document_number"
line_number = "1"
order_date = "day(s.order_date)"
currency_key = "'EUR'"
customer_key = "j.customer"
chain_id = {column}
quantity = "1"
unit_price = "money(s.unit_price)"
gross = "money(s.unit_price)"
net = "money(s.unit_price)"
[[feed.rules]]
require = "it holds"
that = {rule}
[[feed]]
table = "customer"
from = "j"
distinct = true
latest = {latest}
columns = {{ customer_key = "j.customer", customer = "j.name" }}
"""
HARMLESS = {
    "where": "s.currency = 'EUR'",
    "control": "money(s.unit_price)",
    "join": "j.customer = s.customer",
    "let": "clean(s.product)",
    "column": "let.shared",
    "rule": "s.quantity = '2'",
    "latest": "j.name",
}


def written(**slots: str) -> str:
    """The mapping's file, with these of its expressions."""
    return TEMPLATE.format(**{slot: json.dumps(text) for slot, text in (HARMLESS | slots).items()})


@dataclass(frozen=True)
class Company:
    """A warehouse with data, and a folder beside it that is nobody's business."""

    home: Path
    engine: Engine
    source: Path
    private: Path

    def files(self) -> dict[str, str]:
        """Every file of the warehouse and of the private folder, by its content."""
        found = [*(self.home / "warehouse").rglob("*"), *self.private.rglob("*")]
        return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in found if file.is_file()}

    def filled(self, text: str) -> str:
        """An attack with the places it goes for."""
        return text.replace("WAREHOUSE", str(self.home / "warehouse")).replace("PRIVATE", str(self.private))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("stranger")
    source, private = shop(folder / "source", [line()]), folder / "private"
    private.mkdir()
    (private / "secret.txt").write_text("the salary list", encoding="utf-8")
    (private / "secret.csv").write_text("name,salary\nRita,1\n", encoding="utf-8")
    with duckdb.connect() as writer:
        writer.execute(f"copy (select 1 as salary) to '{private / 'secret.parquet'}'")
    engine = warehouse_of(folder / "home")
    load(engine, "template", source, home=folder / "home")
    yield Company(folder / "home", engine, source, private)
    engine.close()


def refused(company: Company, **slots: str) -> str:
    """The sentence with which the mapping is refused, after a look that no file has changed or come."""
    before = company.files()
    text = written(**{slot: company.filled(attack) for slot, attack in slots.items()})
    try:
        with pytest.raises(Invalid) as raised:
            load(company.engine, parse_mapping(text, "stranger.toml"), company.source, home=company.home)
    finally:
        assert company.files() == before
    assert "the salary list" not in raised.value.sentence
    return raised.value.sentence


def test_without_an_attack_the_mapping_loads(company: Company) -> None:
    text = written()
    report = load(None, parse_mapping(text, "own.toml"), company.source, home=company.home, dry_run=True)
    assert [(feed.rows_in, feed.loaded) for feed in report.feeds] == [(1, 1), (3, 3)]


TABLES = {
    "a text file": "(select content from read_text('PRIVATE/secret.txt'))",
    "bytes": "(select max(content)::varchar from read_blob('PRIVATE/*'))",
    "a CSV": "(select max(salary) from read_csv('PRIVATE/secret.csv'))",
    "a sniffed CSV": "(select max(columns) from sniff_csv('PRIVATE/secret.csv'))",
    "a Parquet file": "(select max(salary) from read_parquet('PRIVATE/secret.parquet'))",
    "a Parquet file's own words": "(select max(path_in_schema) from parquet_metadata('PRIVATE/secret.parquet'))",
    "JSON": "(select max(json) from read_json_objects('PRIVATE/secret.txt'))",
    "names of files": "(select max(file) from glob('WAREHOUSE/*'))",
    "a file as a table": "(select max(salary) from 'PRIVATE/secret.parquet')",
    "a file as a quoted table": '(select max(salary) from "PRIVATE/secret.csv")',
    "a file of the warehouse": "(select max(line_key) from 'WAREHOUSE/base-1.parquet')",
    "a file first": "(from 'PRIVATE/secret.parquet' select max(salary))",
    "a table by itself": '(table "PRIVATE/secret.parquet")',
    "a description": "(select max(column_name) from (describe 'PRIVATE/secret.parquet'))",
    "a summary": "(select max(column_name) from (summarize 'PRIVATE/secret.parquet'))",
    "a list of tables": "(select max(name) from (show all tables))",
    "a pivot": "(select max(x) from (pivot 'PRIVATE/secret.parquet' on salary in (1) using count(*)) as p(x))",
    "an unpivot": "(select max(v) from (unpivot 'PRIVATE/secret.parquet' on salary into name n value v))",
    "a query in a text": "(select max(salary) from query('from ''PRIVATE/secret.parquet'''))",
    "a table in a text": "(select max(salary) from query_table('PRIVATE/secret.parquet'))",
    "a serialised query": "(select max(x) from json_execute_serialized_sql(json_serialize_sql('select 1')) as q(x))",
    "a common table": "(with c as (from read_text('PRIVATE/secret.txt')) select max(content) from c)",
    "a common table in our name": "(with source_s as (from 'PRIVATE/secret.csv') select max(salary) from source_s)",
    "a recursion": "(with recursive c as (select 1 n union all select n + 1 from c where n < 3) select max(n) from c)",
    "a file beside the source": "(select max(content) from source_s, read_text('PRIVATE/secret.txt'))",
    "a file joined to the source": "(select max(t.salary) from source_s join 'PRIVATE/secret.csv' as t on true)",
    "a file that depends on the row": "(select max(content) from source_s, lateral read_text('PRIVATE/' || customer))",
    "a file in a union": "(select customer from source_s union select content from read_text('PRIVATE/secret.txt'))",
    "a file in a condition": "exists (from 'PRIVATE/secret.csv')::varchar",
    "a file in a list": "(s.customer in (select name from 'PRIVATE/secret.csv'))::varchar",
    "a file deep down": "(select max(a) from (select (select max(salary) from 'PRIVATE/secret.csv') as a))",
    "a file in a lambda": "list_transform([1], lambda x: (select max(salary) from 'PRIVATE/secret.csv'))::varchar",
    "a file in a window": "max(s.customer) over (order by (select max(salary) from 'PRIVATE/secret.csv'))",
    "a file in a filter": "count(*) filter (exists (from 'PRIVATE/secret.csv')) over ()",
    "a file inside a reader": "money((select max(salary)::varchar from 'PRIVATE/secret.csv'))",
    "a file inside a macro": "clean((select content from read_text('PRIVATE/secret.txt')))",
    "the settings": "(select max(value) from duckdb_settings())",
    "the secrets": "(select max(name) from duckdb_secrets())",
    "the databases": "(select max(path) from duckdb_databases())",
    "a pragma as a table": "(select max(file) from pragma_database_list())",
    "the catalogue": "(select max(table_name) from information_schema.tables)",
    "the catalogue, quoted": '(select max(table_name) from "information_schema"."tables")',
    "what is staged": '(select max(customer_key) from "stage"."customer")',
    "a table made by the load": "(select max(member) from known_customer)",
    "a source the feed has not": "(select max(product) from source_products)",
}


@pytest.mark.parametrize("name", TABLES)
def test_an_expression_reads_no_table_and_no_file_but_its_sources(company: Company, name: str) -> None:
    sentence = refused(company, column=TABLES[name])
    assert "reads what is not among its sources" in sentence or "no source called" in sentence


FUNCTIONS = {
    "getenv": "getenv('HOME')",
    "current_setting": "current_setting('allowed_directories')",
    "getvariable": "getvariable('x')",
    "current_query": "current_query()",
    "current_database": "current_database()",
    "write_log": "write_log(s.customer)",
    "nextval": "nextval('x')",
    "sleep_ms": "sleep_ms(1)",
    "random": "random()::varchar",
    "uuid": "uuid()",
    "pg_get_viewdef": "pg_get_viewdef(1)",
    "read_text": "read_text('PRIVATE/secret.txt')",
    "glob": "glob('PRIVATE/*')",
    "json_deserialize_sql": "json_deserialize_sql(json_serialize_sql('select 1'))",
    "st_read": "st_read('PRIVATE/secret.csv')",
    "http_get": "http_get('http://localhost/')",
    "load_extension": "load_extension('httpfs')",
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_expression_calls_no_function_that_is_unknown_or_tells_of_the_machine(company: Company, name: str) -> None:
    assert f"{name}()" in refused(company, column=FUNCTIONS[name])


def test_a_function_is_known_by_its_name_however_it_is_called(company: Company) -> None:
    for written in (
        "('allowed_directories').current_setting()",
        '"system"."main"."current_setting"(\'allowed_directories\')',
        "CURRENT_SETTING('allowed_directories')",
        "clean(current_setting('allowed_directories'))",
        "list_transform(['a'], lambda x: current_setting(x))::varchar",
        "(select current_setting('allowed_directories'))",
    ):
        assert "current_setting()" in refused(company, column=written), written


OUTBREAKS = {
    "copies the warehouse away": "copy (select 1) to 'PRIVATE/taken.csv'",
    "writes into the warehouse": "copy (select 1) to 'WAREHOUSE/CURRENT'",
    "attaches a database": "attach 'WAREHOUSE/own.duckdb' as own; create table own.x as select 1",
    "installs an extension": "install httpfs",
    "loads an extension": "load 'WAREHOUSE/evil.duckdb_extension'",
    "opens the door": "set enable_external_access = true",
    "asks a pragma": "pragma database_list",
    "exports everything": "export database 'WAREHOUSE/all'",
    "imports everything": "import database 'WAREHOUSE/all'",
    "calls": "call pragma_version()",
    "makes a macro": "create or replace temp macro clean(x) as 'forged'",
    "forges rows": "insert into stage.sales_line (line_key) values ('forged')",
    "drops rows": "drop table stage.sales_line",
}
BEHIND_A_BACKSLASH = r"""e'\'' <> 'x'{0} ; {1}; --'"""
"""To DuckDB the first text ends after the third mark: then come brackets, statements and a comment."""
WAYS_OUT = {
    "a semicolon": "true{0}; {1}; select (1",
    "a comment": "true{0} --",
    "a comment that goes on": "true{0} /* {1}",
    "a quotation mark behind a backslash": BEHIND_A_BACKSLASH,
    "the same in capitals": BEHIND_A_BACKSLASH.upper(),
    "the same behind a number": f"1{BEHIND_A_BACKSLASH}",
    "the same behind a name": f'"a"{BEHIND_A_BACKSLASH}',
    "dollars": "$${0}; {1}; --$$",
    "named dollars": "$a${0}; {1}; --$a$",
}


@pytest.mark.parametrize("name", OUTBREAKS)
def test_an_expression_never_becomes_a_statement(company: Company, name: str) -> None:
    for brackets in (
        "))))",
        ")))",
    ):  # as many as stand open before a condition; the insert has one more than the select
        assert "no place in one" in refused(company, where=BEHIND_A_BACKSLASH.format(brackets, OUTBREAKS[name]))


@pytest.mark.parametrize("way", WAYS_OUT)
def test_there_is_no_way_out_of_an_expression(company: Company, way: str) -> None:
    for depth in range(6):
        attack = WAYS_OUT[way].format(")" * depth, OUTBREAKS["writes into the warehouse"])
        assert "no place in one" in refused(company, where=attack)


@pytest.mark.parametrize("slot", HARMLESS)
@pytest.mark.parametrize(
    ("attack", "sentence"),
    [
        ("(select max(content) from read_text('PRIVATE/secret.txt')) is null", "not among its sources"),
        ("exists (from 'PRIVATE/secret.parquet')", "not among its sources"),
        ("current_setting('allowed_directories') is null", r"current_setting()"),
        (r"e'\'') ; copy (select 1) to 'WAREHOUSE/CURRENT'; --'", "no place in one"),
        ("true) union all (select true", "bracket"),
        ("true from source_s union all select true", "not understood"),
    ],
)
def test_no_part_of_a_mapping_is_another_way_in(company: Company, slot: str, attack: str, sentence: str) -> None:
    assert sentence in refused(company, **{slot: attack})


@pytest.mark.parametrize(
    "alias", ["x as select 1; copy (select 1) to 'taken.csv'; --", "x, read_text('secret.txt')", 'x"', "", "1x", "a.b"]
)
def test_a_source_is_called_by_one_plain_word(alias: str) -> None:
    text = written().replace('j = "customers"', f'j = "customers"\n{json.dumps(alias)} = "products"', 1)
    with pytest.raises(Invalid, match="is no name for a source"):
        parse_mapping(text, "stranger.toml")


@pytest.mark.parametrize("tail", ["let.", "setting.", "s.", "others(", "others()", "others(x)", "day()", "money("])
def test_an_expression_that_breaks_off_is_refused_with_a_sentence(company: Company, tail: str) -> None:
    assert refused(company, column=tail)


def test_a_currency_is_text_whatever_it_spells(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("the salary list", encoding="utf-8")
    own = """
name = "plans"
description = "Plans with currencies as they stand"
currency = "EUR"
[sources]
p = "plans"
[[feed]]
table = "budget"
from = "p"
[feed.columns]
plan_key = "p.key"
month = "day(p.month)"
months = "3"
currency_key = "p.currency"
amount = "money(p.amount)"
"""
    cell = "EUR' then (select error('forged')) when 'EUR"
    (tmp_path / "plans.csv").write_text(f"key,month,currency,amount\nA,2024-01-01,{cell},300\n", encoding="utf-8")
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    report = tried(tmp_path / "plans.csv", tmp_path, mapping=str(tmp_path / "own.toml"))
    assert [(total.currency, str(total.loaded)) for total in report.totals] == [(cell, "300.0000")]


@pytest.mark.parametrize("currency", ["EUR' or true --", "euro", "", "EU"])
def test_a_company_currency_is_three_letters(company: Company, currency: str) -> None:
    text = written().replace('currency = "EUR"', f'currency = "{currency}"', 1)
    with pytest.raises(Invalid, match="three-letter"):
        load(None, parse_mapping(text, "own.toml"), company.source, home=company.home, dry_run=True)


CLOSED = {
    "reads a text": "select * from read_text('PRIVATE/secret.txt')",
    "reads a file by its name": "select * from 'PRIVATE/secret.parquet'",
    "lists files": "select * from glob('PRIVATE/*')",
    "writes a file": "copy (select 1) to 'PRIVATE/taken.csv'",
    "attaches a database": "attach 'PRIVATE/own.duckdb'",
    "exports": "export database 'PRIVATE/all'",
    "installs": "install httpfs",
    "loads": "load httpfs",
    "opens the door": "set enable_external_access = true",
    "widens the door": "set allowed_directories = ['PRIVATE']",
    "unlocks": "set lock_configuration = false",
}


@pytest.mark.parametrize("name", CLOSED)
def test_where_expressions_run_the_engine_itself_reaches_no_file_beside_those_it_needs(
    company: Company, tmp_path: Path, name: str
) -> None:
    before = company.files()
    statement = company.filled(CLOSED[name])
    with working_connection(tmp_path, company.engine) as connection:
        if "from" in statement:
            assert connection.execute(statement).fetchall(), "open, it would have been read"
        bench = company.engine.workbench()
        assert bench is not None
        shut(connection, [company.source / "sales.csv"], bench.folder)
        read = f"select count(*) from read_csv('{company.source / 'sales.csv'}')"
        assert connection.execute(read).fetchone() == (1,)
        with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException, duckdb.IOException)):
            connection.execute(statement)
    assert company.files() == before
