"""Everything put together, without the web: one House per workspace."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.auth.policy import Terms, Trees, viewer_for
from app.auth.roles import PERMISSIONS
from app.cachestores import cache_store
from app.config import Settings
from app.migrations import migrate
from app.models.database import Database, open_database
from app.services import accounts, named_sets, preferences, segmentations, templates
from app.values.context import QueryContext
from app.values.errors import NotFound
from app.values.row_layouts import RowLayouts
from app.values.scope import Scope
from app.values.segmentation import Segmentation
from app.values.selection import Filter
from app.values.template import Template
from app.values.view import View
from app.values.viewer import Viewer
from layouts import segmented
from layouts.dashboard import Dashboard
from layouts.dashboards import dashboards
from layouts.render import formats
from layouts.settle import period_of, where_of
from queries.asking import Asker
from queries.cache import Cache
from queries.catalogue import Catalogue, catalogue
from queries.catalogue.rollups import ROLLUPS
from queries.query import Query
from queries.warehouse import schema
from queries.warehouse.engines import Engine, open_engine
from queries.warehouse.engines.engine import Generation
from queries.warehouse.load import last_recorded, left_out

CACHE_PATIENCE_S = 0.4
"""A cache that hangs may cost this long, once, before the breaker lets questions pass it by."""

DEFAULT_CURRENCY = "EUR"


@dataclass(frozen=True)
class House:
    """What the doors are handed: nothing in Salient is reached any other way."""

    settings: Settings
    engine: Engine
    catalogue: Catalogue
    asker: Asker
    database: Database
    dashboards: tuple[Dashboard, ...]
    secret: str
    _trees: dict[int, Trees] = field(default_factory=dict)
    _quarantined: dict[tuple[int, int], int] = field(default_factory=dict)
    _segmentations: dict[int, Segmentation] = field(default_factory=dict)

    def today(self) -> date:
        """The company's date now, or the one that is set."""
        return current_day(self.settings)

    def terms(self, segmentation: int | None = None) -> Terms:
        """The company's side of every context, at this moment; cheaper with the version of the segments that counts."""
        try:
            with self.engine.snapshot() as snapshot:
                currency = snapshot.generation.company_currency
        except NotFound:  # nothing has been loaded yet: people may still sign in and be told so
            currency = self.settings.currency or DEFAULT_CURRENCY
        return Terms(
            today=self.today(),
            currency=currency,
            zone=self.settings.zone,
            locale=self.settings.locale,
            calendar=self.settings.calendar(),
            segmentation=self._segmentation(segmentation),
        )

    def _segmentation(self, version: int | None) -> Segmentation:
        """What makes the segments now, read once per version: a version never changes."""
        settled = None if version is None else self._segmentations.get(version)
        if settled is None:
            with self.database.glance() as reader:
                settled = segmentations.current(reader)
            self._segmentations[settled.version] = settled
        return settled

    def trees(self) -> Trees:
        """The warehouse's team tree, every version of it; read once per generation."""
        try:
            with self.engine.snapshot() as snapshot:
                number = snapshot.generation.number
                trees = self._trees.get(number)
                if trees is None:
                    teams = select(schema.team.c.team_key, schema.team.c.department_key)
                    rows = snapshot.fetch(teams, Scope.everything())
                    trees = Trees(frozenset((str(team), str(department or "")) for team, department in rows))
                    self._trees.clear()
                    self._trees[number] = trees
                return trees
        except NotFound:
            return Trees()

    def quarantined(self, generation: Generation) -> int:
        """Rows that were left out of a state of the data; read once per state and change of the import records."""
        home = self.settings.home.resolve()
        known = (generation.number, last_recorded(home))
        counted = self._quarantined.get(known)
        if counted is None:
            counted = left_out(home, generation)
            self._quarantined.clear()
            self._quarantined[known] = counted
        return counted

    def viewer_named(self, email: str) -> Viewer:
        """The viewer a user is at this moment. Raises NotFound."""
        with self.database.read() as session:
            person = accounts.find_person(session, email)
        return viewer_for(person, self.trees(), self.terms())

    def looked_up(self, viewer: Viewer, view: View) -> View:
        """The view with the members of its sets as they are for the viewer now; its address stays the same."""
        if not any(each.sets and each.found is None for each in view.selection.filters):
            return view
        segments: dict[str, tuple[str, ...]] = {}
        if segmented.are_named(view):
            others = view.with_selection(view.selection.without_filter("customer"))
            segments = segmented.sets_of(self.looked_up(viewer, others), viewer, self.asker)
        with self.database.read() as session:
            return view.with_selection(named_sets.look_up(session, viewer, view.selection, segments))

    def sees_customer(self, viewer: Viewer, customer: str) -> bool:
        """Whether the customer is among the rows that the viewer may see now."""
        only = Filter("customer", (customer,))
        return bool(self.asker.members("customer", viewer.context, where=(only,), limit=1))

    def sees_as_much(self, viewer: Viewer, view: View, scope: Scope, masks: frozenset[str]) -> bool:
        """Whether the viewer may see all rows of a view inside a scope, and every column but those `masks` hide."""
        own = viewer.context
        if own.scope.is_nothing or not own.masks <= masks:
            return False
        if own.scope.is_everything or own.scope == scope:
            return True
        # Sets mean others for whoever wrote than for whoever reads: without them it is about more rows, never fewer.
        plain = tuple(each for each in view.selection.filters if not each.sets)
        chosen = replace(view.selection, filters=plain)
        lines = Query(("lines",), where=where_of(chosen), period=period_of(chosen), basis=chosen.basis)
        both = (replace(own, scope=each, masks=frozenset[str]()) for each in (scope, scope & own.scope))
        # Where two scopes have nothing in common there is not even a row that says so.
        whole, shared = (rows[0][0] if (rows := self.asker.ask(lines, each).rows) else 0 for each in both)
        return bool(whole) and whole == shared

    def layouts_of(self, viewer: Viewer) -> RowLayouts:
        """The columns that the viewer wants to see where a view names none."""
        with self.database.read() as session:
            return preferences.preferences_of(session, viewer).layouts

    def local_administrator(self) -> Viewer:
        """Whoever sits at the workspace's command line: they own its files, so they see all of it."""
        terms = self.terms()
        return Viewer(
            kind="job",
            id="local",
            name="Local administrator",
            email="",
            role="administrator",
            permissions=frozenset(PERMISSIONS),
            context=QueryContext(
                scope=Scope.everything(),
                today=terms.today,
                currency=terms.currency,
                zone=terms.zone,
                locale=terms.locale,
                calendar=terms.calendar,
                segmentation=terms.segmentation,
            ),
        )

    def template(self) -> Template:
        """How the company's papers look now."""
        with self.database.read() as session:
            return templates.company_template(session)

    def close(self) -> None:
        """Let go of files and connections."""
        self.engine.close()
        self.database.close()


