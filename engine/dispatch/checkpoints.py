"""The checkpoint for those who keep it outside, a kind of mail about no trajectory.

It is made only of what was checked that day: inspecting.py does so, and says what stands in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from engine.dispatch.kind import Copy, Kind, Worded, of_the_day, recipient
from engine.dispatch.post import Post, Tally
from engine.domain.people import AUDITOR, LEAD, Actor
from engine.domain.recipients import Recipient
from engine.domain.words import N_
from engine.ports import CheckpointNotice, Person
from engine.store import inspections
from engine.store.keepers import NOTICE, contacts_at
from engine.store.projections import read_actors
from engine.store.transaction import Transaction


def _is_on(post: Post) -> bool:
    return bool(post.keepers.addresses)


def _readers(post: Post, tx: Transaction, _: date) -> dict[int, Recipient]:
    """Return who keeps checkpoints, by place in the settings; who is enrolled under their name."""
    known = {(one.email or "").lower(): one for one in read_actors(tx.connection).values()}
    found = {}
    for number, address in enumerate(post.keepers.addresses, 1):
        actor = known.get(address.lower())
        nobody = Recipient(f"witness:{number}", address, address, post.keepers.lang, AUDITOR)
        found[number] = nobody if actor is None else _enrolled(actor, address)
    return found


def _enrolled(actor: Actor, address: str) -> Recipient:
    """Return an actor as who keeps checkpoints, at the address as the settings write it."""
    known = recipient(actor)
    return Recipient(known.key, known.name, address, known.lang, AUDITOR)


def _would_say(_: Post, tx: Transaction, copy: Copy) -> bool:
    return "text" in _state(tx, copy.period)


def _says(post: Post, tx: Transaction, copy: Copy, _: Tally) -> Worded | None:
    """Return what goes with the checkpoint of today, None where there is none to be mailed."""
    state, reader = _state(tx, copy.period), copy.reader
    if "text" not in state:
        return None
    answers = _who_answers(tx)
    said = CheckpointNotice(
        to=Person(reader.key, reader.name, reader.email, reader.lang, reader.role),
        lang=reader.lang,
        lines=tuple(state["text"].splitlines()),
        round_at=tx.now,
        waiting=state["waiting"],
        quiet=state["quiet"],
        checkpoint_size=state["size"],
        checkpoint_root=state["root"],
        key=copy.key,
        created_at=tx.now,
        organisation=post.organisation,
        sender=post.sender,
        answers=(answers.email or "") if answers is not None else post.sender,
    )
    return Worded(said, frozenset(_named(tx, reader, answers)))


def _state(tx: Transaction, day: date) -> dict[str, Any]:
    """Return what a day's inspection found; nothing where there was none."""
    state = inspections.last(tx.connection)
    return state if state["day"] == day.isoformat() else {}


def _who_answers(tx: Transaction) -> Actor | None:
    """Return to whom an answer goes: a lead, else a coach."""
    able = [one for one in read_actors(tx.connection).values() if one.may_coach and one.email]
    return min(able, key=lambda one: (one.role != LEAD, one.id), default=None)


def _named(tx: Transaction, reader: Recipient, answers: Actor | None) -> Iterator[str]:
    """Yield whose address stands in the mail, as far as it is somebody's whom we know."""
    if reader.key.startswith("actor:"):
        yield reader.key
    if answers is not None:
        yield f"actor:{answers.id}"
    yield from (f"contact:{number}" for number in contacts_at(tx.connection, reader.email))


KIND = Kind(
    name="checkpoint",
    notice=NOTICE,
    counted_as="checkpoints",
    over=N_(
        "mail {number} holds the checkpoint of a day that is over: it does not leave any more; "
        "the next one comes by itself"
    ),
    is_on=_is_on,
    readers=_readers,
    would_say=_would_say,
    says=_says,
    period=of_the_day,
    after_delivery=True,
)
