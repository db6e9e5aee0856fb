"""Alerting: rules, states and what is told of them in words, the same on the page, in mails and in chats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.alerts import Reading, Tell
from app.values.alert import Kind, Rule
from app.values.words import Text, Words, say, words
from layouts import format as fmt
from layouts.columns import level_name, member_text
from layouts.imprint import Pairs
from layouts.render.mail.sheet import Sheet
from queries.catalogue.model import Metric
from queries.frame import Member

LISTED = 20
"""Members that one message names."""

KINDS: Mapping[Kind, Text] = {
    "threshold": say("The figure is above or below a bound"),
    "change": say("It changes by more than a share"),
    "target": say("A target is at risk"),
    "anomaly": say("It is unusual for its own history"),
    "no-data": say("Nothing has been sold for some days"),
    "rhythm": say("A customer is silent for longer than usual"),
}
"""What an alert looks for."""

STATES: Mapping[str, Text] = {
    "normal": say("Normal"),
    "pending": say("Pending"),
    "firing": say("Firing"),
    "no-data": say("No figure"),
    "error": say("Cannot be checked"),
    "": say("Not checked yet"),
}
"""What the states are called."""

STEPS: Mapping[str, Text] = {
    "day": say("Days, beside the same weekday"),
    "week": say("Weeks"),
    "month": say("Months, beside the same month"),
}
"""What is held against its history."""


@dataclass(frozen=True)
class Told:
    """What there is to tell of one member."""

    tell: Tell
    reading: Reading


def unit_of(rule: Rule, metric: Metric) -> str:
    """The unit of a rule's value: that of its metric, or days."""
    return "day" if rule.kind in ("no-data", "rhythm") else metric.unit


def value_text(value: Decimal | None, rule: Rule, metric: Metric, locale: str, currency: str) -> str:
    """The last figure in few letters: "€1.38M", "94.6%", "5 days"."""
    if value is None:
        return fmt.MISSING
    if unit_of(rule, metric) == "day":
        return words(locale).n("{n} day", "{n} days", int(value))
    return fmt.compact(value, metric.unit, locale, currency)


def bound_text(bound: Decimal, rule: Rule, metric: Metric, locale: str, currency: str) -> str:
    """A bound as it was given: a share for changes and targets, a figure of the metric's unit otherwise."""
    if rule.kind in ("change", "target"):
        return fmt.percent(bound, locale, plus=rule.kind == "change")
    return value_text(bound, rule, metric, locale, currency)


def rule_text(rule: Rule, metric: Metric, locale: str, currency: str) -> str:
    """A rule as a line: "Net sales below €100, by region"."""
    t = words(locale)
    told = t(_ruled(rule, metric, bound_text(rule.bound, rule, metric, locale, currency), locale))
    return f"{told}, {t('by {level}', level=t(level_name(rule.by)))}" if rule.by and rule.kind != "rhythm" else told


def _ruled(rule: Rule, metric: Metric, bound: str, locale: str) -> Text:
    title = say(metric.title)
    match rule.kind:
        case "change":
            against = fmt.reference_name(rule.versus, locale)
            if rule.test == "above":
                return say(
                    "{metric} against {reference} above {bound}",
                    metric=title,
                    bound=bound,
                    reference=against,
                )
            return say(
                "{metric} against {reference} below {bound}",
                metric=title,
                bound=bound,
                reference=against,
            )
        case "target":
            return say("{metric} below {bound} to date", metric=title, bound=bound)
        case "anomaly":
            return say("{metric} unusual for its history", metric=title)
        case "no-data":
            return say("No sale for {bound}", bound=bound)
        case "rhythm":
            return say("A customer silent for longer than usual")
    if rule.test == "above":
        return say("{metric} above {bound}", metric=title, bound=bound)
    return say("{metric} below {bound}", metric=title, bound=bound)


