"""Explain: how a panel's figures come about, in words first and in SQL for those who may see it."""

from __future__ import annotations

from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from app.values.words import words
from layouts import format as fmt
from layouts.answered import AnsweredPanel
from layouts.screen.surroundings import Surroundings, as_of_text
from layouts.screen.table import REASONS
from layouts.selected import BASIS_NAMES
from queries.catalogue.model import Change, Difference, Metric, Ratio
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
    t = words(answered.context.locale)
    content: list[Component] = [html.P(answered.title, style={"fontWeight": 600}), _definitions(answered, metrics)]
    frame = answered.frame
    if frame is None:
        return [*content, html.P(answered.sentence)]
    content += [html.H3(t("What was asked")), _asked(answered, frame, filters)]
    told = tuple(dict.fromkeys(note for each in answered.frames.values() for note in each.notes))
    content += [html.P(note) for note in (*told, *(note for note in answered.notes if note not in told))]
    content += [html.H3(t("Which data answered")), _data(answered, frame, around)]
    if sql is not None:
        content += _sources(frame, sql, answered.context.locale)
    return content


def _terms(pairs: Mapping[str, str]) -> Component:
    return html.Dl([part for name, text in pairs.items() for part in (html.Dt(name), html.Dd(text))])


def _definitions(answered: AnsweredPanel, metrics: Mapping[str, Metric]) -> Component:
    names = dict.fromkeys(name for query in answered.queries.values() for name in query.metrics)
    known = [metrics[name] for name in (names or answered.panel.query.metrics) if name in metrics]
    t = words(answered.context.locale)
    terms: list[Component] = []
    for metric in known:
        computed = formula(metric, metrics, answered.context.locale)
        told: list[Component | str] = [t(metric.definition)]
        terms += [
            html.Dt(t(metric.title)),
            html.Dd(told + ([html.Div(computed, className="formula")] if computed else [])),
        ]
    return html.Dl(terms)


def formula(metric: Metric, metrics: Mapping[str, Metric], locale: str = "en") -> str:
    """A figure that is made of others, as a formula: "= Net sales ÷ Orders"; empty where the definition says it all."""
    t = words(locale)

    def title(name: str) -> str:
        return t(metrics[name].title) if name in metrics else name.replace("_", " ")

    match metric.expression:
        case Ratio(numerator, denominator):
            return f"= {title(numerator)} ÷ {title(denominator)}"
        case Difference(minuend, subtrahend):
            return f"= {title(minuend)} − {title(subtrahend)}"
        case Change(changed, versus):
            now = title(changed)
            before = f"{now}, {fmt.reference_name(versus, locale)}"
            return f"= ({now} − {before}) ÷ {before}"
    return ""


def _asked(answered: AnsweredPanel, frame: Frame, filters: tuple[str, ...]) -> Component:
    locale, selection = answered.context.locale, answered.view.selection
    t, query = words(locale), answered.queries["main"]
    span = frame.provenance.span
    pairs = {t("Period"): fmt.period_name(str(query.period), span, locale)}
    if span is not None:
        pairs[t("Days")] = f"{fmt.day(span.start, locale)} – {fmt.day(span.last_day, locale)}"
    for name, reference in frame.provenance.references.items():
        title = t("Compared: {reference}", reference=fmt.heading(fmt.reference_name(name, locale)))
        pairs[title] = f"{fmt.day(reference.start, locale)} – {fmt.day(reference.last_day, locale)}"
    pairs[t("Filters")] = "; ".join(filters) or t("none")
    pairs[t("Basis")] = t(BASIS_NAMES[selection.basis])
    pairs[t("Currency")] = frame.currency or answered.context.currency
    return _terms(pairs)


def _data(answered: AnsweredPanel, frame: Frame, around: Surroundings) -> Component:
    provenance, locale = frame.provenance, answered.context.locale
    t = words(locale)
    pairs = {t("Generation"): str(provenance.generation)}
    if provenance.as_of is not None:
        pairs[t("As of")] = as_of_text(provenance.as_of, locale)
    for reason, count in provenance.rows_left_out.items():
        why = t(REASONS.get(reason, reason.replace("_", " ")))
        pairs[t("Left out: {reason}", reason=why)] = t.n("{n:,} line", "{n:,} lines", count)
    if not provenance.rows_left_out:
        pairs[t("Left out")] = t("nothing")
    if around.stand.quarantined:
        # Known to who sees everything alone.
        pairs[t("Not loaded")] = t.n("{n:,} row quarantined", "{n:,} rows quarantined", around.stand.quarantined)
    everything = around.viewer.context.scope.is_everything
    pairs[t("You see")] = t("all rows") if everything else t("the rows assigned to you")
    return _terms(pairs)


def _sources(frame: Frame, sql: tuple[str, ...], locale: str) -> list[Component]:
    t = words(locale)
    content: list[Component] = [html.H3(t("Where it was read"))]
    for source in frame.provenance.sources:
        why = [html.Li(f"{rollup}: {reason}") for rollup, reason in source.refusals]
        content.append(html.P(t("{fact} from {table}", fact=source.fact, table=source.table)))
        if why:
            content.append(html.Details([html.Summary(t("Why no coarser table would do")), html.Ul(why)]))
    content += [html.Pre(statement, tabIndex=0) for statement in sql]
    return content
