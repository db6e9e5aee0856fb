"""The application: the gate, the pages and Dash on one server, from a House."""

from __future__ import annotations

from functools import partial

from flask import Flask
from flask_compress import Compress

import callbacks
from app.assembly import House
from app.channels.ways import outbox_of
from app.web import alerts, comments, embeds, frames, outside, paper_links, papers, schedules, webhooks
from app.web.api import api, frames_of, pace_of
from app.web.downloads import downloads
from app.web.exports import exports
from app.web.fence import fence_callbacks, fence_files
from app.web.front import FrontDoor, Readiness, Reception, allow_scripts, open_front_door
from app.web.outbox import outbox_pages
from app.web.places import tell_status
from app.web.reports import library
from app.web.stand import stand
from app.web.statics import statics, url_of
from callbacks.notices import on_error_of
from callbacks.registry import Registry
from layouts.screen import index, shell
from layouts.screen.index import Page


def create_app(house: House) -> Flask:
    """A server of its own for the house; two of them can live in one process."""
    server = Flask("salient", static_folder=None)
    front = _front_door(house)
    reception = open_front_door(server, front)
    server.register_blueprint(statics())
    server.register_blueprint(downloads(house, reception.current_viewer))
    server.register_blueprint(exports(house, reception.current_viewer))
    server.register_blueprint(library(house, reception.current_viewer))
    server.register_blueprint(stand(house, reception.current_viewer))
    server.register_blueprint(outbox_pages(outbox_of(house.settings), is_used=house.settings.smtp_url is None))
    server.register_blueprint(comments.pages(house, front.clock))
    server.register_blueprint(papers.pages(house, front.clock))
    server.register_blueprint(outside.pages(house, front.clock))
    server.register_blueprint(embeds.pages(house, front, front.clock))
    server.register_blueprint(paper_links.door(house, front.clock))
    server.register_blueprint(webhooks.pages(house, front.clock))
    server.register_blueprint(alerts.pages(house, front.clock))
    planned, leaving = schedules.pages(house, front.clock)
    server.register_blueprint(planned)
    server.register_blueprint(leaving)
    # Mail programs end a subscription by one post that carries nothing but the mail's own link.
    server.extensions["csrf"].exempt(leaving)
    doors, manual = api(house, reception.current_viewer, front.clock)
    server.register_blueprint(doors)
    server.register_blueprint(manual)
    # The API asks for the proof itself, in the words of programs.
    server.extensions["csrf"].exempt(doors)
    _hang_switched(server, house, reception)
    page = index.options([url_of("bootstrap.min.css")], [url_of("plotly.min.js")])
    dash_app = Page("salient", reception.locale, server=server, on_error=on_error_of(reception.current_viewer), **page)
    shell.mount(dash_app, reception.locale, lambda: reception.current_viewer().only is not None)
    registry = Registry(dash_app, reception.current_viewer, reception.note_timer)
    callbacks.register(registry, house)
    # Dash fills its registers on the first request, without a lock: done here, parallel first requests are safe.
    dash_app._setup_server()
    allow_scripts(server, dash_app.csp_hashes())
    fence_callbacks(server, dash_app)
    fence_files(server, dash_app)
    undeclared = registry.undeclared()
    if undeclared:
        raise RuntimeError(f"callbacks without a declared permission: {undeclared}")
    by_address, by_embed = frames_of(house)
    server.register_blueprint(frames.pages(front, dash_app.index, by_address.spend, by_embed.spend))
    tell_status(server, house, reception.current_viewer)
    Compress(server)
    return server


def _hang_switched(server: Flask, house: House, reception: Reception) -> None:
    """The doors that a setting opens; what they are made of is read only where they are."""
    if house.settings.graphql:
        from app.web.graphql.door import graph

        server.register_blueprint(graph(house, reception.current_viewer, pace_of(house).spend))
    if house.settings.mcp:
        from app.assistants.http import answer_once
        from app.web.mcp import assistants

        server.register_blueprint(
            assistants(partial(answer_once, house), reception.current_viewer, pace_of(house).spend)
        )


def _front_door(house: House) -> FrontDoor:
    settings = house.settings
    return FrontDoor(
        database=house.database,
        secret=house.secret,
        trees=house.trees,
        terms=house.terms,
        readiness=lambda: _readiness(house),
        external_url=settings.external_url,
        demo=settings.demo,
        metrics_token=settings.metrics_token,
        trusted_proxies=settings.trusted_proxies,
    )


def _readiness(house: House) -> Readiness:
    with house.engine.snapshot() as snapshot:
        generation = snapshot.generation
    details = {
        "generation": generation.number,
        "as_of": generation.as_of.isoformat() if generation.as_of else None,
        "published_at": generation.created_at.isoformat(),
        "lines": generation.lines,
    }
    return Readiness(generation.lines > 0, details)