def sentence(told: Told, rule: Rule, metric: Metric, locale: str, currency: str) -> str:
    """What is told of one member: "US West: Net sales are €1.38M, below €2M."."""
    t, reading = words(locale), told.reading
    said = t(
        _cleared(rule, metric, reading, t, currency)
        if told.tell == "cleared"
        else _fired(rule, metric, reading, t, currency)
    )
    if not reading.key:
        return said
    name = member_text(Member(reading.key, reading.name), rule.by, locale)
    return t("{member}: {told}", member=name, told=said)


def _fired(rule: Rule, metric: Metric, reading: Reading, t: Words, currency: str) -> Text:
    locale, title = t.locale, say(metric.title)
    value = value_text(reading.value, rule, metric, locale, currency)
    bound = bound_text(rule.bound, rule, metric, locale, currency)
    match rule.kind:
        case "change":
            change = fmt.percent(reading.judged, locale, plus=True)
            return say(
                "{metric} {value}, {change} against {reference}; the bound is {bound}.",
                metric=title,
                value=value,
                change=change,
                reference=fmt.reference_name(rule.versus, locale),
                bound=bound,
            )
        case "target":
            return say(
                "{metric} {value} to date, below {bound}: the target is at risk.",
                metric=title,
                value=value,
                bound=bound,
            )
        case "anomaly" if reading.odd is not None:
            low, high = (
                fmt.compact(each, metric.unit, locale, currency) for each in (reading.odd.low, reading.odd.high)
            )
            when = fmt.time_name(reading.stretch, locale)
            return say(
                "{metric}, {stretch}: {value}; usual is {low} to {high}.",
                metric=title,
                value=value,
                stretch=when,
                low=low,
                high=high,
            )
        case "no-data":
            return say("No sale for {days}.", days=value)
        case "rhythm":
            usual = reading.value / reading.judged if reading.value and reading.judged else Decimal(0)
            return say(
                "No order for {days}; up to {usual} is usual.",
                days=value,
                usual=value_text(Decimal(round(usual)), rule, metric, locale, currency),
            )
    if rule.test == "above":
        return say("{metric} {value}, above {bound}.", metric=title, value=value, bound=bound)
    return say("{metric} {value}, below {bound}.", metric=title, value=value, bound=bound)


def _cleared(rule: Rule, metric: Metric, reading: Reading, t: Words, currency: str) -> Text:
    value = value_text(reading.value, rule, metric, t.locale, currency)
    if rule.kind in ("no-data", "rhythm"):
        return say("There are sales again.")
    return say("{metric} {value}: it is over.", metric=say(metric.title), value=value)


def subject_of(name: str, told: Sequence[Told], locale: str) -> str:
    """What a message is about."""
    t, fired = words(locale), sum(each.tell == "fired" for each in told)
    if not fired:
        return t("Over: {name}", name=name)
    return t("Alert: {name}", name=name) if fired == 1 else t("Alert: {name} ({count})", name=name, count=fired)


def sheet_of(
    name: str, told: Sequence[Told], rule: Rule, metric: Metric, locale: str, currency: str, *, line: str, link: str
) -> Sheet:
    """One message for all members there is something to tell of, those that fire first."""
    t = words(locale)
    order = sorted(told, key=lambda each: (each.tell != "fired", -_beyond(rule, each), each.reading.key))
    said = [sentence(each, rule, metric, locale, currency) for each in order[:LISTED]]
    left = len(order) - len(said)
    if left > 0:
        said.append(t.n("{n} more", "{n} more", left))
    return Sheet(name, line, tuple(said), (), (), (), None, link)


def _beyond(rule: Rule, told: Told) -> Decimal:
    """How far what was read lies from the bound: the farthest is told first."""
    return abs((told.reading.judged or Decimal(0)) - rule.bound)


def about_of(rule: Rule, metric: Metric, locale: str, currency: str) -> Pairs:
    """The small print of a message."""
    return ((words(locale)("Rule"), rule_text(rule, metric, locale, currency)),)
