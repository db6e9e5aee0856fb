"""Events: what other programs can be told of, each from the ledger, as far as the owner of a hook may know it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.alert import Alert, AlertEvent
from app.models.event import AuditEvent
from app.models.ingest import IngestBatch
from app.models.job import ExportJob
from app.models.report import ReportInstance
from app.models.role import Role
from app.models.schedule import Run, Schedule
from app.models.user import User
from app.services import comments, views
from app.services.comments import Sees
from app.services.deliveries import CONDITIONAL
from app.services.documents import rights_of
from app.services.schedules import OVERSEES
from app.values.errors import Refusal
from app.values.viewer import Viewer
from app.values.words import say

MOST_MEMBERS = 50
"""Members of an alert that one event tells of."""

_PEOPLE, _SENDERS = "admin:users", "ingest"


@dataclass(frozen=True)
class Sight:
    """Who is to be told, as of now: every word of a payload is one that this viewer may read. `origin` begins links."""

    session: Session
    viewer: Viewer
    sees: Sees
    origin: str

    @property
    def person(self) -> int:
        """The number of the account."""
        return int(self.viewer.id)

    @property
    def sees_all(self) -> bool:
        """Whether there is no row and no column that the viewer does not see."""
        return self.viewer.context.scope.is_everything and not self.viewer.context.masks


Payload = Mapping[str, Any]


def _always(event: AuditEvent) -> bool:  # noqa: ARG001
    return True


@dataclass(frozen=True)
class Kind:
    """A kind of event: the ledger's actions that are of it, which of those, and what is told; None: nothing.

    `needs` is what the owner has to be allowed besides having hooks.
    """

    title: str
    actions: frozenset[str]
    tell: Callable[[AuditEvent, Sight], Payload | None]
    is_one: Callable[[AuditEvent], bool] = _always
    needs: str = "dashboards"


def told(kind: str, event: AuditEvent, sight: Sight) -> Payload | None:
    """What an event is to the viewer; None where it is not the viewer's to know."""
    known = KINDS.get(kind)
    if known is None or sight.viewer.context.scope.is_nothing or not sight.viewer.may(known.needs):
        return None
    try:
        return known.tell(event, sight)
    except Refusal:
        # What the viewer may not see refuses, as it does on its page.
        return None


def kind_of(event: AuditEvent) -> str | None:
    """The kind that an event of the ledger is of; None for what nobody is told."""
    found = _BY_ACTION.get(event.action)
    return found if found is not None and KINDS[found].is_one(event) else None


def _key(event: AuditEvent) -> str:
    return event.subject.partition(":")[2]


def _data(event: AuditEvent, sight: Sight) -> Payload:
    told: dict[str, Any] = {"generation": event.detail.get("generation"), "link": f"{sight.origin}/"}
    if sight.sees_all:
        counts = ("rows_in", "new", "changed", "unchanged", "quarantined", "lines")
        told["rows"] = {name: event.detail[name] for name in counts if name in event.detail}
    return told


def _batch(event: AuditEvent, sight: Sight) -> Payload | None:
    batch = sight.session.get(IngestBatch, int(_key(event)))
    if batch is None or not (batch.account == sight.person or sight.sees_all):
        return None
    counts = {name: event.detail.get(name) for name in ("kind", "batches", "rows", "quarantined")}
    return {"batch": str(batch.id), **counts}


def _batch_failed(event: AuditEvent, sight: Sight) -> Payload | None:
    return {"reason": event.detail.get("reason", "")} if sight.sees_all else None


def _loaded(event: AuditEvent) -> bool:
    return event.detail.get("status", "loaded") == "loaded"


def _delivery(event: AuditEvent, sight: Sight) -> Payload | None:
    run = sight.session.get(Run, str(event.detail.get("run", "")))
    schedule = sight.session.get(Schedule, run.schedule_id) if run is not None else None
    if run is None or schedule is None:
        return None
    if event.subject != f"person:{sight.person}":
        if not _is_overseen(schedule, sight):
            return None
        if CONDITIONAL in run.fingerprints and not sight.sees_all:
            # Whether a condition held for somebody else tells of that person's rows.
            return None
    files = event.detail.get("documents") or []
    return {
        "schedule": schedule.id,
        "name": schedule.name,
        "run": run.id,
        "due_at": run.due_at.isoformat(),
        "recipient": event.subject,
        "message": event.detail.get("message", ""),
        "state": event.action.rpartition(".")[2],
        "reason": event.detail.get("reason", ""),
        "documents": [{"name": each["name"], "bytes": each["bytes"]} for each in files],
        "link": f"{sight.origin}/schedules/{schedule.id}",
    }


