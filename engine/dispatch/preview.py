"""Shows the mails of a change before it is made: fired as a round would, in what is undone."""

from __future__ import annotations

from collections.abc import Sequence
from email import message_from_bytes, policy

from engine.dispatch.firing import fire_in
from engine.dispatch.post import Post, Tally
from engine.dispatch.renewing import renew, stale
from engine.domain.trajectory import Trajectory
from engine.service.mailing import Mailing, Preview
from engine.store import outbox
from engine.store.transaction import Transaction


def previews(
    post: Post, tx: Transaction, trajectory: Trajectory, caused: Sequence[Mailing]
) -> tuple[Preview, ...]:
    """Return the mails that a change causes at once; call it only where all is undone.

    They are fired within the open transaction by the very code of a round, so that they are
    those that a round would make. One that was made before and says it all, or may leave again,
    is shown in the words in which it will. What leaves on a later day is not made yet.
    """
    fire_in(post, tx, trajectory.id, Tally())
    roles = {(mail.reminder, mail.email): mail.role for mail in caused}
    for mail in outbox.mails(tx.connection, trajectory=trajectory.id, statuses=("queued",)):
        if (mail.reminder, _address(mail)) in roles:
            _freshen(post, tx, mail)
    waiting = outbox.mails(tx.connection, trajectory=trajectory.id, statuses=outbox.WAITING)
    return tuple(
        preview(mail.notice, roles[mail.reminder, _address(mail)], mail.mime)
        for mail in waiting
        if mail.mime is not None and (mail.reminder, _address(mail)) in roles
    )


def _freshen(post: Post, tx: Transaction, mail: outbox.Mail) -> None:
    """Write a mail anew that would be when it leaves."""
    reminder = outbox.reminder(tx.connection, mail.reminder)
    found = stale(post, tx, mail, reminder, tx.trajectory_by_id(mail.trajectory))
    if found is not None:
        renew(post, tx, mail, reminder, found)


def preview(notice: str, role: str, mime: bytes) -> Preview:
    """Return what the bytes of a mail say to who opens it."""
    message = message_from_bytes(mime, policy=policy.default)
    body = message.get_body(("plain",))
    return Preview(
        notice,
        role,
        sender=str(message["From"]),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=body.get_content().replace("\r\n", "\n") if body is not None else "",
        attachments=tuple(filter(None, (part.get_filename() for part in message.walk()))),
    )


def _address(mail: outbox.Mail) -> str:
    """Return the address that a mail was written for, as it is known here."""
    return (mail.recipient or "").rpartition("<")[2].rstrip(">")
