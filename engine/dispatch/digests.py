"""The coach's digest, a kind of mail about no trajectory: one a working day about all of them."""

from __future__ import annotations

from datetime import date

from engine.dispatch.kind import Copy, Kind, Worded, of_the_day, recipient
from engine.dispatch.post import Post, Tally
from engine.dispatch.telling import digest_of, seen_by
from engine.domain.people import People, present
from engine.domain.recipients import Recipient
from engine.domain.words import N_
from engine.store.projections import read_actors
from engine.store.transaction import Transaction


def _is_on(post: Post) -> bool:
    return post.digest


def _readers(_: Post, tx: Transaction, day: date) -> dict[int, Recipient]:
    """Return the coaches and leads who read a digest on a day: those who are there."""
    people = present(People(read_actors(tx.connection), {}), day)
    return {
        actor.id: recipient(actor)
        for actor in people.actors.values()
        if actor.may_coach and actor.email and actor.id not in people.standing_in
    }


def _would_say(post: Post, tx: Transaction, copy: Copy) -> bool:
    return seen_by(post, tx, copy.number) is not None


def _says(post: Post, tx: Transaction, copy: Copy, tally: Tally) -> Worded | None:
    """Return the digest of today; who is away is named in that of the substitute."""
    told = digest_of(post, tx, copy, tally=tally)
    if told is None:
        return None
    seen, said = told
    return Worded(said, frozenset({copy.reader.key, *(f"actor:{one.id}" for one in seen.away)}))


KIND = Kind(
    name="digest",
    notice="coach_digest",
    counted_as="digests",
    over=N_(
        "mail {number} is a digest of which the day is over: it does not leave any more; "
        "what is to be done today: traject"
    ),
    is_on=_is_on,
    readers=_readers,
    would_say=_would_say,
    says=_says,
    period=of_the_day,
)
