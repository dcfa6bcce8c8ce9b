"""What a person decides about mail: hold it, release it, try it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time

from engine.dispatch import periodic
from engine.dispatch.early import make_early
from engine.dispatch.firing import fire_in
from engine.dispatch.outgoing import record
from engine.dispatch.post import Post, Tally
from engine.domain.decisions.decision import Draft
from engine.domain.errors import NotFound, Refused
from engine.domain.events import Fact, MailHeld, MailReleased
from engine.domain.words import N_
from engine.domain.workdays import BRUSSELS
from engine.service.desk import Desk, Terms, run
from engine.service.rights import require_writer
from engine.store import outbox
from engine.store.due import beat, last_beat
from engine.store.holds import QUEUE, let_go, let_pass, standing
from engine.store.outbox import Mail
from engine.store.transaction import Stamp, Transaction

HELD, QUEUED = "held", "queued"


def hold(
    desk: Desk,
    post: Post,
    *,
    ref: str | None = None,
    number: int | None = None,
    dry_run: bool = False,
) -> list[Mail]:
    """Return the waiting mails of a trajectory, or the one named, now held.

    What a command of a moment ago caused, and what leaves by the end of the next working day,
    is rendered first, in the same transaction, so that it is held too and a dry run tells of it.
    """

    def withhold(tx: Transaction, mail: Mail) -> Fact:
        outbox.change(tx.connection, mail.id, status=HELD)
        return MailHeld(mail.id, "person")

    def render(tx: Transaction) -> None:
        if ref is not None:
            id_ = tx.trajectory(ref).id
            fire_in(post, tx, id_, Tally())
            make_early(post, tx, id_, _in_sight(desk))

    return _decide(desk, (QUEUED,), withhold, ref=ref, number=number, dry_run=dry_run, first=render)


def release(
    desk: Desk,
    post: Post | None = None,
    *,
    ref: str | None = None,
    number: int | None = None,
    dry_run: bool = False,
) -> list[Mail]:
    """Return the held mails of a trajectory, or the one named, now free to leave.

    While the whole queue is held they pass, and with them what waits of the trajectory: what is
    due is made by `post` first, as no round makes it. All the others stay held.
    """

    def body(tx: Transaction, stamp: Stamp) -> list[Mail]:
        named = ref is not None or number is not None
        stopped = named and standing(tx.connection) is not None
        chosen = _chosen(tx, (HELD, *outbox.FREE) if stopped else (HELD,), ref, number)
        for mail in chosen:
            if number is not None:
                _require_present(tx, desk, mail)
            if mail.status == HELD:
                leaves = max(mail.not_before, tx.now)
                outbox.change(tx.connection, mail.id, status=QUEUED, uncertain=0, next_at=leaves)
            record(tx, stamp, mail, Draft(MailReleased(mail.id)))
        if stopped and ref is not None and post is not None:
            for mail in _made(post, tx, tx.trajectory(ref).id):
                record(tx, stamp, mail, Draft(MailReleased(mail.id)))
                chosen.append(mail)
        let_pass(tx.connection, tx.now, [mail.id for mail in chosen])
        found = (outbox.mail(tx.connection, mail.id) or mail for mail in chosen)
        return [mail for mail in found if mail.status in outbox.FREE]

    return run(desk, Terms(dry_run=dry_run), body)


def _made(post: Post, tx: Transaction, id_: str) -> list[Mail]:
    """Return the mails that what is due of a trajectory became now."""
    first = outbox.next_id(tx.connection)
    fire_in(post, tx, id_, Tally())
    return [mail for mail in outbox.mails(tx.connection, trajectory=id_) if mail.id >= first]


def retry(desk: Desk, number: int, *, dry_run: bool = False) -> list[Mail]:
    """Return a dead, held or waiting mail, to be tried at the next round with the same bytes.

    No hold of the whole queue stops it. Raises: Refused for one that is past.
    """

    def again(tx: Transaction, mail: Mail) -> Fact:
        _require_present(tx, desk, mail)
        outbox.change(
            tx.connection,
            mail.id,
            status=QUEUED,
            attempts=0,
            uncertain=0,
            not_before=tx.now,
            next_at=tx.now,
        )
        let_pass(tx.connection, tx.now, [mail.id])
        return MailReleased(mail.id)

    states = ("dead", HELD, QUEUED, "uncertain")
    return _decide(desk, states, again, ref=None, number=number, dry_run=dry_run)


def wake_queue(desk: Desk, *, allowed: int = 0) -> bool:
    """Let a resting queue try at the next round; tell whether it rested.

    Where it was held for being too much, `allowed` more mails may be made in one round.
    """
    require_writer(desk.actor)
    with desk.database.writing() as connection:
        state = last_beat(connection, QUEUE)
        if state is None or state[1]["state"] == "open":
            return False
        if "why" in state[1]:
            let_go(connection, desk.now, allowed)
            return True
        beat(connection, QUEUE, desk.now, {**state[1], "until": desk.now.isoformat()})
    return True


def _require_present(tx: Transaction, desk: Desk, mail: Mail) -> None:
    """Refuse a mail of a period that is over: it would not leave any more."""
    if not mail.of_trajectory and periodic.is_past(mail, tx.now, desk.calendar):
        raise Refused(periodic.over(mail), number=mail.id)


def _in_sight(desk: Desk) -> datetime:
    """Return the end of the next working day: the morning shows the mails up to then."""
    last = desk.calendar.add_working_days(desk.today, 1)
    return datetime.combine(last, time.max, BRUSSELS)


def _decide(
    desk: Desk,
    states: tuple[str, ...],
    act: Callable[[Transaction, Mail], Fact],
    *,
    ref: str | None,
    number: int | None,
    dry_run: bool,
    first: Callable[[Transaction], None] = lambda _: None,
) -> list[Mail]:
    """Apply a decision to the mails it concerns, each with its event; `first` comes before."""

    def body(tx: Transaction, stamp: Stamp) -> list[Mail]:
        first(tx)
        chosen = _chosen(tx, states, ref, number)
        for mail in chosen:
            record(tx, stamp, mail, Draft(act(tx, mail)))
        return [outbox.mail(tx.connection, mail.id) or mail for mail in chosen]

    return run(desk, Terms(dry_run=dry_run), body)


def _chosen(
    tx: Transaction, states: tuple[str, ...], ref: str | None, number: int | None
) -> list[Mail]:
    """Return the mails in one of these states; one named must be in one of them."""
    if number is None:
        trajectory = tx.trajectory(ref).id if ref is not None else None
        return outbox.mails(tx.connection, trajectory=trajectory, statuses=states)
    mail = outbox.mail(tx.connection, number)
    if mail is None:
        raise NotFound(N_("there is no mail {number}; see: traject mail list"), number=number)
    if mail.status not in states:
        raise Refused(
            N_("mail {number} is {status}; that cannot be done with it now"),
            number=number,
            status=mail.status,
        )
    if mail.mime is None:
        raise Refused(N_("the contents of mail {number} were erased"), number=number)
    return [mail]
