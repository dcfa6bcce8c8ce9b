"""The weekly account, a kind of mail about no trajectory: what was done in somebody's name.

Misuse of an account becomes visible to the person whose account it is. That is why everybody gets
it in whose name something was recorded, who is away or acts no longer included; why no week is
left out when no round ran in it; and why one that is late leaves all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from engine.dispatch.kind import Copy, Kind, Worded, of_the_week, recipient
from engine.dispatch.post import Post, Tally
from engine.dispatch.recounting import bounds, deeds, recounted
from engine.domain.recipients import Recipient
from engine.periodic import Account
from engine.store.deeds import did_anything
from engine.store.projections import read_actors
from engine.store.transaction import Transaction


def _is_on(post: Post) -> bool:
    return post.weekly_account


def _readers(_: Post, tx: Transaction, __: date) -> dict[int, Recipient]:
    """Return everybody with an address: who could not act in that week has nothing to be told."""
    actors = read_actors(tx.connection).values()
    return {actor.id: recipient(actor) for actor in actors if actor.email}


def _would_say(_: Post, tx: Transaction, copy: Copy) -> bool:
    return did_anything(tx.connection, copy.number, *bounds(copy.period))


def _says(post: Post, tx: Transaction, copy: Copy, _: Tally) -> Worded | None:
    """Return the account of the week before; it names those with whom the reader acted."""
    done = deeds(tx, copy.number, copy.period)
    if not done:
        return None
    said = recounted(post, tx, copy, done)
    acted = frozenset({copy.reader.key}).union(*(deed.people for deed in done))
    return Worded(said, acted.union(_named(tx, said)))


def _named(tx: Transaction, said: Account) -> Iterator[str]:
    """Yield who stands in a line without having acted: let in, away, given a trajectory."""
    text = "\n".join(line for chapter in said.chapters for line in chapter.lines)
    for actor in read_actors(tx.connection).values():
        if actor.name and actor.name in text:
            yield f"actor:{actor.id}"


KIND = Kind(
    name="account",
    notice="weekly_account",
    counted_as="accounts",
    is_on=_is_on,
    readers=_readers,
    would_say=_would_say,
    says=_says,
    period=of_the_week,
    replaced=False,
)
