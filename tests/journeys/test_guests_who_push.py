"""Guests and strangers who push: bodies that claim more than was granted, and bodies that nobody can read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.assembly import House
from app.factory import create_app
from app.models.embed import EmbedGrant
from app.services import displays, paper_links
from app.values.selection import Filter
from app.values.view import View
from layouts.marks import TreeTable
from queries.fields import fields
from tests.journeys.test_embeds import Portal, entered, granted
from tests.sweep.browser import DISPATCH

DEEP = ["[" * 8000, '{"assertion":' * 1200]


def members(house: House, level: str, *within: Filter) -> list[str]:
    context = house.viewer_named("erin@salient.example").context
    return [each.key for each in house.asker.members(level, context, where=within, limit=5000)]


def test_a_guest_opens_no_branch_beside_the_step_that_was_granted(server: Flask, house: House) -> None:
    own, other = members(house, "category")[:2]
    view = f"/d/products?period=2025&drill=category:{own}"
    portal = entered(server, granted(house, view=view, locked=["category", "period"], capabilities=["drill"]).id)
    board = next(each for each in house.dashboards if each.id == "products")
    panel = next(each.id for each in board.panels() if isinstance(each.mark, TreeTable))

    def opened(*path: list[str]) -> list[object]:
        drawn = portal.drawn("branches", view, panel, branches_asked={"paths": [list(path)]})
        (changed,) = json.loads(drawn).values()
        return list(changed["data"]["branches"][0]["rows"])

    child, strange = (members(house, "subcategory", Filter("category", (each,)))[0] for each in (own, other))
    assert opened(["subcategory", child])
    assert opened(["category", other]) == []
    assert opened(["category", other], ["subcategory", strange]) == []


def test_a_guest_who_may_choose_a_customer_is_told_of_none_beyond_what_was_granted(server: Flask, house: House) -> None:
    sizes = {each: set(members(house, "customer", Filter("market", (each,)))) for each in members(house, "market")}
    market = min((each for each in sizes if sizes[each]), key=lambda each: len(sizes[each]))
    others = set().union(*sizes.values()) - sizes[market]
    card = granted(house, view=f"/d/customer?market={market}", locked=["market"], capabilities=["filter"])
    portal = entered(server, card.id)
    page = portal.drawn("main", url=f"http://localhost{portal.place}", at=None)
    assert any(f'"{key}"' in page for key in sizes[market])
    assert not [key for key in others if f'"{key}"' in page]


def test_a_guest_is_told_no_value_of_a_field_that_only_other_customers_have(server: Flask, house: House) -> None:
    erin = house.viewer_named("erin@salient.example").context
    customer = members(house, "customer")[0]

    def values(*within: Filter) -> set[str]:
        with house.engine.snapshot() as snapshot:
            return {f'"{value}"' for each in fields(erin, house.catalogue, snapshot, within) for value in each.values}

    own = values(Filter("customer", (customer,)))
    others = {each for each in values() - own if len(each) > 5}
    view = f"/d/overview?period=2025&customer={customer}"
    portal = entered(server, granted(house, view=view, capabilities=["filter"]).id)
    drawn = portal.drawn("filter-more", view, narrow_due=True)
    assert own
    assert any(each in drawn for each in own)
    assert others
    assert not [each for each in others if each in drawn]


def test_a_guest_of_a_segment_chooses_among_its_customers_and_no_others(server: Flask, house: House) -> None:
    view = "/d/overview?period=2025&customer=@segment-champions"
    portal = entered(server, granted(house, view=view, locked=["customer"], capabilities=["filter"]).id)
    offered = portal.drawn("filter-members", view, filter_level="customer", filter_search="", narrow_due=True)
    erin = house.viewer_named("erin@salient.example")
    (chosen,) = house.looked_up(erin, View.parse(view)).selection.filters
    every = house.asker.members("customer", erin.context, limit=5000)
    inside = {each.name for each in every if each.key in (chosen.found or ())}
    others = {each.name for each in every} - inside
    assert "Amount" in portal.drawn("filter-more", view, narrow_due=True)
    assert any(f'"{name}"' in offered for name in inside)
    assert not [name for name in others if f'"{name}"' in offered]


@pytest.mark.parametrize("body", DEEP)
def test_what_is_nested_beyond_reading_is_refused_and_breaks_nothing(server: Flask, house: House, body: str) -> None:
    portal = Portal(server, granted(house).id)
    sent = {"data": body, "content_type": "application/json"}
    assert portal.client.post(f"{portal.place}/token", **sent).status_code in (400, 413)
    assert portal.enter().status_code == 200
    assert portal.client.post(DISPATCH, headers=portal.marks, **sent).status_code == 400


def test_the_token_of_an_address_is_in_no_log_even_when_something_breaks(
    server: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(paper_links, "fetch", broken)
    monkeypatch.setattr(displays, "enter", broken)
    token = "k" * 43
    for place, status in (("/paper/", 500), ("/screen/", 503)):
        answer = server.test_client().get(f"{place}{token}")
        assert answer.status_code == status
        assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert caplog.text.count("the disk is gone") >= 2
    assert token not in caplog.text


def test_a_stranger_who_guesses_grants_waits_for_nobody_who_writes(server: Flask, house: House) -> None:
    with house.database.write() as session:
        # The first look is what begins the turn.
        session.get(EmbedGrant, "nosuchgrant0")
        assert Portal(server, "nosuchgrant0").enter().status_code == 404


@pytest.mark.parametrize("typed", ["customer={}", "customer=!{}", "drill=customer:{}"])
def test_a_guest_who_types_a_customer_beyond_the_locked_filter_reads_no_name(
    server: Flask, house: House, typed: str
) -> None:
    context = house.viewer_named("erin@salient.example").context
    markets = members(house, "market")
    sizes = {
        each: {m.key: m.name for m in house.asker.members("customer", context, where=(Filter("market", (each,)),))}
        for each in markets
    }
    market, other = [each for each in markets if sizes[each]][:2]
    (inside, own), (beyond, foreign) = (next(iter(sizes[each].items())) for each in (market, other))
    assert beyond not in sizes[market]
    card = granted(
        house,
        view=f"/d/overview?period=2025&market={market}",
        locked=["market"],
        capabilities=["filter", "drill", "export"],
    )
    portal = entered(server, card.id)

    def told(key: str) -> str:
        view = f"/d/overview?period=2025&market={market}&{typed.format(key)}"
        page = portal.drawn("main", view, url=f"http://localhost{portal.place}{view}", at=None)
        file = portal.client.get(view.replace("?", ".json?"), headers=portal.marks)
        drawn = portal.drawn("answer", view) + portal.drawn("cards", view)
        assert page
        return page + drawn + (file.text if file.status_code == 200 else "")

    assert own in told(inside)
    assert foreign not in told(beyond)
    assert told("NO-SUCH-KEY").replace("NO-SUCH-KEY", "") == told(beyond).replace(beyond, "")


def test_a_guest_may_widen_a_filter_that_is_not_locked(server: Flask, house: House) -> None:
    first, second = members(house, "category")[:2]
    view = f"/d/overview?period=2025&category={first}"
    portal = entered(server, granted(house, view=view, locked=[], capabilities=["filter"]).id)
    offered = portal.drawn("filter-members", view, filter_level="category", filter_search="", narrow_due=True)
    assert all(each in offered for each in (first, second))


def test_a_locked_amount_cannot_be_made_another_by_its_currency(server: Flask, house: House) -> None:
    view = "/d/overview?period=2025&amount=line:1000.."
    asked = f"{view}&currency=JPY"
    for locked, may in (["amount"], False), ([], True):
        portal = entered(server, granted(house, view=view, locked=locked, capabilities=["filter"]).id)
        assert bool(portal.drawn("cards", asked)) is may


def test_frames_are_let_in_so_fast_and_no_faster_for_an_address_and_for_an_embed_over_all_processes(
    house: House,
) -> None:
    narrow = replace(house, settings=replace(house.settings, embed_per_minute=2))
    servers = [create_app(narrow), create_app(narrow)]
    card, other = granted(house), granted(house)

    def comes(address: str, grant: str, server: Flask) -> TestResponse:
        portal = Portal(server, grant)
        sent = {"json": {}, "environ_overrides": {"REMOTE_ADDR": address}, "headers": {"Accept": "application/json"}}
        return portal.client.post(f"{portal.place}/token", **sent)

    def statuses(address: str, grant: str) -> list[int]:
        return [comes(address, grant, servers[at % 2]).status_code for at in range(5)]

    assert sorted(statuses("192.0.2.1", card.id)) == [200, 200, 429, 429, 429]
    refused = comes("192.0.2.1", other.id, servers[0])
    assert (refused.status_code, refused.get_json()["status"]) == (429, 429)
    assert 0 < int(refused.headers["Retry-After"]) <= 30
    assert comes("192.0.2.1", "nosuchgrant0", servers[0]).status_code == 404
    everybody = [status for at in range(2, 14) for status in statuses(f"192.0.2.{at}", card.id)]
    assert 17 <= everybody.count(200) <= 20
    assert statuses("192.0.2.99", card.id) == [429] * 5
    assert 200 in statuses("192.0.2.98", other.id)
