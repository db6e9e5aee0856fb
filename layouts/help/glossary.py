"""Glossary and settings: help pages told from the catalogue and from the settings' declarations."""

from __future__ import annotations

from app.config import described
from app.values.words import Words
from queries.catalogue import Catalogue, catalogue
from queries.catalogue.model import Change, Collected, Difference, Distinct, Documents, Metric, Ratio, Sum


def glossary(t: Words) -> str:
    """Every metric with definition, formula and unit, then every dimension, as a page in Markdown."""
    known = catalogue()
    lines = [
        f"# {t('Glossary')}",
        t("Every figure is defined once. The same definition answers in every chart, table and file."),
        f"## {t('Figures')}",
    ]
    for metric in known.metrics.values():
        if metric.listed:
            lines += _metric(known, metric, t)
    lines += [f"## {t('What figures are broken down by')}"]
    for level in known.levels.values():
        if level.listed:
            lines += [f"### {t(level.title)}", t(level.definition), f"`{level.id}`"]
    return "\n\n".join(lines)


def settings(t: Words) -> str:
    """Every setting with its meaning and default, as a page in Markdown; values that are in force are not told."""
    lines = [
        f"# {t('Settings')}",
        t("For whoever runs Salient: each is set in the environment, or without its first word in `salient.toml`."),
        "",
        f"| {t('Setting')} | {t('Meaning')} | {t('If not set')} |",
        "|---|---|---|",
    ]
    rows = [f"| `{name}` | {t(meaning)} | {_default(default)} |" for name, meaning, default in described()]
    return "\n\n".join(lines[:2]) + "\n" + "\n".join([*lines[2:], *rows])


def _default(value: object) -> str:
    if value is None or value == ():
        return "—"
    return f"`{int(value) if isinstance(value, bool) else value}`"


def _metric(known: Catalogue, metric: Metric, t: Words) -> list[str]:
    told = [f"### {t(metric.title)}", t(metric.definition), f"{t('Formula')}: {formula(known, metric, t)}"]
    unit = _unit(metric, t)
    told.append(f"{t('Unit')}: {unit} · `{metric.id}`")
    if metric.needs:
        told.append(t("Not shown to roles that do not see cost and margin."))
    return told


def _unit(metric: Metric, t: Words) -> str:
    match metric.unit:
        case "money":
            return t("money, in the currency chosen")
        case "ratio":
            return t("percent")
        case "quantity":
            return t("pieces, or the unit the product is sold in")
        case "day":
            return t("a day")
    return t("a whole number")


def formula(known: Catalogue, metric: Metric, t: Words) -> str:
    """How a metric is computed, in words and signs: "Net sales ÷ Orders"."""

    def title(name: str) -> str:
        return t(known.metrics[name].title)

    match metric.expression:
        case Ratio(a, b):
            return f"{title(a)} ÷ {title(b)}"
        case Difference(a, b):
            return f"{title(a)} − {title(b)}"
        case Change(name, _):
            return t("({metric} − the same a year before) ÷ the same a year before", metric=title(name))
        case Distinct(level):
            return t("number of different members: {plural}", plural=t(known.levels[level].plural))
        case Documents():
            return t("number of different documents, without credit notes")
        case Collected("first_day"):
            return t("the earliest day, without credit notes")
        case Collected():
            return t("the latest day, without credit notes")
        case Sum(terms):
            return _sum(terms, metric, t)


def _sum(terms: tuple[tuple[int, str], ...], metric: Metric, t: Words) -> str:
    """Signed sums of what each line says; the columns are called as the warehouse calls them."""
    if metric.fact != "sales_line":
        return t("sum of the plan's amounts")
    parts = [f"{'−' if sign < 0 else '+' if at else ''} Σ `{name}`".strip() for at, (sign, name) in enumerate(terms)]
    return " ".join(parts)