def _letter(event: AuditEvent, sight: Sight) -> Payload | None:
    alert = sight.session.get(Alert, str(event.detail.get("alert", "")))
    if alert is None or event.subject != f"person:{sight.person}":
        return None
    return {
        "alert": alert.id,
        "name": alert.name,
        "recipient": event.subject,
        "message": event.detail.get("message", ""),
        "state": event.action.rpartition(".")[2],
        "reason": event.detail.get("reason", ""),
        "link": f"{sight.origin}/alerts/{alert.id}",
    }


def _failed(event: AuditEvent, sight: Sight) -> Payload | None:
    return _letter(event, sight) if event.action.startswith("alert.") else _delivery(event, sight)


def _is_no_notice(event: AuditEvent) -> bool:
    """What owners are told about their own schedules is no message of those."""
    return not event.subject.startswith("owner:")


def _is_overseen(schedule: Schedule, sight: Sight) -> bool:
    return schedule.owner_id == sight.person or sight.viewer.may(OVERSEES)


def _schedule(event: AuditEvent, sight: Sight) -> Payload | None:
    schedule = sight.session.get(Schedule, _key(event))
    if schedule is None or not _is_overseen(schedule, sight):
        return None
    return {
        "schedule": schedule.id,
        "name": schedule.name,
        "state": event.action.rpartition(".")[2],
        "reason": event.detail.get("reason", ""),
        "link": f"{sight.origin}/schedules/{schedule.id}",
    }


def _alert(event: AuditEvent, sight: Sight) -> Payload | None:
    alert = sight.session.get(Alert, _key(event))
    if alert is None or event.detail.get("recipient") != f"person:{sight.person}":
        return None
    word = "fired" if event.action == "alert.fired" else "cleared"
    lines = sight.session.scalars(
        select(AlertEvent)
        .where(
            AlertEvent.alert_id == alert.id,
            AlertEvent.check_id == str(event.detail.get("check", "")),
            AlertEvent.recipient == f"person:{sight.person}",
            AlertEvent.told == word,
        )
        .order_by(AlertEvent.id)
        .limit(MOST_MEMBERS)
    )
    # The figures are of the rows that were seen then: under other rights only the fact is told.
    is_same = event.detail.get("rights") == rights_of(sight.viewer)
    return {
        "alert": alert.id,
        "name": alert.name,
        "view": alert.view,
        "members": [
            {"member": each.member, "name": each.name, "value": each.value, "currency": each.currency}
            for each in (lines if is_same else ())
        ],
        "link": f"{sight.origin}{alert.view}",
    }


def _alert_halted(event: AuditEvent, sight: Sight) -> Payload | None:
    alert = sight.session.get(Alert, _key(event))
    if alert is None or alert.owner_id != sight.person:
        return None
    link = f"{sight.origin}/alerts/{alert.id}"
    return {"alert": alert.id, "name": alert.name, "reason": event.detail.get("reason", ""), "link": link}


def _is_newly_shared(event: AuditEvent) -> bool:
    """A view that more or other people may use than before."""
    before, after = event.detail.get("before", {}), event.detail.get("after", event.detail)
    shared = (after.get("visibility"), after.get("roles"))
    return shared[0] not in (None, "private") and shared != (before.get("visibility"), before.get("roles"))


def _view(event: AuditEvent, sight: Sight) -> Payload | None:
    card = views.find(sight.session, sight.viewer, _key(event))
    if card.visibility == "private":
        return None
    return {
        "view": card.id,
        "name": card.name,
        "dashboard": card.dashboard,
        "owner": card.owner,
        "visibility": card.visibility,
        "link": f"{sight.origin}/v/{card.id}",
    }


def _comment(event: AuditEvent, sight: Sight) -> Payload | None:
    said = comments.find(sight.session, sight.viewer, _key(event), sight.sees)
    return {
        "comment": said.id,
        "view": said.view,
        "point": None if said.point is None else vars(said.point),
        "author": said.author,
        "text": said.text,
        "names_you": said.names_me,
        "link": f"{sight.origin}{said.address}",
    }


