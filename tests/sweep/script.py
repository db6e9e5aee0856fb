"""The script: every request that the sweep sends, the same for everybody, recorded as the administrator sends it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from urllib.parse import quote

from app.values.hierarchy import PATHS
from layouts.dashboard import Dashboard
from layouts.marks import TreeTable
from layouts.screen.dashboard import is_cards
from layouts.screen.filters import LEVELS
from queries.line_columns import OF_LINES
from tests.sweep.browser import Dependency, Request, payload
from tests.sweep.company import DEALS, TODAY, Deal, key, tables, word

FOREIGN, OWN, SHARED = DEALS[6], DEALS[0], DEALS[3]
"""A deal few may see, one that many may see, and one of a customer whom several serve."""

PERIOD_OF = {"year": "2026", "quarter": "2026-Q2", "month": "2026-05", "day": "2026-05-04"}
FISCAL_OF = {"fiscal_year": "FY2026", "fiscal_quarter": "FY2026-Q2", "fiscal_month": "FY2026-M05"}
EVER = "?period=all"
SHARES = 13
"""Into so many shares the deeper requests are dealt out among the colleagues, unless everybody sends them all."""
SEE_ALL = 3
"""So many of the cast, the first ones, see everything."""

UNKNOWN = "zznobodyzz"
"""A key that stands for no member in any company."""


@cache
def keys_of(deal: Deal) -> Mapping[str, str]:
    """The member of every level that a deal belongs to."""
    held = tables([deal])
    found: dict[str, str] = {**PERIOD_OF, **FISCAL_OF, "day": held["sales_line"][-1]["order_date"].isoformat()}
    for name in ("place", "team", "product", "customer", "campaign", "channel"):
        for row in held[name][:1]:
            found |= {column.removesuffix("_key"): value for column, value in row.items() if column.endswith("_key")}
    line = held["sales_line"][-2]
    found |= {"document": line["document_key"], "line": line["line_key"], "currency": "USD", "document_type": "invoice"}
    if deal.rep and deal.team:
        found |= {"rep": key("rep", deal.rep), "team": key("team", deal.team)}
    return found


def opened_paths() -> list[list[list[str]]]:
    """The rows of a tree table that lead to goods of one's own and of others."""
    levels = ("category", "subcategory")
    return [[[level, keys_of(deal)[level]] for level in levels[:depth]] for deal in (FOREIGN, OWN) for depth in (1, 2)]


def drilled(path: str, deal: Deal) -> Iterator[str]:
    """The addresses' `drill=` for each step down a path into a deal."""
    steps: list[str] = []
    for level in PATHS[path]:
        steps.append(f"{level}:{quote(keys_of(deal)[level], safe='')}")
        yield "/".join(steps)


