"""Explain: how a panel's figures come about, in words first and in SQL for those who may see it."""

from __future__ import annotations

from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.screen.surroundings import Surroundings, as_of_text
from queries.catalogue.model import Metric
from queries.frame import Frame


def explanation(
    answered: AnsweredPanel,
    around: Surroundings,
    metrics: Mapping[str, Metric],
    filters: tuple[str, ...],
    *,
    sql: tuple[str, ...] | None,
) -> list[Component]:
    """Definitions, what was asked and which data answered; with `sql`, the tables read and these statements.

    `filters` are in words.
    """
    content: list[Component] = [html.P(answered.title, style={"fontWeight": 600}), _definitions(answered, metrics)]
    frame = answered.frame
    if frame is None:
        return [*content, html.P(answered.sentence)]
    content += [html.H3("What was asked"), _asked(answered, frame, filters)]
    told = tuple(dict.fromkeys(note for each in answered.frames.values() for note in each.notes))
    content += [html.P(note) for note in (*told, *(note for note in answered.notes if note not in told))]
    content += [html.H3("Which data answered"), _data(answered, frame, around)]
    if sql is not None:
        content += _sources(frame, sql)
    return content


def _terms(pairs: Mapping[str, str]) -> Component:
    return html.Dl([part for name, text in pairs.items() for part in (html.Dt(name), html.Dd(text))])


def _definitions(answered: AnsweredPanel, metrics: Mapping[str, Metric]) -> Component:
    names = dict.fromkeys(name for query in answered.queries.values() for name in query.metrics)
    known = [metrics[name] for name in (names or answered.panel.query.metrics) if name in metrics]
    return _terms({metric.title: metric.definition for metric in known})


def _asked(answered: AnsweredPanel, frame: Frame, filters: tuple[str, ...]) -> Component:
    locale, selection = answered.context.locale, answered.view.selection
    query = answered.queries["main"]
    span = frame.provenance.span
    pairs = {"Period": fmt.period_name(str(query.period), span, locale)}
    if span is not None:
        pairs["Days"] = f"{fmt.day(span.start, locale)} – {fmt.day(span.last_day, locale)}"
    for name, reference in frame.provenance.references.items():
        title = fmt.reference_name(name, locale).capitalize()
        pairs[f"Compared: {title}"] = f"{fmt.day(reference.start, locale)} – {fmt.day(reference.last_day, locale)}"
    pairs["Filters"] = "; ".join(filters) or "none"
    pairs["Basis"] = selection.basis
    pairs["Currency"] = frame.currency or answered.context.currency
    return _terms(pairs)


def _data(answered: AnsweredPanel, frame: Frame, around: Surroundings) -> Component:
    provenance, locale = frame.provenance, answered.context.locale
    pairs = {"Generation": str(provenance.generation)}
    if provenance.as_of is not None:
        pairs["As of"] = as_of_text(provenance.as_of, locale)
    for reason, count in provenance.rows_left_out.items():
        pairs[f"Left out: {reason.replace('_', ' ')}"] = f"{count:,} lines"
    pairs["You see"] = "all rows" if around.viewer.context.scope.is_everything else "the rows assigned to you"
    return _terms(pairs)


def _sources(frame: Frame, sql: tuple[str, ...]) -> list[Component]:
    content: list[Component] = [html.H3("Where it was read")]
    for source in frame.provenance.sources:
        why = [html.Li(f"{rollup}: {reason}") for rollup, reason in source.refusals]
        content.append(html.P(f"{source.fact} from {source.table}"))
        if why:
            content.append(html.Details([html.Summary("Why no coarser table would do"), html.Ul(why)]))
    content += [html.Pre(statement, tabIndex=0) for statement in sql]
    return content
