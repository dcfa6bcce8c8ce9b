"""Erases once more what a file says was erased, in a log that came back from before that."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.domain.decisions.decision import Draft
from engine.domain.erasing import RESTORED
from engine.domain.events import (
    ActorChanged,
    ContactReleased,
    Detail,
    DetailsErased,
    ErasedDetail,
    MailCancelled,
)
from engine.service.desk import withdraw
from engine.store import erasing, mentions, outbox
from engine.store.erasures import Erasure
from engine.store.outbox import WAITING
from engine.store.transaction import LOG, PEOPLE, Stamp, Transaction


def reapplied(found: Iterable[Erasure]) -> Callable[[Transaction, Stamp], int]:
    """Return what erases these once more, in a transaction, and tells how many needed it."""

    def again(tx: Transaction, stamp: Stamp) -> int:
        return sum(_once_more(tx, stamp, one) for one in found)

    return again


def _once_more(tx: Transaction, stamp: Stamp, erasure: Erasure) -> bool:
    """Erase what is there of one erasure; tell whether anything was.

    Of a person all that is kept as theirs goes, in whatever order the list was written.
    """
    subject = _same_person(tx, erasure)
    pairs = _there(tx, erasure, subject)
    mails = [one.id for one in erasing.naming(tx.connection, subject) if one.held]
    if not (pairs or mails):
        return False
    for number in mails:
        _cancel(tx, stamp, number)
    _take_out(tx, subject, pairs)
    erasing.erase(tx.connection, pairs)
    erasing.empty(tx.connection, mails)
    if subject:
        _end(tx, stamp, subject)
        tx.forget(subject)
    erased = tuple(ErasedDetail(position, field) for position, field in pairs)
    fact = DetailsErased(erased, subject, tuple(mails))
    tx.record_in(LOG, [Draft(fact, (Detail("reason", RESTORED),))], stamp)
    return True


def _end(tx: Transaction, stamp: Stamp, subject: str) -> None:
    """Let an actor act no longer, a contact have no role: nobody is left who could be meant."""
    kind, _, number = subject.partition(":")
    if kind == "contact":
        _release(tx, stamp, int(number))
        return
    actor = tx.people.actors.get(int(number))
    if actor is not None and actor.active:
        ended = ActorChanged(actor.id, actor.role, actor.lang, active=False)
        tx.record_in(PEOPLE, [Draft(ended)], stamp)


def _release(tx: Transaction, stamp: Stamp, contact: int) -> None:
    """End the roles of a contact in open trajectories; they had none when they were erased."""
    held: dict[str, list[Draft]] = {}
    for ref, role, nis in erasing.open_roles(tx.connection, contact):
        held.setdefault(ref, []).append(Draft(ContactReleased(contact, role, nis or None)))
    for ref, drafts in held.items():
        _, after = tx.record_on(tx.trajectory(ref), drafts, stamp)
        withdraw(tx, stamp, after)


def _same_person(tx: Transaction, erasure: Erasure) -> str:
    """Return the key of the person where it is still theirs, "" where it may be another's.

    The number of who was added after the backup is given out anew; that of who was in it is
    known by a detail that the list names and that is kept as theirs, erased or not.
    """
    kept = (
        (position, field)
        for position in {position for position, _ in erasure.erased}
        for field, subject, _ in erasing.details_of(tx.connection, position)
        if subject == erasure.subject
    )
    return erasure.subject if set(kept) & set(erasure.erased) else ""


def _there(tx: Transaction, erasure: Erasure, subject: str) -> list[tuple[int, str]]:
    """Return (position, field) of what is kept as the person's, and of what the list names."""
    kept = {
        (position, field)
        for position in {position for position, _ in erasure.erased}
        for field, _, value in erasing.details_of(tx.connection, position)
        if value is not None
    }
    own = {(one.position, one.field) for one in erasing.kept_of(tx.connection, subject)}
    return sorted(own | (kept & set(erasure.erased)))


def _take_out(tx: Transaction, subject: str, pairs: Iterable[tuple[int, str]]) -> None:
    """Take the words by which a person is known, or an answer, out of where they are repeated."""
    there = [
        (field, value)
        for position, wanted in pairs
        for field, _, value in erasing.details_of(tx.connection, position)
        if field == wanted and value is not None
    ]
    telling = ("name", "email") if subject else (erasing.REPLY,)
    words = [value for field, value in there if field in telling]
    accounts = [value for field, value in there if field == "account"]
    mentions.take_out(tx.connection, words, accounts)


def _cancel(tx: Transaction, stamp: Stamp, number: int) -> None:
    mail = outbox.mail(tx.connection, number)
    if mail is None or mail.status not in (*WAITING, "sending"):
        return
    outbox.change(tx.connection, number, status="cancelled")
    cancelled = [Draft(MailCancelled(number, "erased"))]
    if mail.of_trajectory:
        tx.record_on(tx.trajectory_by_id(mail.trajectory), cancelled, stamp)
    else:
        tx.record_in(mail.trajectory, cancelled, stamp)