class Script:
    """Writes requests down for dashboards as they are and callbacks as the server lists them."""

    def __init__(self, dependencies: Mapping[str, Dependency], dashboards: Iterable[Dashboard]) -> None:
        self.dependencies = dependencies
        self.dashboards = tuple(dashboards)

    def call(self, name: str, view: str, /, match: Mapping[str, object] | None = None, **values: object) -> Request:
        """A callback's request with the page standing at `view`."""
        at = {"place": [view.split("/")[2].split("?")[0], None, "1", 0], "view": view}
        spelt = {field.replace("_", "-"): value for field, value in values.items()}
        return payload(self.dependencies[name], {"at": at, "grid-of": {"view": view}, **spelt}, **(match or {}))

    def page(self, view: str) -> list[Request]:
        """The frame and its sentence."""
        return [self.arrival(view), self.call("lede", view)]

    def arrival(self, view: str) -> Request:
        """The frame as it is asked for by somebody who comes from elsewhere."""
        return self.call("main", view, url=f"http://localhost{view}", at=None)

    def grid(self, view: str, order: tuple[tuple[str, str], ...] = (), start: int = 0) -> Request:
        """A block of the grid of lines."""
        sort = [{"colId": column, "sort": direction} for column, direction in order]
        asked = {"startRow": start, "endRow": start + 100, "sortModel": sort, "filterModel": {}}
        return self.call("grid", view, grid=asked)

    def whole(self, dashboard: Dashboard, query: str = "", told: slice = slice(None)) -> Iterator[Request]:
        """Everything one can do on a dashboard: see it, flip, explain and download each panel, open the rows.

        `told` are the panels that are flipped and explained.
        """
        view = f"/d/{dashboard.id}{query}"
        yield from self.page(view)
        for at, row in enumerate(dashboard.rows):
            if is_cards(row):
                yield self.call("cards", view, {"dashboard": dashboard.id, "row": at})
        for panel in dashboard.panels():
            place = {"dashboard": dashboard.id, "panel": panel.id}
            alone = f"/d/{dashboard.id}/{panel.id}"
            yield self.call("answer", view, place)
            if isinstance(panel.mark, TreeTable):
                yield self.call("branches", view, place, branches_asked={"paths": opened_paths()})
            if panel in dashboard.panels()[told]:
                yield self.call("twin", view, place, twin=True)
                yield self.call("explain", view, explain_asked={"panel": panel.id})
            yield Request(f"{alone}.csv{query}")
        yield from self.page(f"{alone}{query}")
        yield self.call("rows", view, rows_asked={"panel": panel.id})
        yield self.grid(view)
        yield Request(f"/d/{dashboard.id}.csv{query}")
        yield Request(f"{alone}.rows.csv{query}")

    def glance(self, query: str, at: int) -> list[Request]:
        """A dashboard through a selection: its frame, one panel, another one as a file, the lines."""
        dashboard = self.dashboards[at % len(self.dashboards)]
        drawn = [panel for row in dashboard.rows if not is_cards(row) for panel in row]
        place = {"dashboard": dashboard.id, "panel": drawn[at % len(drawn)].id}
        other = dashboard.panels()[at % len(dashboard.panels())]
        view = f"/d/{dashboard.id}?{query}"
        return [
            self.arrival(view),
            self.call("answer", view, place),
            Request(f"/d/{dashboard.id}/{other.id}.csv?{query}"),
            self.grid(view),
        ]

    def screens(self, query: str) -> Iterator[Request]:
        """Every dashboard with all there is to do on it."""
        for dashboard in self.dashboards:
            yield from self.whole(dashboard, query)

    def drills(self) -> Iterator[Request]:
        """Every step of every drill path into deals of one's own and of others."""
        steps = [each for path in PATHS for deal in (FOREIGN, SHARED) for each in drilled(path, deal)]
        for at, step in enumerate(steps):
            yield from self.glance(f"period=all&drill={step}", at)

    def filters(self) -> Iterator[Request]:
        """Filters on every level: a foreign member, all but a foreign one, several, unknown ones, missing ones."""
        foreign, own = keys_of(FOREIGN), keys_of(OWN)
        for at, level in enumerate((*LEVELS, "document", "line")):
            name = "document_currency" if level == "currency" else level
            for turn, members in enumerate((foreign[level], f"!{foreign[level]}", f"{own[level]},{UNKNOWN}", "(none)")):
                yield from self.glance(f"period=all&{name}={quote(members, safe='!,')}", at + turn)[turn % 2 :: 2]

    def choices(self) -> Iterator[Request]:
        """Other periods, comparisons, bases, currencies and grains."""
        queries = (
            "versus=previous&period=last-month",
            "versus=2025,last-year&period=2026",
            "basis=paid&period=2026-05",
            "basis=invoiced&period=last-12-months&grain=week",
            "currency=USD&period=all",
            "period=2026-W19",
            "period=2024",
        )
        for query in queries:
            for at in range(len(self.dashboards)):
                yield from self.glance(query, at)[1:3]

    def pickers(self) -> Iterator[Request]:
        """The members of every level, searched by nothing, by others' names and keys, and by what matches all."""
        for level in LEVELS:
            held = {"department": "partners", "team": "theo", "rep": "far", "customer": "foundry"}
            own = held.get(level, "west" if level in ("market", "country", "region", "state", "city") else FOREIGN.name)
            for search in ("", word(level, own, "name"), keys_of(FOREIGN)[level][:6], "%", "none"):
                values = {"filter_level": level, "filter_search": search, "narrow_due": True}
                yield self.call("filter-members", "/d/overview", **values)
        for kind, name in (("customer", "foundry"), ("rep", "far"), ("region", "west"), ("product", FOREIGN.name)):
            yield self.call("found", "/d/sales", search=word(kind, name, "name"))
            yield self.call("found", "/d/sales", search=word(kind, name, "mail"))
        for search in ("zq", "%%", "__", "' or 1=1 --"):
            yield self.call("found", "/d/regions", search=search)

    def lines(self) -> Iterator[Request]:
        """The grid in every order, hidden columns included, and far down."""
        view = "/d/overview?period=all"
        for at, column in enumerate((*OF_LINES, "net_sales", "margin_rate")):
            yield self.grid(view, ((column, "desc" if at % 2 else "asc"),))
        yield self.grid(view, (("region", "asc"), ("net", "desc")), start=5)
        yield self.grid(view, start=10_000)

    def gestures(self) -> Iterator[Request]:
        """Clicks on marks, and a range of days."""
        for gesture in ("drill", "filter"):
            mark = {"level": "customer", "key": keys_of(FOREIGN)["customer"], "gesture": gesture}
            yield self.call("mark", "/d/overview", mark=mark)
        yield self.call("range-asked", "/d/sales", range_asked={"from": "2026-01-01", "to": TODAY.isoformat()})

    def keeping(self) -> Iterator[Request]:
        """The tour, and saved views: the dialog over a foreign member, every act, and the sheet before and after."""
        view, foreign = f"/d/sales{EVER}", f"/d/sales{EVER}&customer={keys_of(FOREIGN)['customer']}"
        yield self.call("tour", view)
        yield self.call("tour", view, tour_seen=True)
        yield self.call("views-body", foreign, views_asked=1, views=True)
        yield self.call("save-asked", foreign, save_asked=1)
        for act in ("change", "remove", "restore", "pin", "unpin"):
            yield self.call("keep", view, keep={"act": act, "id": UNKNOWN, "name": "Not mine", "version": "1"})
        for form in ({"act": "save", "name": ""}, {"act": "save", "name": "All sales", "pinned": True}):
            yield self.call("keep", view, keep=form)
        yield self.call("keep", foreign, keep={"act": "link"})
        for _ in ("there", "and back"):
            yield self.call("keep", view, keep={"act": "click"})
        yield self.call("views-body", view, views_asked=2, views=True)
        yield self.arrival(view)

    def narrowing(self) -> Iterator[Request]:
        """The customers' sales with customers open, its columns laid out, amounts and fields narrowed, sets."""
        foreign, own = keys_of(FOREIGN), keys_of(OWN)
        view = f"/d/customer-sales{EVER}"
        reached = {"startRow": 0, "endRow": 100, "sortModel": [], "filterModel": {}}
        fields = [f"field.{word('customer', deal.name, 'field')}" for deal in (FOREIGN, OWN)]
        for query in (
            "",
            f"&customer={foreign['customer']}",
            f"&columns=customer,product,cost&rep={foreign['rep']}",
            f"&columns=customer,{','.join(fields)}&sort={fields[0]}:asc",
        ):
            at = view + query
            yield self.call("ledger-head", at)
            for keys in ([], [foreign["customer"], own["customer"], UNKNOWN]):
                yield self.call("ledger", at, ledger=reached, ledger_of={"view": at}, ledger_open={"keys": keys})
        for grid, column in (("ledger", "product"), ("grid", "net"), ("grid", "cost"), ("grid", "email")):
            yield self.call("laid", view, laid={"grid": grid, "columns": [{"colId": column}]})
        for at in (view, f"/d/sales{EVER}&customer={foreign['customer']}"):
            yield self.call("filter-more", at, narrow_due=True)
        yield self.call("narrow", view, narrow={"narrow": "amounts", "line-low": "1", "document-high": "100000"})
        named = {"field-0": "grade", "test-0": "is", "value-0": word("customer", FOREIGN.name, "name")}
        yield self.call("narrow", view, narrow={"narrow": "fields", **named})
        customers = [word("customer", name, "name") for name in (FOREIGN.name, OWN.name)]
        for level, listed in (
            ("customer", [foreign["customer"], own["customer"], *customers, UNKNOWN]),
            ("rep", [foreign["rep"], word("rep", "far", "name"), word("rep", "far", "mail")]),
            ("product", [foreign["product"], own["product"]]),
        ):
            form = {"level": level, "list": "\n".join(listed)}
            yield self.call("sets-said", view, sets_act={"act": "paste", **form})
            yield self.call("sets-said", view, sets_act={"act": "paste", "name": f"pasted {level}", **form})
            yield self.call("sets", view, filter_level=level, narrow_due=True)
        chosen = f"{view}&customer={foreign['customer']},{own['customer']}"
        for act in ("save", "rename", "remove", "keep"):
            form = {"act": act, "level": "customer", "name": f"set {act}", "id": UNKNOWN, "version": "1"}
            yield self.call("sets-said", chosen, sets_act=form)
        yield self.call("sets", chosen, filter_level="customer", narrow_due=True)

    def acquainted(self) -> Iterator[Request]:
        """Who a customer is, as a panel and as a file, of a foreign and of an own one; the customers of a segment."""
        for member in (keys_of(FOREIGN)["customer"], keys_of(OWN)["customer"], UNKNOWN):
            query = f"{EVER}&customer={member}"
            yield self.call("answer", f"/d/customer{query}", {"dashboard": "customer", "panel": "identity"})
            yield Request(f"/d/customer/identity.csv{query}")
        segment = f"/d/customers{EVER}&customer=@segment-champions"
        yield self.call("answer", segment, {"dashboard": "customers", "panel": "segment-list"})
        yield Request(f"/d/customers/by-segment.csv{EVER}&customer=@segment-champions")
        yield Request(f"/d/customers/segment-list.csv{EVER}&customer=@segment-r5-m5")

    def noting(self) -> Iterator[Request]:
        """Notes of a foreign and of an own customer read, written without a word, changed and deleted.

        None is kept: who else wrote one would be another in each company.
        """
        for customer in (keys_of(FOREIGN)["customer"], keys_of(OWN)["customer"], UNKNOWN):
            view = f"/d/customer{EVER}&customer={customer}"
            yield self.call("notes-said", view, notes_act={"act": "write", "text": " "})
            for act in ("change", "remove"):
                yield self.call("notes-said", view, notes_act={"act": act, "id": UNKNOWN, "text": "Not mine"})
            yield self.call("notes-list", view)

    def displaying(self) -> Iterator[Request]:
        """Displays of others looked for and taken away, and one asked for over a span that is not offered."""
        yield self.call("displays", f"/d/sales{EVER}", displays_asked=1)
        for form in ({"act": "revoke", "id": UNKNOWN}, {"act": "grant", "name": "Hall", "days": "4000"}):
            yield self.call("displays-body", f"/d/sales{EVER}", displays_act=form)
        yield self.call("live", f"/d/sales{EVER}", opened={"id": UNKNOWN})

    def mistakes(self) -> Iterator[Request]:
        """Addresses and payloads that are wrong: what is said about them tells nothing either."""
        foreign = keys_of(FOREIGN)
        for path in (
            "/d/nowhere.csv",
            "/d/overview/nowhere.csv",
            "/d/sales.csv?period=never",
            f"/d/sales.csv?customr={foreign['customer']}",
            "/d/sales.csv?versus=a,b,c",
            "/d/sales.csv?currency=JPY&period=all",
            "/d/overview/top-customers.csv?drill=line",
            f"/d/regions/places.csv?drill=rep:{foreign['rep']}/rep:{UNKNOWN}",
            f"/d/overview/nowhere.rows.csv?customer={foreign['customer']}",
        ):
            yield Request(path)
        for view in ("/d/nowhere", "/d/overview/nowhere", "/d/sales?period=never"):
            yield from self.page(view)
        yield self.call("explain", "/d/overview", explain_asked={"panel": "nowhere"})
        yield self.call("answer", "/d/overview", {"dashboard": "overview", "panel": "nowhere"})
        yield self.call("cards", "/d/overview", {"dashboard": "overview", "row": 99})
        yield self.grid("/d/overview", (("password", "asc"),))
        yield self.grid("/d/overview", (("net", "sideways"),))
        yield self.call("filter-members", "/d/overview", filter_level="line", filter_search="", narrow_due=True)

    def pages(self) -> Iterator[Request]:
        """The pages themselves, and what Dash answers about itself."""
        paths = ["/", "/_dash-layout", "/_dash-dependencies", "/help", "/help/roles", "/help?q=region", "/nowhere"]
        paths.append("/admin/segments")
        paths += [f"/d/{dashboard.id}?period=all" for dashboard in self.dashboards]
        yield from map(Request, paths)

    def deep(self) -> list[Request]:
        """Everything beyond the screens as one meets them."""
        parts = (self.drills, self.filters, self.choices, self.pickers, self.lines, self.gestures, self.mistakes)
        return [each for part in parts for each in part()]

    def of(self, turn: int, *, whole: bool) -> list[Request]:
        """What the colleague whose turn it is sends: pages, screens, views kept, and a share of the rest, or it all."""
        if whole:
            screens = (*self.screens(""), *self.screens(EVER))
            return [
                *self.pages(),
                *screens,
                *self.keeping(),
                *self.acquainted(),
                *self.narrowing(),
                *self.displaying(),
                *self.noting(),
                *self.deep(),
            ]
        query = EVER if turn // 2 % 2 else ""
        # The first of the cast see the same, all of it, and share the screens; of the others each meets every third,
        # and of the panels on it every second one's table and explanation.
        met = [self.dashboards[turn]] if turn < SEE_ALL else self.dashboards[turn % 3 :: 3]
        told = slice(None) if turn < SEE_ALL else slice(turn // 3 % 2, None, 2)
        screens = [each for dashboard in met for each in self.whole(dashboard, query, told)]
        acts = (*self.keeping(), *self.acquainted(), *self.narrowing(), *self.displaying(), *self.noting())
        return [*self.pages(), *screens, *acts, *self.proofs(), *self.deep()[turn::SHARES]]

    def proofs(self) -> Iterator[Request]:
        """What shows that everybody gets what is theirs: the sum of all time, and every line."""
        yield Request(f"/d/overview/net-sales.csv{EVER}")
        yield Request(f"/d/overview/orders.rows.csv{EVER}")
        yield self.call(
            "filter-members",
            "/d/overview",
            filter_level="customer",
            filter_search="",
            narrow_due=True,
        )
