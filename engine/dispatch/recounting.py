"""A week of somebody's events becomes an Account: line by line, in the reader's language.

It names municipalities, phases, points and colleagues; no contact, and no free text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.audit.redacting import without_texts
from engine.dispatch.kind import Copy
from engine.dispatch.post import Post
from engine.dispatch.summing_up import MOST_LINES
from engine.domain.events import (
    Event,
    MailCancelled,
    MailQueued,
    ReminderFired,
    ReminderSkipped,
    ReminderSuperseded,
)
from engine.domain.narrative import tell
from engine.domain.narrative.names import Names
from engine.domain.words import N_, Say, Words, say
from engine.domain.workdays import BRUSSELS
from engine.language import words
from engine.municipalities import by_nis, names
from engine.periodic import Account, Chapter
from engine.ports import Person
from engine.store.chosen import events_at
from engine.store.deeds import recorded_by
from engine.store.names import Register
from engine.store.projections import read_actors
from engine.store.transaction import Transaction

MOST_CHAPTERS = 15  # the others are counted, as are the lines of a chapter past MOST_LINES
WEEK = timedelta(days=7)
# What follows of itself from what somebody did, which is a line of its own.
FOLLOWS = (ReminderFired, ReminderSkipped, ReminderSuperseded, MailQueued, MailCancelled)


@dataclass(frozen=True, slots=True)
class Deed:
    """An event, and what its envelope says of the account behind it."""

    event: Event
    actor: Mapping[str, Any]

    @property
    def people(self) -> frozenset[str]:
        """Return the keys of who did it and for whom."""
        both = (self.event.actor, self.event.on_behalf_of)
        return frozenset(f"actor:{number}" for number in both if number is not None)

    def is_plain(self, number: int) -> bool:
        """Tell whether an actor did it alone; what somebody else had a part in is never cut."""
        return self.event.actor == number and "sudo_uid" not in self.actor


def bounds(period: date) -> tuple[datetime, datetime]:
    """Return the first moment of the week before a Monday, and the first one after it."""
    midnight = datetime.combine(period, time(), BRUSSELS)
    return midnight - WEEK, midnight  # on the clock of Brussels, also where it is put forward


def deeds(tx: Transaction, number: int, period: date) -> list[Deed]:
    """Return what was recorded in an actor's name in the week before a Monday."""
    rows = recorded_by(tx.connection, number, *bounds(period))
    found = zip(events_at(tx.connection, rows), rows, strict=True)
    return [
        Deed(event, json.loads(row.body)["actor"])
        for event, row in found
        if not isinstance(event.fact, FOLLOWS) and number in (event.actor, event.on_behalf_of)
    ]


def recounted(post: Post, tx: Transaction, copy: Copy, done: list[Deed]) -> Account:
    """Return the account of what was done in the week before a Monday."""
    to, speak = copy.reader, words(copy.reader.lang)
    chapters = list(_chapters(tx, copy, done, speak))
    own = read_actors(tx.connection)[copy.number]
    shown, left_out = chapters[:MOST_CHAPTERS], chapters[MOST_CHAPTERS:]
    size, root = tx.ledger()
    return Account(
        to=Person(to.key, to.name, to.email, to.lang, to.role),
        lang=to.lang,
        first=copy.period - WEEK,
        last=copy.period - timedelta(days=1),
        changes=len(done),
        chapters=tuple(shown),
        more_changes=sum(len(one.lines) + one.more for one in left_out),
        account=own.account or "",
        checkpoint_size=size,
        checkpoint_root=root,
        key=copy.key,
        created_at=tx.now,
        organisation=post.organisation,
        sender=post.sender,
    )


def _chapters(tx: Transaction, copy: Copy, done: Iterable[Deed], speak: Words) -> Iterator[Chapter]:
    """Yield what was done trajectory by trajectory, in the order of their references.

    Those in which somebody else had a part come first, as the last ones may be left out.
    """
    streams: dict[str, list[Deed]] = {}
    for deed in done:
        streams.setdefault(deed.event.stream, []).append(deed)
    register = Register(tx.connection, lambda nis: by_nis(nis).name, None)
    register.learn(tx.connection, (deed.event for deed in done))
    groups: dict[str, list[Deed]] = {}
    for stream, own in streams.items():  # log, people and workflows are one group, the last
        groups.setdefault(stream if stream in register.refs else "", []).extend(own)

    def place(stream: str) -> tuple[bool, bool, str]:
        plain = all(deed.is_plain(copy.number) for deed in groups[stream])
        return plain, not stream, register.refs.get(stream, "")

    for stream in sorted(groups, key=place):
        kept = _kept(sorted(groups[stream], key=lambda deed: deed.event.position), copy.number)
        lines = tuple(
            _line(deed, copy.number, register.names(deed.event.stream), speak) for deed in kept
        )
        places = names(tx.trajectory_by_id(stream).current_municipalities()) if stream else ()
        more = len(groups[stream]) - len(kept)
        yield Chapter(register.refs.get(stream, ""), places, lines, more)


def _kept(done: list[Deed], number: int) -> list[Deed]:
    """Return those that have a line, in order: all in which somebody else had a part, and more."""
    chosen = sorted(done, key=lambda deed: deed.is_plain(number))
    others = sum(not deed.is_plain(number) for deed in done)
    kept = {deed.event.position for deed in chosen[: max(MOST_LINES, others)]}
    return [deed for deed in done if deed.event.position in kept]


def _line(deed: Deed, number: int, known: Names, speak: Words) -> str:
    """Return when something was recorded, what, and by whom where that is not simply the reader."""
    event, known = deed.event, replace(known, shows_contacts=False)
    at = event.recorded_at.astimezone(BRUSSELS)
    told = _acted(tell(without_texts(event), known), event, number, known)
    if "sudo_uid" in deed.actor:
        template = N_("{happened} (through sudo, from account uid:{uid})")
        told = say(template, happened=told, uid=str(deed.actor["sudo_uid"]))
    day = speak.short_day(at.date(), year=False)
    line = say(N_("{day} at {time}: {happened}"), day=day, time=at.time(), happened=told)
    return speak.say(line)


def _acted(told: Say, event: Event, number: int, known: Names) -> Say:
    """Return what happened with who did it for whom, where two people are concerned."""
    if event.on_behalf_of is None:
        return told
    if event.actor == number:
        template = N_("{happened}, on behalf of {other}")
        return say(template, happened=told, other=known.actor(event.on_behalf_of))
    template = N_("{happened}, by {actor} on your behalf")
    return say(template, happened=told, actor=known.actor(event.actor))