def current_day(settings: Settings) -> date:
    """The company's date now, or the one that is set."""
    return settings.today or datetime.now(ZoneInfo(settings.zone)).date()


def workspace_secret(settings: Settings) -> str:
    """The key set, or one made once and kept in the workspace for its owner only."""
    return settings.secret_key or kept_secret(settings.home / "secret.key", 32)


def demo_password(settings: Settings) -> str:
    """The personas' password: the one set, or one made once and kept in the workspace."""
    return settings.demo_password or kept_secret(settings.home / "demo.password", 9)


def company_mark(settings: Settings) -> str:
    """What tells this warehouse from every other: its server's address, or a mark kept and lost with its files."""
    if (settings.warehouse_url or "duckdb:").startswith("duckdb"):
        return kept_secret(settings.home / "warehouse" / "mark", 12)
    return hashlib.sha256(str(settings.warehouse_url).encode()).hexdigest()[:16]


def kept_secret(path: Path, strength: int) -> str:
    """The text of a secret file, made with `strength` random bytes if missing; two processes agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(strength))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


def open_warehouse(settings: Settings) -> Engine:
    """The workspace's warehouse engine."""
    return open_engine(
        settings.warehouse_url or "",
        settings.home.resolve(),
        ROLLUPS,
        settings.calendar(),
        settings.currency or DEFAULT_CURRENCY,
        settings.reporting_currencies,
        threads=settings.threads,
        memory_limit=settings.memory,
        query_s=settings.query_seconds,
    )


def open_application_database(settings: Settings) -> Database:
    """The application database, up to date and with its roles."""
    database = open_database(settings.database, workspace_secret(settings))
    migrate(database)
    with database.write() as session:
        accounts.ensure_roles(session)
    return database


def assemble(settings: Settings) -> House:
    """Open the databases, bring the application's up to date, and hand everything over."""
    settings.home.mkdir(parents=True, exist_ok=True)
    if settings.fonts is not None:
        formats.use_fonts(settings.fonts)
    secret = workspace_secret(settings)
    engine = open_warehouse(settings)
    known = catalogue()
    company = company_mark(settings)
    store = cache_store(settings.home / "cache", settings.cache_megabytes, settings.redis_url, company)
    # Two companies may be given one secret and one Redis, and number their data alike.
    cache = Cache(store, f"{secret} {company}".encode(), patience_s=CACHE_PATIENCE_S if settings.redis_url else None)
    return House(
        settings=settings,
        engine=engine,
        catalogue=known,
        asker=Asker(engine, known, cache, home=settings.home.resolve()),
        database=open_application_database(settings),
        dashboards=dashboards(),
        secret=secret,
    )
