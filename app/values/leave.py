"""Leave: what a guest without a session may look at, and what of it may be changed: for screens and for embeds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.values.errors import Forbidden, Refusal
from app.values.hierarchy import TIME_LEVELS
from app.values.selection import Filter, Narrowing, Selection
from app.values.view import CURRENCY_FILTER, View

CAPABILITIES = ("filter", "drill", "rows", "export")
"""What an embed can be allowed besides looking."""

PARAMETERS = ("period", "versus", "basis", "currency", "grain", "amount", "fields")
"""What of a view can be locked besides the levels that it is filtered by."""


@dataclass(frozen=True)
class Leave:
    """The one view a guest may look at, its sets looked up.

    `allows` are capabilities; `locked` names parameters of the view that stay as they are whatever is allowed, a locked
    period its comparisons with it and locked amounts their currency. `place` is where the page of an embed stands,
    `/embed/<grant>`; empty for a screen, which nobody sits at.
    """

    view: View
    allows: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    place: str = ""

    @property
    def mark(self) -> str:
        """The same for guests to whom the same is drawn."""
        return " ".join((str(self.view), "|", *sorted(self.allows), "|", *sorted(self.locked), "|", self.place))

    @property
    def is_still(self) -> bool:
        """Whether nobody sits there: nothing can be pressed or followed."""
        return not self.place

    def may(self, capability: str) -> bool:
        """Whether an embed was allowed this."""
        return capability in self.allows

    def may_change(self, parameter: str) -> bool:
        """Whether a parameter of the view, or the filter on a level, is the guest's to change."""
        is_locked = parameter in self.locked or (parameter == "versus" and "period" in self.locked)
        # In another currency the same amount is another bound.
        bounds = parameter == "currency" and bool(self.view.selection.amounts) and "amount" in self.locked
        return self.may("filter") and not is_locked and not bounds

    def admitted(self, asked: View) -> View:
        """The view that is answered where `asked` was claimed. Raises Forbidden for any that was not granted."""
        own = self.view
        elsewhere = asked.dashboard != own.dashboard or (own.panel is not None and asked.panel != own.panel)
        if elsewhere or (asked.layout != own.layout and not self.may("rows")):
            raise self.refusal()
        before, wanted = _parts(own.selection), _parts(asked.selection)
        if any(wanted.get(name) != before.get(name) and not self.may_change(name) for name in before | wanted):
            raise self.refusal()
        self._require_path(asked.selection)
        return asked.with_selection(replace(asked.selection, filters=tuple(map(self._known, asked.selection.filters))))

    def stays(self, admitted: Selection) -> tuple[Narrowing, ...]:
        """What narrows an admitted selection and is not the guest’s to change: of no row beyond it anything is told."""
        filters = (each for each in admitted.filters if not self.may_change(_filtered_by(each)))
        amounts = () if self.may_change("amount") else admitted.amounts
        fields = None if self.may_change("fields") else admitted.fields
        return Selection(filters=tuple(filters), drill=self.view.selection.drill, amounts=amounts, fields=fields).where

    def shows(self, panel: str) -> bool:
        """Whether a panel of the dashboard is among what was granted."""
        return self.view.panel in (None, panel)

    def leads_to(self, asked: View) -> bool:
        """Whether a link to a view leads anywhere for the guest."""
        try:
            self.admitted(asked)
        except Refusal:
            return False
        return True

    def refusal(self) -> Forbidden:
        """What is said of everything else."""
        if self.is_still:
            return Forbidden("This screen shows one view, and nothing else.")
        return Forbidden("This is not part of what may be shown here.")

    def _require_path(self, asked: Selection) -> None:
        """The steps drilled down begin with those granted; a step into time is another period."""
        own = self.view.selection.drill
        further = asked.drill[len(own) :]
        if asked.drill[: len(own)] != own or (further and not self.may("drill")):
            raise self.refusal()
        if any(level in TIME_LEVELS for level, _ in further) and not self.may_change("period"):
            raise self.refusal()

    def _known(self, asked: Filter) -> Filter:
        """The filter as it was granted, or one of members alone: sets are looked up for whoever granted them only."""
        granted = next((each for each in self.view.selection.filters if _told(each) == _told(asked)), None)
        if granted is not None:
            return granted
        if asked.sets:
            raise self.refusal()
        return asked


def parameters_of(view: View) -> tuple[str, ...]:
    """What narrows a view, by the names that it can be locked by: ("category", "amount")."""
    return tuple(name for name, value in _parts(view.selection).items() if name not in PARAMETERS[:5] and value)


def _told(chosen: Filter) -> tuple[object, ...]:
    return chosen.level, chosen.exclude, chosen.members, chosen.sets


def _parts(selection: Selection) -> dict[str, object]:
    """All of a selection but its drill path, by the names of the parameters that say it."""
    parts: dict[str, object] = {
        "period": selection.period,
        "versus": selection.versus,
        "basis": selection.basis,
        "currency": selection.currency,
        "grain": selection.grain,
        "amount": selection.amounts,
        "fields": selection.fields,
    }
    filters: dict[str, tuple[object, ...]] = {}
    for each in selection.filters:
        name = _filtered_by(each)
        filters[name] = (*filters.get(name, ()), _told(each))
    return parts | filters


def _filtered_by(chosen: Filter) -> str:
    """The name of the parameter that says a filter."""
    return CURRENCY_FILTER if chosen.level == "currency" else chosen.level
