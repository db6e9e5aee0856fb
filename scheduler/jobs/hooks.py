"""Webhooks: what happened told to other programs, each hook by itself, so that a slow one holds up no other."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from app.assembly import House
from app.channels.message import Message, Outcome, message_id_for
from app.channels.posting import Post
from app.channels.signed import signed
from app.channels.ways import mail_of
from app.services import hook_events, hook_posts
from app.services.documents import rights_of
from app.services.hook_events import TEST, Sight
from app.services.hook_posts import Owed, Taken
from app.services.hooks import PERMISSION
from app.services.recipients import Reader, reader
from app.values.viewer import Viewer
from app.values.words import say, words
from queries.warehouse.failpoints import failpoint
from scheduler.desk import right_now

log = logging.getLogger(__name__)

BRISK, SLOW = 8, 4
"""Hooks that are posted to at the same time: those that answer, and those that failed or took their time."""

TOO_SLOW_S = 2.0
"""From how many seconds on a hook counts as slow."""

TURN_S = 20.0
"""How long a hook is posted to before others have their turn."""

REST_S = 30.0
"""How long a hook is left alone over which something broke on our side."""

NOTICES = "notices"
UNWRITTEN = "What there is to tell could not be written ({kind})."
NO_RIGHT = say("Whoever registered it may not have other programs told any more.")
PARKED = say("Your webhook “{name}” could not be told of something: {reason}")
OFF = say("Your webhook “{name}” was switched off: {reason}")
WHERE = say("What it was told, and what not, is at {link}. From there it can be told again.")


class Courier:
    """Carries what is owed. One for each process of the scheduler; any number of them may be at work."""

    def __init__(self, house: House, post: Post | None = None, now: Callable[[], datetime] = right_now) -> None:
        self._house = house
        self._post = post or Post(allowed=house.settings.hook_hosts)
        self._now = now
        self._lanes = {False: _lane(BRISK, "hook"), True: _lane(SLOW, "slow-hook")}
        self._busy: dict[str, Future[None]] = {}
        self._seconds: dict[str, float] = {}
        self._resting: dict[str, float] = {}
        self._stopping = threading.Event()

    def beat(self) -> int:
        """Read on in the ledger, and have every hook posted to that is owed something; waits for none of them.

        Returns how many hooks were begun with.
        """
        self._read_on()
        self._busy = {hook: each for hook, each in self._busy.items() if not each.done()}
        self._resting = {hook: until for hook, until in self._resting.items() if until > time.monotonic()}
        left_alone = {*self._busy, *self._resting}
        with self._house.database.read() as session:
            hooks = hook_posts.due(session, self._now(), tuple(left_alone))
            is_told = bool(hook_posts.notices(session, self._now())) and NOTICES not in left_alone
        for hook in hooks:
            lane = self._lanes[self._seconds.get(hook, 0.0) > TOO_SLOW_S]
            self._busy[hook] = lane.submit(self._guarded, hook, partial(self._carry, hook))
        if is_told:
            self._busy[NOTICES] = self._lanes[True].submit(self._guarded, NOTICES, self._tell_owners)
        return len(hooks)

    def work_off(self) -> int:
        """Do all that is due now, and wait for it; returns how many hooks were posted to."""
        begun = 0
        while (found := self.beat()) or self._busy:
            begun += found
            wait(self._busy.values())
        return begun

    def close(self) -> None:
        """Begin nothing more, and let what is being posted end."""
        self._stopping.set()
        for lane in self._lanes.values():
            lane.shutdown(wait=True, cancel_futures=True)

    def _read_on(self) -> None:
        database = self._house.database
        while not self._stopping.is_set():
            with database.read() as session:
                if not hook_posts.is_behind(session):
                    return
            with database.write() as session:
                hook_posts.note_events(session, self._now())
                failpoint("hook-noting")
            failpoint("hook-noted")

    def _guarded(self, what: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            # What was in hand is due again when its lease ends.
            log.exception("webhooks could not be told")
            self._resting[what] = time.monotonic() + REST_S

    def _carry(self, hook_id: str) -> None:
        """Post to one hook what it is owed, for a while."""
        until = time.monotonic() + TURN_S
        while time.monotonic() < until and not self._stopping.is_set():
            with self._house.database.read() as session:
                owed = hook_posts.next_of(session, hook_id, self._now())
            if owed is None:
                return
            begun = time.monotonic()
            went_out = self._hand_over(owed)
            # A receiver that fails counts as one that is slow: others are not to wait behind its tries.
            self._seconds[hook_id] = time.monotonic() - begun if went_out else TOO_SLOW_S + 1
            if self._seconds[hook_id] > TOO_SLOW_S:
                return

    def _hand_over(self, owed: Owed) -> bool:
        """One try; returns whether it went well, or nothing had to be posted."""
        house, now = self._house, self._now()
        one = self._owner(owed)
        if one.viewer is None or not one.viewer.may(PERMISSION):
            with house.database.write() as session:
                hook_posts.switch_off_of(session, owed, str(one.why or NO_RIGHT), now)
            return True
        broken, payload = "", None
        try:
            payload = self._payload(owed, one.viewer)
        except Exception as error:
            log.exception("what webhook %s is told could not be written", owed.hook_id)
            broken = UNWRITTEN.format(kind=type(error).__name__)
        with house.database.write() as session:
            if payload is None and not broken:
                hook_posts.withhold(session, owed, now)
                return True
            taken = hook_posts.take(session, owed, payload or "", rights_of(one.viewer), house.secret, now)
        if taken is None:
            return True
        failpoint("hook-taken")
        outcome = Outcome("deferred", broken) if payload is None else self._posted(taken, payload.encode())
        failpoint("hook-posted")
        with house.database.write() as session:
            hook_posts.settle(session, taken, outcome, self._now())
        failpoint("hook-settled")
        return outcome.state == "sent"

    def _posted(self, taken: Taken, body: bytes) -> Outcome:
        return self._post.post(taken.address, body, signed(taken.secrets, taken.message_id, self._now(), body))

    def _owner(self, owed: Owed) -> Reader:
        house = self._house
        trees, terms = house.trees(), house.terms()
        with house.database.read() as session:
            return reader(session, f"person:{owed.owner_id}", trees, terms, self._now())

    def _payload(self, owed: Owed, viewer: Viewer) -> str | None:
        """What is posted, with the owner's rights as they are now; None where it is not the owner's to know."""
        data = self._test(owed) if owed.kind == TEST else self._told(owed, viewer)
        if data is None:
            return None
        told = {"id": owed.message_id, "type": owed.kind, "timestamp": _instant(owed.at), "data": data}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))

    def _told(self, owed: Owed, viewer: Viewer) -> Mapping[str, Any] | None:
        house = self._house
        with house.database.read() as session:
            event = hook_posts.event_of(session, owed.event)
            sight = Sight(session, viewer, partial(house.sees_as_much, viewer), house.settings.origin)
            return None if event is None else hook_events.told(owed.kind, event, sight)

    def _test(self, owed: Owed) -> Mapping[str, Any]:
        link = f"{self._house.settings.origin}/webhooks/{owed.hook_id}"
        return {"webhook": owed.hook_id, "sentence": "This is a test: nothing has happened.", "link": link}

    def _tell_owners(self) -> None:
        """Mail owners what became of their hooks."""
        house, mail = self._house, mail_of(self._house.settings)
        try:
            with house.database.read() as session:
                waiting = hook_posts.notices(session, self._now())
            for notice_id in waiting:
                with house.database.write() as session:
                    taken = hook_posts.take_notice(session, notice_id, self._now())
                if taken is None:
                    continue
                notice, hook = taken
                one = self._owner(Owed("", hook.id, hook.owner_id, "", "", "", notice.at))
                failpoint("hook-notice-taken")
                outcome = Outcome("refused")
                if one.viewer is not None:
                    outcome = mail.send(self._mail(one, notice.id, notice.kind, hook.id, hook.name, notice.reason))
                with house.database.write() as session:
                    hook_posts.settle_notice(session, notice_id, notice.attempts, outcome, self._now())
        finally:
            mail.close()

    def _mail(self, one: Reader, notice_id: str, kind: str, hook_id: str, name: str, reason: str) -> Message:
        settings = self._house.settings
        t = words(one.viewer.context.locale if one.viewer is not None else settings.locale)
        link = f"{settings.origin}/webhooks/{hook_id}"
        lines = [
            t("Hello {name},", name=one.name),
            t(OFF if kind == "off" else PARKED, name=name, reason=t(reason)),
            t(WHERE, link=link),
        ]
        domain = urlsplit(settings.origin).hostname or "localhost"
        return Message(
            to=one.address,
            to_name=one.name,
            subject=t("About your webhook “{name}”", name=name),
            text="\n\n".join(lines) + "\n",
            message_id=message_id_for("hook", notice_id, domain=domain),
            sentences=tuple(lines[1:]),
            link=link,
        )


def _lane(width: int, name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(width, thread_name_prefix=name)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
