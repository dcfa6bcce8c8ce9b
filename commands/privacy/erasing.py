"""Erases a contact, an actor or the text of an event: shown first, with a reason, confirmed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.frame.context import Context
from commands.frame.shape import argument, command, option
from commands.frame.terms import changes
from commands.pages import erasing as erasing_page
from commands.typed.asking import ask, can_ask, choose
from commands.typed.choosing import Choice, listed
from commands.typed.persons import actor_of, contact_of
from engine.domain.erasing import REASONS, same
from engine.domain.errors import BadInput
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.dispatch.erasing import Erasure
    from engine.service.desk import Terms

CONTACT, ACTOR = "contact", "actor"
KINDS = {"contact": CONTACT, "actor": ACTOR, "medewerker": ACTOR}
Erasing = Callable[["Terms", str], "Erasure"]
ALONE = N_("{option} stands alone: nothing else can be asked with it")


@command(
    json=True,
    details=N_(
        "Shows first what goes: details, mails that name the person, texts in which the name "
        "stands, files in the mail folder. Asks for a reason and for the name once more, or for "
        "the number of the event. What happened stays in the history, without the name. "
        "Example: traject erase contact 7"
    ),
)
@argument(
    "kind",
    required=False,
    metavar="[contact|actor]",
    type=click.Choice(tuple(KINDS), case_sensitive=False),
)
@argument("who", nargs=-1, metavar="[NUMBER|NAME]")
@option("--event", type=int, metavar="NUMBER", help=N_("Only the free text of this event."))
@option("--due", is_flag=True, help=N_("List who was kept long enough, by the settings."))
@option("--finish", is_flag=True, help=N_("Finish erasures that were broken off."))
@option("--reason", type=click.Choice(tuple(REASONS)), help=N_("Why it is erased."))
@option("--release", is_flag=True, help=N_("Give up the roles that the contact still has."))
@option("--confirm", metavar="NAME", help=N_("The name, or the number of the event, once more."))
@changes(version=False, day=False, mail=False)
def erase(
    context: Context,
    kind: str | None,
    who: tuple[str, ...],
    *,
    event: int | None,
    due: bool,
    finish: bool,
    reason: str | None,
    release: bool,
    confirm: str | None,
    terms: Terms,
) -> None:
    """Erase personal data or free text, for good."""
    given = (kind, who, event is not None, reason, release, confirm, terms.dry_run)
    if (due or finish) and (any(given) or (due and finish)):
        raise BadInput(ALONE, option="--due" if due else "--finish")
    if due:
        from commands.privacy.retention import list_due

        list_due(context)
        return
    if finish:
        from commands.privacy import rest as erasing_rest

        erasing_rest.finish(context)
        return
    from commands.mailing.copies import remove

    looks = terms.dry_run or can_ask(context)  # who is asked sees first what is given up
    erasing = _erasing(context, kind, " ".join(who), event, release=release or looks)
    found = erasing(replace(terms, dry_run=True), reason or "other")
    files = _copies(context, found)
    if terms.dry_run or not context.json:
        erasing_page.show(context, found, files, dry_run=terms.dry_run)
    if terms.dry_run:
        return
    reason = reason or _reason(context)
    _confirm(context, found, confirm)
    with _standstill(context, kind):
        done = erasing(terms, reason)
        left = remove({*files, *_copies(context, done)})
    _finish(context, done, files, left)


def _erasing(
    context: Context, kind: str | None, who: str, event: int | None, *, release: bool
) -> Erasing:
    """Return what erases, given the terms and the reason. Raises: BadInput; NotFound."""
    from commands.rounds.running import post
    from engine.dispatch import erasing

    if (kind is None) == (event is None):
        raise BadInput(
            N_(
                "say what to erase: traject erase contact, traject erase actor, or the free text "
                "of an event with --event NUMBER"
            )
        )
    desk = context.desk()
    if event is not None:
        number = event
        return lambda terms, why: erasing.erase_text(desk, number, terms, reason=why)
    room = post(context, anyhow=True)
    if KINDS[kind or CONTACT] == ACTOR:
        actor = actor_of(context, who or None)
        return lambda terms, why: erasing.erase_actor(desk, room, actor, terms, reason=why)
    contact = contact_of(context, who or None)
    return lambda terms, why: erasing.erase_contact(
        desk, room, contact, terms, reason=why, release=release
    )


def _standstill(context: Context, kind: str | None) -> AbstractContextManager[None]:
    """Return what keeps a mail that names a person from becoming a file meanwhile."""
    from commands.rounds.running import post
    from engine.dispatch.standstill import no_letter_written

    return nullcontext() if kind is None else no_letter_written(post(context, anyhow=True))


def _reason(context: Context) -> str:
    """Return the code of the reason that a person chooses. Raises: BadInput in a pipe."""
    codes = tuple(REASONS)
    if not can_ask(context):
        choices = [Choice(code, context.in_words(REASONS[code]), 0) for code in codes]
        raise BadInput(N_("say why, with --reason CODE:{possible}"), possible=listed(choices))

    def read(typed: str) -> str:
        if typed.isdecimal() and 1 <= int(typed) <= len(codes):
            return codes[int(typed) - 1]
        if typed in codes:
            return typed
        raise BadInput(N_("choose a number from 1 to {n}"), n=len(codes))

    rows = [(context.in_words(REASONS[code]),) for code in codes]
    return choose(context.in_words(N_("Why?")), context, rows, read)


def _confirm(context: Context, found: Erasure, typed: str | None) -> None:
    """Have the name typed once more, or the number of the event. Raises: BadInput."""
    wanted = found.name or found.email or str(found.number)

    def read(word: str) -> str:
        if not same(word, wanted):
            raise BadInput(
                N_("{word} is not {wanted}; nothing was erased"), word=word, wanted=wanted
            )
        return word

    if typed is not None:
        read(typed)
    elif can_ask(context):
        question = N_("This cannot be undone. Type {wanted} to erase it, Ctrl-C to leave it:")
        ask(context.in_words(question, wanted=wanted), context, read)
    else:
        raise BadInput(
            N_("this cannot be undone: confirm it with --confirm {wanted}"),
            wanted=f'"{wanted}"' if " " in wanted else wanted,
        )


def _copies(context: Context, found: Erasure) -> list[Path]:
    """Return the files of mails that name the person."""
    from commands.mailing.copies import copies

    if not found.subject:
        return []
    addresses = {one.value for one in found.details if one.field == "email"}
    return copies(context, {mail.message_id for mail in found.every_mail}, addresses)


def _finish(context: Context, done: Erasure, files: list[Path], left: list[Path]) -> None:
    """Take what is left out of the database's files, keep the list for a restore, and tell."""
    from commands.privacy.rest import settle

    cleared, unwritten = settle(context, done.values)
    if context.json:
        context.echo_json(erasing_page.as_json(done, files, dry_run=False, cleared=cleared))
    else:
        erasing_page.tell_done(context, done, cleared)
    erasing_page.tell_left(context, left, unwritten)
