"""The yearly review of what is kept, a kind of mail about no trajectory: who is due, in numbers.

It is made by the first round in working hours of the year, in January, where a term is set and
somebody was kept for longer. Whoever sets a term later in January gets it then.
"""

from __future__ import annotations

from datetime import date

from engine.dispatch.kind import Copy, Kind, Worded, recipient
from engine.dispatch.post import Post, Tally
from engine.domain import erasing as rules
from engine.domain.erasing import Due
from engine.domain.people import COACH, LEAD
from engine.domain.recipients import Recipient
from engine.domain.words import N_
from engine.domain.workdays import brussels_day
from engine.periodic import Review
from engine.ports import Person
from engine.store.erasing import last_roles
from engine.store.projections import read_actors
from engine.store.transaction import Transaction

JANUARY = 1


def _is_on(post: Post) -> bool:
    return post.retention_months > 0


def _of_the_year(day: date) -> date:
    return date(day.year, 1, 1)


def _readers(_: Post, tx: Transaction, __: date) -> dict[int, Recipient]:
    """Return the leads, and the coaches where there is none."""
    able = [one for one in read_actors(tx.connection).values() if one.may_coach and one.email]
    role = LEAD if any(one.role == LEAD for one in able) else COACH
    return {one.id: recipient(one) for one in able if one.role == role}


def _due(post: Post, tx: Transaction) -> tuple[Due, ...]:
    """Return who is due; nobody once January is over."""
    today = brussels_day(tx.now)
    if today.month != JANUARY:
        return ()
    return rules.due(last_roles(tx.connection), post.retention_months, today)


def _would_say(post: Post, tx: Transaction, _: Copy) -> bool:
    return bool(_due(post, tx))


def _says(post: Post, tx: Transaction, copy: Copy, _: Tally) -> Worded | None:
    """Return how many are due and since when, None where nobody is."""
    found, to = _due(post, tx), copy.reader
    if not found:
        return None
    size, root = tx.ledger()
    said = Review(
        to=Person(to.key, to.name, to.email, to.lang, to.role),
        lang=to.lang,
        contacts=len(found),
        months=post.retention_months,
        since=found[0].since,
        checkpoint_size=size,
        checkpoint_root=root,
        key=copy.key,
        created_at=tx.now,
        organisation=post.organisation,
        sender=post.sender,
    )
    return Worded(said, frozenset({to.key}))


KIND = Kind(
    name="retention",
    notice="retention_review",
    counted_as="reviews",
    over=N_(
        "mail {number} is the review of a year that is over: it does not leave any more; "
        "who is due now: traject erase --due"
    ),
    is_on=_is_on,
    readers=_readers,
    would_say=_would_say,
    says=_says,
    period=_of_the_year,
)