def _report(event: AuditEvent, sight: Sight) -> Payload | None:
    made = sight.session.get(ReportInstance, _key(event))
    if made is None or made.reader_id != sight.person:
        return None
    told: dict[str, Any] = {"report": made.report_id, "instance": made.id, "name": made.name}
    if made.rights == rights_of(sight.viewer):
        told["rows"] = made.rows
    return {**told, "link": f"{sight.origin}/reports/{made.report_id}"}


def _export(event: AuditEvent, sight: Sight) -> Payload | None:
    job = sight.session.get(ExportJob, _key(event))
    if job is None or job.owner_id != sight.person:
        return None
    return {
        "export": job.id,
        "view": job.view,
        "format": job.format,
        "state": event.action.rpartition(".")[2],
        "reason": job.sentence,
        "link": f"{sight.origin}/exports",
    }


def _user(event: AuditEvent, sight: Sight) -> Payload | None:
    user = sight.session.get(User, int(_key(event)))
    if user is None:
        return None
    link = f"{sight.origin}/admin/users"
    told = {"user": user.id, "email": user.email, "name": user.name, "change": event.action.partition(".")[2]}
    return {**told, "rights": event.detail.get("after"), "link": link}


def _role(event: AuditEvent, sight: Sight) -> Payload | None:
    role = sight.session.get(Role, _key(event))
    if role is None:
        return None
    return {"role": role.id, "title": role.title, "rights": event.detail.get("after")}


def _kind(title: str, *actions: str, **given: Any) -> Kind:
    return Kind(title, frozenset(actions), **given)


_DATA = ("warehouse.imported", "warehouse.demo_built", "warehouse.rolled_back", "ingest.loaded")
_MISSED = ("delivery.failed", "delivery.uncertain", "alert.letter.failed", "alert.letter.uncertain")
_PERSON = ("user.added", "user.rights-changed", "user.disabled", "user.enabled")

KINDS: Mapping[str, Kind] = {
    "data.loaded": _kind(say("New data are there"), *_DATA, tell=_data, is_one=_loaded),
    "report.sent": _kind(
        say("A message of a schedule was sent"), "delivery.sent", tell=_delivery, is_one=_is_no_notice
    ),
    "report.made": _kind(say("A report was made for you"), "report.made", tell=_report),
    "delivery.failed": _kind(
        say("A message did not go out, or may not have arrived"), *_MISSED, tell=_failed, is_one=_is_no_notice
    ),
    "schedule.paused": _kind(say("A schedule was paused"), "schedule.paused", tell=_schedule),
    "schedule.failed": _kind(
        say("A schedule was given up or missed"), "schedule.parked", "schedule.missed", tell=_schedule
    ),
    "alert.fired": _kind(say("An alert told you that something begins"), "alert.fired", tell=_alert),
    "alert.resolved": _kind(say("An alert told you that it is over"), "alert.resolved", tell=_alert),
    "alert.paused": _kind(say("An alert of yours was paused"), "alert.paused", tell=_alert_halted),
    "view.shared": _kind(
        say("A view was shared with you, or by you"), "view.saved", "view.changed", tell=_view, is_one=_is_newly_shared
    ),
    "comment.said": _kind(say("Somebody said something about rows you see"), "comment.said", tell=_comment),
    "ingest.received": _kind(
        say("Rows that a program sent were taken in"), "ingest.received", tell=_batch, needs=_SENDERS
    ),
    "ingest.failed": _kind(
        say("Rows that a program sent could not be loaded"), "ingest.failed", tell=_batch_failed, needs=_SENDERS
    ),
    "export.done": _kind(say("A file you asked for is ready, or failed"), "export.done", "export.failed", tell=_export),
    "user.changed": _kind(say("A person’s account or rights changed"), *_PERSON, tell=_user, needs=_PEOPLE),
    "role.changed": _kind(say("What a role may do changed"), "role.changed", tell=_role, needs=_PEOPLE),
}
"""Every kind of event there is, by the name that receivers read."""

TEST = "test"
"""The kind of what is sent to try a hook."""

_BY_ACTION = {action: kind for kind, each in KINDS.items() for action in each.actions}
ACTIONS = frozenset(_BY_ACTION)
"""What the ledger calls what somebody may be told of."""
