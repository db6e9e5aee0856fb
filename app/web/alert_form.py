"""The form of an alert: what its fields say as a draft, and how a draft fills them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from werkzeug.datastructures import MultiDict

from app.services.alert_cards import Draft
from app.values.alert import KINDS, STEPS, TESTS, UNUSUAL, Kind, Rule, Test
from app.values.errors import Invalid
from app.values.selection import COMPARISONS
from app.values.words import Text, say
from app.web.fields import number_in
from app.web.schedule_form import KINDS as TIMES
from app.web.schedule_form import When, recurrence_in, when_of, when_typed
from queries.catalogue.model import Metric

WHEN: Mapping[str, Text] = {"load": say("Whenever new data have come"), **TIMES}

REFERENCES: Mapping[str, Text] = {
    "last-year": say("last year"),
    "previous": say("previous period"),
    "budget": say("budget"),
}

_NUMBER = re.compile(r"[-+\u2212]?[0-9]{1,15}([.,][0-9]{1,6})?")
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Filled:
    """What stands in the form, as texts: nothing that was typed is lost. `version` is the one it was read at."""

    view: str = ""
    name: str = ""
    metric: str = "net_sales"
    looks: str = "threshold"
    test: str = "below"
    bound: str = ""
    clear: str = ""
    versus: str = "last-year"
    step: str = "day"
    unusual: str = f"{UNUSUAL}"
    days: str = "3"
    by: str = ""
    holds: str = "1"
    zone: str = "UTC"
    recipients: tuple[str, ...] = ()
    when: When = field(default_factory=lambda: When("load"))
    version: int = 0


def typed(form: MultiDict[str, str]) -> Filled:
    """The fields as they were typed."""
    texts = {name: form.get(name, "").strip() for name in Filled.__dataclass_fields__ if name in form}
    texts.pop("version", None)
    recipients = tuple(dict.fromkeys(form.getlist("recipient")))
    return Filled(**texts, recipients=recipients, when=when_typed(form), version=number_in(form, "version"))


def draft_in(filled: Filled, form: Mapping[str, str], metrics: Mapping[str, Metric]) -> Draft:
    """The draft that the fields say. Raises Invalid for those that say nothing."""
    return Draft(
        name=filled.name,
        view=filled.view,
        rule=rule_in(filled, metrics),
        recipients=filled.recipients,
        recurrence="" if filled.when.kind == "load" else recurrence_in(form),
        zone=filled.zone,
    )


def rule_in(filled: Filled, metrics: Mapping[str, Metric]) -> Rule:
    """The rule that the fields say; those that its kind does not need are not looked at."""
    kind, metric = _kind(filled.looks), metrics.get(filled.metric)
    if metric is None:
        raise Invalid("There is no figure called {name}.", name=filled.metric[:60])
    holds = _whole(filled.holds)
    match kind:
        case "anomaly":
            bound, step = _number(filled.unusual), filled.step if filled.step in STEPS else ""
            return Rule(metric.id, kind, bound, _test(filled.test), by=filled.by, step=step, holds=holds)
        case "no-data":
            return Rule(metric.id, kind, Decimal(_whole(filled.days)), by=filled.by, holds=holds)
        case "rhythm":
            return Rule(metric.id, kind, Decimal(1), by="customer", holds=holds)
    share = kind != "threshold" or metric.unit == "ratio"
    bound = _number(filled.bound) / (_HUNDRED if share else 1)
    clear = _number(filled.clear) / (_HUNDRED if share else 1) if filled.clear else None
    test: Test = "below" if kind == "target" else _test(filled.test)
    versus = filled.versus if kind == "change" and filled.versus in COMPARISONS else ""
    return Rule(metric.id, kind, bound, test, clear, versus, filled.by, holds=holds)


def filled_by(draft: Draft, metrics: Mapping[str, Metric], version: int) -> Filled:
    """The fields that say a draft."""
    rule, metric = draft.rule, metrics.get(draft.rule.metric)
    share = rule.kind in ("change", "target") or (metric is not None and metric.unit == "ratio")
    plain = rule.kind in ("threshold", "change", "target")
    usual = Filled()
    return Filled(
        view=draft.view,
        name=draft.name,
        metric=rule.metric,
        looks=rule.kind,
        test=rule.test,
        bound=_text(rule.bound, share=share) if plain else "",
        clear=_text(rule.clear, share=share) if plain and rule.clear is not None else "",
        versus=rule.versus or usual.versus,
        step=rule.step or usual.step,
        unusual=_text(rule.bound) if rule.kind == "anomaly" else usual.unusual,
        days=_text(rule.bound) if rule.kind == "no-data" else usual.days,
        by="" if rule.kind == "rhythm" else rule.by,
        holds=str(rule.holds),
        zone=draft.zone,
        recipients=draft.recipients,
        when=when_of(draft.recurrence) if draft.recurrence else When("load"),
        version=version,
    )


def _text(value: Decimal, *, share: bool = False) -> str:
    shown = value * _HUNDRED if share else value
    return f"{shown.normalize():f}"


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise Invalid("{text} is not a number that can be used here.", text=text[:40] or "–")
    return Decimal(text.replace(",", ".").replace("\u2212", "-"))


def _whole(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and len(text) < 6):
        raise Invalid("{text} is not a number that can be used here.", text=text[:40] or "–")
    return int(text)


def _kind(text: str) -> Kind:
    found = next((each for each in KINDS if each == text), None)
    if found is None:
        raise Invalid("Choose what the alert looks for.")
    return found


def _test(text: str) -> Test:
    found = next((each for each in TESTS if each == text), None)
    if found is None:
        raise Invalid("Choose whether the alert looks for too much or too little.")
    return found
