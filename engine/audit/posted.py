"""The mails: what the events say of each, compared with the outbox."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from engine.audit import stages
from engine.audit.envelope import disputed
from engine.audit.report import NOBODY, Findings
from engine.audit.stages import NIGHT, Stage
from engine.domain import events as facts
from engine.domain.events import Event
from engine.domain.words import N_
from engine.store.snapshot import MailRow, Snapshot

BATCH = 200  # mails compared within one transaction; their MIME is read along

OF_A_MAIL = (
    facts.MailQueued,
    facts.MailReleased,
    facts.MailHeld,
    facts.MailDeferred,
    facts.MailUncertain,
    facts.MailSent,
    facts.MailWritten,
    facts.MailDead,
    facts.MailCancelled,
)
Difference = tuple[str, object, object]  # column, what is stored, what was expected


@dataclass(slots=True)
class Posted:
    """A mail as its events tell it."""

    position: int  # of the event that queued it first, or of the one that names it
    stream: str
    queued: facts.MailQueued | None = None  # as it was frozen
    entry: int | None = None  # the phase entry at that moment
    stages: tuple[Stage, ...] = ()  # each of which it may have reached
    sent_at: datetime | None = None
    last: Event | None = None


class Post:
    """Follows the mails of some streams: trajectories, or people for digests; no other has them."""

    def __init__(self, problems: Findings) -> None:
        self._mails: dict[int, Posted] = {}  # of those trajectories
        self._known: set[int] = set()  # of all so far
        self._latest = datetime.min.replace(tzinfo=UTC)  # recorded of those streams
        self._problems = problems

    def follow(self, event: Event, entry: int | None = None) -> None:
        """Take one more event, where it speaks of mail; `entry`: the phase entry until then."""
        fact, self._latest = event.fact, max(self._latest, event.recorded_at)
        if isinstance(fact, facts.ReminderFired):
            for mail in fact.mails:
                self._of(mail, event)
        elif isinstance(fact, OF_A_MAIL):
            posted = self._of(fact.mail, event)
            posted.last, posted.stages = event, stages.after(posted.stages, event)
            if isinstance(fact, facts.MailSent | facts.MailWritten):
                posted.sent_at = event.recorded_at
            if isinstance(fact, facts.MailQueued):
                self._queued(posted, fact, event.position, entry)

    def compare(self, snapshot: Snapshot, emptied: Container[int]) -> None:
        """Compare the mails that were followed, and forget what they were.

        `emptied`: those of which an event says that their contents were erased.
        """
        followed, beat = list(self._mails), snapshot.last_beat()
        until = max(filter(None, (beat, self._latest))) + NIGHT
        for start in range(0, len(followed), BATCH):
            batch = followed[start : start + BATCH]
            rows, named = snapshot.mails(batch), snapshot.named_in(batch)
            replies = self._replies(snapshot, batch)
            for mail in batch:
                posted = self._mails[mail]
                if mail in rows:
                    self._compare(posted, rows[mail], named.get(mail, set()), emptied)
                    self._progress(posted, rows[mail], until, replies)
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

    def _queued(
        self, posted: Posted, fact: facts.MailQueued, position: int, entry: int | None
    ) -> None:
        """Keep what was frozen; another try must be of the same bytes."""
        first = posted.queued
        if first is None:
            posted.queued, posted.entry = fact, entry
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

    def _told(self, posted: Posted, queued: facts.MailQueued, row: MailRow) -> None:
        """Compare what a mail is about, for whom, and when it left, with its events."""
        for column, stored, expected in (
            ("trajectory", row.trajectory, posted.stream),
            ("reminder", row.reminder, queued.reminder),
            ("notice", row.notice, queued.notice),
            ("person", row.person, queued.person),
            ("entry", row.entry, posted.entry),
            ("sent_at", row.sent_at, posted.sent_at),
        ):
            if stored != expected:
                self._differs(posted, row, (column, stored, expected))

    def _progress(
        self, posted: Posted, row: MailRow, until: datetime, replies: dict[int, str | None]
    ) -> None:
        """Compare how far a mail is, and what was answered last, with what its events leave."""
        last = posted.last
        if last is None or not posted.stages:
            return
        ways = [list(one.differences(row, until)) for one in posted.stages]
        for difference in [*min(ways, key=len), *_answered(last, row, replies)]:
            self._differs(posted, row, difference)

    def _replies(self, snapshot: Snapshot, mails: list[int]) -> dict[int, str | None]:
        """Return what the details of their last events keep as the answer; None: erased."""
        found = (self._mails[mail].last for mail in mails)
        places = [one.position for one in found if one is not None and stages.answers(one)]
        return {
            one.position: one.value for one in snapshot.details_at(places) if one.field == "reply"
        }

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

    def _differs(self, posted: Posted, row: MailRow, difference: Difference) -> None:
        """Name a column that is not what the events say."""
        column, stored, expected = difference
        if column == "status":
            template = N_("mail {mail}: it is {stored}, its events say {expected}")
            self._add(posted, template, row.id, stored=stored, expected=expected)
            return
        template = N_("mail {mail}: {field} is {stored}, its events say {expected}")
        values = {"field": column, "stored": str(stored), "expected": str(expected)}
        self._add(posted, template, row.id, **values)

    def _add(self, posted: Posted, template: str, mail: int, **values: object) -> None:
        self._problems.add(posted.position, template, mail=mail, **values)


def _answered(last: Event, row: MailRow, replies: dict[int, str | None]) -> Iterator[Difference]:
    """Yield the columns of the last answer that a settled mail's last event says otherwise."""
    said = stages.answers(last)
    for column, expected in said.items():
        if getattr(row, column) != expected:
            yield column, getattr(row, column), expected
    reply = replies.get(last.position, "")
    if said and row.last_text is not None and reply is not None and row.last_text != reply:
        yield "last_text", row.last_text, reply
