"""The mails: what the events say of each, compared with the outbox."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from engine.audit.envelope import disputed
from engine.audit.report import NOBODY, Findings
from engine.domain import events as facts
from engine.domain.events import Event
from engine.domain.words import N_
from engine.store.snapshot import MailRow, Snapshot

BATCH = 200  # mails compared within one transaction; their MIME is read along

STATUS_AFTER = {
    facts.MailQueued: "queued",
    facts.MailReleased: "queued",
    facts.MailHeld: "held",
    facts.MailUncertain: "uncertain",
    facts.MailSent: "sent",
    facts.MailWritten: "written",
    facts.MailDead: "dead",
    facts.MailCancelled: "cancelled",
}
CLAIMABLE = ("queued", "uncertain")  # such a mail may be on its way: claimed, not yet settled


@dataclass(slots=True)
class Posted:
    """A mail as its events tell it."""

    position: int  # of the event that queued it first, or of the one that names it
    stream: str
    queued: facts.MailQueued | None = None  # as it was frozen
    status: str = ""
    sent_at: datetime | None = None


class Post:
    """Follows the mails of some streams: trajectories, or people for digests; no other has them."""

    def __init__(self, problems: Findings) -> None:
        self._mails: dict[int, Posted] = {}  # of those trajectories
        self._known: set[int] = set()  # of all so far
        self._problems = problems

    def follow(self, event: Event) -> None:
        """Take one more event, where it speaks of mail."""
        fact = event.fact
        if isinstance(fact, facts.ReminderFired):
            for mail in fact.mails:
                self._of(mail, event)
        elif (status := STATUS_AFTER.get(type(fact))) is not None:
            posted = self._of(fact.mail, event)  # type: ignore[attr-defined]  # all have it
            posted.status = status
            if isinstance(fact, facts.MailSent | facts.MailWritten):
                posted.sent_at = event.recorded_at
            if isinstance(fact, facts.MailQueued):
                self._queued(posted, fact, event.position)

    def compare(self, snapshot: Snapshot, emptied: Container[int]) -> None:
        """Compare the mails that were followed, and forget what they were.

        `emptied`: those of which an event says that their contents were erased.
        """
        followed = list(self._mails)
        for start in range(0, len(followed), BATCH):
            batch = followed[start : start + BATCH]
            rows, named = snapshot.mails(batch), snapshot.named_in(batch)
            for mail in batch:
                posted = self._mails[mail]
                if mail in rows:
                    self._compare(posted, rows[mail], named.get(mail, set()), emptied)
                else:
                    self._add(posted, N_("mail {mail} is missing"), mail)
        self._known.update(followed)
        self._mails.clear()

    def compare_strangers(self, snapshot: Snapshot) -> None:
        """Look for mails that no event speaks of."""
        for mail in sorted(snapshot.mail_ids() - self._known, key=str):
            self._problems.add(0, N_("mail {mail}: no event speaks of it"), mail=mail)

    def _of(self, mail: int, event: Event) -> Posted:
        return self._mails.setdefault(mail, Posted(event.position, event.stream))

    def _queued(self, posted: Posted, fact: facts.MailQueued, position: int) -> None:
        """Keep what was frozen; another try must be of the same bytes."""
        first = posted.queued
        if first is None:
            posted.queued = fact
        elif (fact.message_id, fact.sha256) != (first.message_id, first.sha256):
            self._problems.add(
                position,
                N_("event {position}: mail {mail} was queued with other contents than before"),
                mail=fact.mail,
            )

    def _compare(
        self, posted: Posted, row: MailRow, named: set[str], emptied: Container[int]
    ) -> None:
        queued = posted.queued
        if queued is None:
            self._add(posted, N_("mail {mail}: no event queued it"), row.id)
            return
        if (row.message_id, row.sha256) != (queued.message_id, queued.sha256):
            self._add(posted, N_("mail {mail}: it is not the one that was queued"), row.id)
        self._told(posted, queued, row)
        if named != set(queued.named):
            self._add(
                posted,
                N_("mail {mail}: it is kept as naming {stored}, its events say {expected}"),
                row.id,
                stored=tuple(sorted(map(str, named))) or NOBODY,
                expected=queued.named or NOBODY,
            )
        if row.mime is None and row.id not in emptied:
            template = N_("mail {mail}: its contents were erased without an event that says so")
            self._add(posted, template, row.id)
        elif row.mime is not None:
            self._contents(posted, queued, row)
        self._status(posted, row)

    def _told(self, posted: Posted, queued: facts.MailQueued, row: MailRow) -> None:
        """Compare what a mail is about, for whom, and when it left, with its events."""
        for field, stored, expected in (
            ("trajectory", row.trajectory, posted.stream),
            ("reminder", row.reminder, queued.reminder),
            ("notice", row.notice, queued.notice),
            ("person", row.person, queued.person),
            ("sent_at", row.sent_at, posted.sent_at),
        ):
            if stored != expected:
                self._add(
                    posted,
                    N_("mail {mail}: {field} is {stored}, its events say {expected}"),
                    row.id,
                    field=field,
                    stored=str(stored),
                    expected=str(expected),
                )

    def _contents(self, posted: Posted, queued: facts.MailQueued, row: MailRow) -> None:
        """Compare the bytes with their hash, and the columns that repeat them with the bytes."""
        mime = row.mime
        if not isinstance(mime, bytes):
            self._add(posted, N_("mail {mail}: its contents cannot be read"), row.id)
        elif sha256(mime).hexdigest() != queued.sha256:
            self._add(posted, N_("mail {mail}: its contents were changed"), row.id)
        else:
            for field in disputed(row, mime):
                template = N_("mail {mail}: {field} is not what its contents say")
                self._add(posted, template, row.id, field=field)

    def _status(self, posted: Posted, row: MailRow) -> None:
        """Compare how far a mail is with its last event; a claim is no event of its own."""
        claimed = row.status == "sending" and posted.status in CLAIMABLE
        if row.status != posted.status and not claimed:
            self._add(
                posted,
                N_("mail {mail}: it is {stored}, its events say {expected}"),
                row.id,
                stored=row.status,
                expected=posted.status,
            )

    def _add(self, posted: Posted, template: str, mail: int, **values: object) -> None:
        self._problems.add(posted.position, template, mail=mail, **values)
