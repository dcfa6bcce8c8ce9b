"""Prints the mails that a dry run would cause: each distinct text once, with all its readers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from commands.frame.context import Context
from commands.pages.columns import wrapped
from commands.pages.wording import mailbox
from engine.domain.errors import TrajectError
from engine.domain.words import LANGUAGES, N_

if TYPE_CHECKING:
    from engine.domain.trajectory import Trajectory
    from engine.service.desk import Look
    from engine.service.mailing import Mailing, Preview
    from engine.store.transaction import Transaction

SURE = N_("Exactly these words leave; only the check value at the foot will be another.")
MOST = 3  # texts that are all printed; of more, the first for each kind of reader


def look(context: Context) -> Look:
    """Return what renders the mails of a dry run, with the composer and settings of this run.

    All that takes long is made ready now, before others wait for the transaction of this run.
    """
    from commands.rounds.running import post
    from engine.dispatch.preview import previews
    from notifications.compose import environment

    room = None
    with suppress(TrajectError):  # told when there is a mail to show, and not for the rest
        room = post(context)
        for lang in LANGUAGES:
            environment(lang)
        room.calendar.add_working_days(context.today(), 1)  # the holidays are read once

    def looked(
        tx: Transaction, trajectory: Trajectory, caused: Sequence[Mailing]
    ) -> tuple[Preview, ...]:
        return previews(room or post(context), tx, trajectory, caused)

    return looked


def tell_previews(context: Context, previews: Sequence[Preview]) -> None:
    """Print the mails as they would leave; of many alike, one, and who gets the others."""
    texts: dict[tuple[str, ...], list[Preview]] = {}
    for mail in previews:
        texts.setdefault((mail.sender, mail.subject, mail.text, *mail.attachments), []).append(mail)
    shown = list(texts.values())
    if len(shown) > MOST:
        kinds = {(alike[0].notice, alike[0].role): alike for alike in reversed(shown)}
        shown = [alike for alike in shown if kinds[alike[0].notice, alike[0].role] is alike]
    for alike in shown:
        context.echo()
        _tell_one(context, alike)
    others = [mail for alike in texts.values() if alike not in shown for mail in alike]
    if previews:
        context.echo()
    if others:
        readers = ", ".join(mail.to for mail in others)
        _say(context, N_("Like these, with their own name or place: {readers}."), readers=readers)
    if previews:
        _say(context, SURE)


def _tell_one(context: Context, alike: Sequence[Preview]) -> None:
    """Print one mail, with all who get these words."""
    mail = alike[0]
    for one in alike:
        _say(context, N_("To: {text}"), text=mailbox(one.to))
    _say(context, N_("From: {text}"), text=mailbox(mail.sender))
    _say(context, N_("Subject: {text}"), text=mail.subject)
    if mail.attachments:
        _say(context, N_("Attached: {text}"), text=", ".join(mail.attachments))
    context.echo()
    for line in mail.text.rstrip("\n").split("\n"):
        context.echo(f"  {line}".rstrip())


def _say(context: Context, template: str, **values: object) -> None:
    """Print a sentence on lines that fit."""
    for line in wrapped(context.in_words(template, **values), hanging=2):
        context.echo(line)
