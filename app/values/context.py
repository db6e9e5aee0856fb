"""QueryContext: all that an answer depends on besides the question."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from app.values.calendar import Calendar
from app.values.scope import Scope
from app.values.segmentation import AS_SHIPPED, Segmentation


@dataclass(frozen=True)
class QueryContext:
    """Who may see what, and as of when.

    `masks` names what is hidden besides rows: "cost" (cost and margin), "contact" (customers' contact data).
    `currency` is the reporting currency (ISO 4217); `epoch` grows when the viewer's rights change; `segmentation` says
    which customers make which segment.
    """

    scope: Scope
    today: date
    currency: str
    masks: frozenset[str] = frozenset()
    zone: str = "UTC"
    locale: str = "en"
    calendar: Calendar = field(default_factory=Calendar)
    epoch: int = 0
    segmentation: Segmentation = AS_SHIPPED
