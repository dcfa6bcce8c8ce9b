"""Makes the mails of the days to come before their time, so that a person can hold them."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from operator import itemgetter

from engine.dispatch.firing import Writing, fired
from engine.dispatch.notices import Case
from engine.dispatch.post import Post
from engine.domain.choosing import choose
from engine.domain.decisions.decision import Draft
from engine.domain.events import Fact, ReminderSuperseded
from engine.domain.people import present
from engine.domain.snoozing import due_at
from engine.domain.workdays import brussels_day
from engine.store import outbox
from engine.store.transaction import Transaction


def make_early(post: Post, tx: Transaction, id_: str, until: datetime) -> None:
    """Make the mails of one trajectory whose moment comes after now and by `until`.

    Each says what it would say on its day. No mail that waits covers any of them: it is about
    to be held, and what is held speaks for nobody. Of those of one moment the one that says
    most covers the others, now for good: alone in their round they would leave. Of what is
    not mailed for another reason nothing is recorded: that is decided when its moment comes.
    """
    trajectory = tx.trajectory_by_id(id_)
    pinned, people = tx.workflow(trajectory.workflow), tx.people_of(trajectory)
    rests = trajectory.snoozes
    planned = ((due_at(reminder, rests), reminder) for reminder in trajectory.planned())
    coming = sorted((one for one in planned if tx.now < one[0] <= until), key=itemgetter(0))
    number, facts = outbox.next_id(tx.connection), list[Fact]()
    for moment, due in groupby(coming, itemgetter(0)):
        together = tuple(reminder for _, reminder in due)
        choice = choose(
            together,
            trajectory,
            pinned,
            people,
            moment,
            hold_back=post.hold_back,
            calendar=post.calendar,
        )
        there = present(people, brussels_day(moment))
        case = Case(trajectory, pinned, there, post.calendar, brussels_day(moment))
        writing = Writing(post, tx, case, number, tx.ledger())
        for reminder, readers in choice.mails:
            made = writing.mails(reminder, readers)
            facts += made and [fired(reminder, made), *made]
        if covered := choice.superseded.get("covered"):
            facts.append(ReminderSuperseded(tuple(covered), "covered"))
        number = writing.number
    if facts:
        tx.record_on(trajectory, [Draft(fact) for fact in facts], post.stamp(tx.now))
