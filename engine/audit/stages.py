"""How far a mail is after its events: what the columns of the outbox may then hold.

One event leaves two ways open: a person who lets a mail go tries it at once and afresh, or
releases it as it was. All that may be is followed; the row must be one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.domain import events as facts
from engine.domain.events import Event
from engine.store.snapshot import MailRow

# An answer that asks to wait a while is no event; a mail that is settled had its last one.
STATUS_AFTER = {
    facts.MailQueued: "queued",
    facts.MailHeld: "held",
    facts.MailUncertain: "uncertain",
    facts.MailSent: "sent",
    facts.MailWritten: "written",
    facts.MailDead: "dead",
    facts.MailCancelled: "cancelled",
}
CLAIMABLE = ("queued", "uncertain")  # such a mail may be on its way: claimed, not yet settled
UNCERTAIN_WAIT = timedelta(minutes=15)  # before the same bytes go again
NIGHT = timedelta(days=100)  # no night, holidays or closing of an office without mail is longer
COMPARED = ("attempts", "uncertain", "not_before")


@dataclass(frozen=True, slots=True)
class Stage:
    """What the outbox may say of a mail after one of its events."""

    status: str
    attempts: int
    uncertain: int
    not_before: datetime
    next_at: datetime

    def differences(self, row: MailRow, until: datetime) -> Iterator[tuple[str, object, object]]:
        """Yield the columns that say otherwise: name, what is stored, what was expected.

        A mail whose moment falls outside of working hours waits for the next ones, without an
        event: never for less than it should, nor for longer than `until`.
        """
        claimed = row.status == "sending" and self.status in CLAIMABLE
        if row.status != self.status and not claimed:
            yield "status", row.status, self.status
        for field in COMPARED:
            if getattr(row, field) != getattr(self, field):
                yield field, getattr(row, field), getattr(self, field)
        moment, last = row.next_at, max(until, self.next_at)
        readable = isinstance(moment, datetime) and moment.tzinfo is not None
        if not readable or not self.next_at <= moment <= last:
            yield "next_at", moment, self.next_at


def after(stages: tuple[Stage, ...], event: Event) -> tuple[Stage, ...]:
    """Return where a mail may stand after one more event of it; () before it was queued."""
    fact = event.fact
    if isinstance(fact, facts.MailQueued):
        moment = fact.not_before
        if not fact.attempts:
            return (Stage("queued", 0, 0, moment, moment),)
        new = {"status": "queued", "attempts": fact.attempts, "next_at": moment}
        return tuple(dict.fromkeys(replace(one, **new) for one in stages))  # type: ignore[arg-type]
    found = (two for one in stages for two in _after(one, event))
    return tuple(dict.fromkeys(found))


def _after(stage: Stage, event: Event) -> Iterator[Stage]:
    fact, now = event.fact, event.recorded_at
    if isinstance(fact, facts.MailReleased):
        if stage.status == "held":
            moment = max(stage.not_before, now)
            yield replace(stage, status="queued", uncertain=0, next_at=moment)
        elif stage.status != "dead":  # what waits passes the hold of the whole queue
            yield stage
        yield Stage("queued", 0, 0, now, now)
    elif isinstance(fact, facts.MailUncertain):
        yield replace(
            stage,
            status="uncertain",
            attempts=stage.attempts + 1,
            uncertain=stage.uncertain + 1,
            next_at=now + UNCERTAIN_WAIT,
        )
    elif isinstance(fact, facts.MailDeferred):
        yield replace(stage, next_at=fact.until)
    elif (status := STATUS_AFTER.get(type(fact))) is not None:
        yield replace(stage, status=status)
    else:
        yield stage


def answers(event: Event) -> dict[str, object]:
    """Return what a last event says of the columns that keep the last answer."""
    fact = event.fact
    if isinstance(fact, facts.MailSent):
        return {"last_code": fact.code}
    if isinstance(fact, facts.MailDead):
        return {"last_phase": fact.phase[:12], "last_code": fact.code}
    return {}
