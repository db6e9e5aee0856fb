"""Nothing: what is said where there is no figure to show."""

from __future__ import annotations

from app.values.context import QueryContext
from app.values.view import View
from app.values.words import Text, Words, words
from layouts import format as fmt
from layouts.settle import period_of, span_of
from queries.frame import Frame


def nobody_called(known: tuple[str, ...], level: Text, t: Words) -> str:
    """That no member of a level is called any of the one to three names."""
    match known:
        case (one,):
            return t("There is no {level} {one} among the rows that you may see.", level=level, one=one)
        case (one, two):
            told = {"level": level, "one": one, "two": two}
            return t("There is no {level} {one} or {two} among the rows that you may see.", **told)
    one, two, three = known
    told = {"level": level, "one": one, "two": two, "three": three}
    return t("There is no {level} {one} or {two} or {three} among the rows that you may see.", **told)


def empty_sentence(frame: Frame, view: View, context: QueryContext) -> str:
    """Why nothing is there: what the answer itself says, such as a missing plan, else that nothing was sold."""
    t = words(context.locale)
    if frame.rows and frame.notes:
        return frame.notes[0]
    span = span_of(view.selection, context)
    when = fmt.period_name(str(period_of(view.selection)), span, context.locale)
    newest = frame.provenance.as_of
    if newest is not None and span is not None and newest < span.start and view.selection.basis == "booked":
        told = {"when": when, "day": fmt.day(newest, context.locale)}
        return t("Nothing was sold in {when}: the newest sale is of {day}.", **told)
    ever, narrowed = span is None, bool(view.selection.filters or view.selection.drill)
    if ever and narrowed:
        return t("Nothing has been sold within these filters. Remove the last one, or choose another period.")
    if ever:
        return t("Nothing has been sold. Choose another period.")
    if narrowed:
        told = {"when": when}
        return t(
            "Nothing was sold in {when} within these filters. Remove the last one, or choose another period.", **told
        )
    return t("Nothing was sold in {when}. Choose another period.", when=when)
