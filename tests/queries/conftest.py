"""What tests of asking share: one small company in a warehouse, with and without its rollups."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest

from queries.asking import Asker
from queries.warehouse.engines.engine import Engine
from tests.queries.company import FEW_DOCUMENTS, KNOWN, company, warehouse_of
from tests.queries.warehouse.conftest import new_database


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The company in DuckDB."""
    with warehouse_of(company(), tmp_path_factory.mktemp("company")) as opened:
        yield opened


@pytest.fixture(scope="session")
def asker(engine: Engine) -> Asker:
    """Asks the company, without a cache."""
    return Asker(engine, KNOWN)


@pytest.fixture(scope="session")
def fact_asker(engine: Engine) -> Asker:
    """Asks the same company, always from the lines themselves."""
    return Asker(engine, replace(KNOWN, rollups=()))


@pytest.fixture(scope="session")
def few_asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Asks a company of few documents, to be asked thousands of questions."""
    with warehouse_of(company(FEW_DOCUMENTS), tmp_path_factory.mktemp("few")) as opened:
        yield Asker(opened, KNOWN)


@pytest.fixture(scope="session")
def few_postgres(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """The same company of few documents in PostgreSQL."""
    home = tmp_path_factory.mktemp("few-postgres")
    with warehouse_of(company(FEW_DOCUMENTS), home, new_database(postgres_url)) as opened:
        yield Asker(opened, KNOWN)


@pytest.fixture(scope="session")
def few_elsewhere(request: pytest.FixtureRequest) -> Asker | None:
    """The one in PostgreSQL, where this machine has it."""
    try:
        return cast("Asker", request.getfixturevalue("few_postgres"))
    except pytest.skip.Exception as absent:
        warnings.warn(f"Questions are asked of DuckDB only: {absent}", stacklevel=1)
        return None


@pytest.fixture(scope="session")
def few_fact_asker(few_asker: Asker) -> Asker:
    """The same, always from the lines themselves."""
    return Asker(few_asker.engine, replace(KNOWN, rollups=()))
