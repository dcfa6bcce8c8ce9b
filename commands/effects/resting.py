"""Says why no mail leaves: the queue rests, or a round is still to come; and what helps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from commands.frame.context import Context
from commands.pages.columns import alone, wrapped
from commands.pages.wording import mails, moment, people
from engine.domain.errors import TrajectError
from engine.domain.words import N_, Say, say
from engine.store.due import due_trajectories, last_beat

OPEN, HELD = "open", "held"
SETTINGS = "settings"  # in the place of a phase: no server was asked
PAUSED = N_("Mails wait until {at}: {why}.")
STOPPED = N_("No mail leaves: {why}.")
NO_FOLDER = N_("the folder {folder} cannot be written")
MISTAKEN = N_("our own settings of the mail server are not in order ({reason})")
REFUSED = N_("the mail server refuses us ({reason})")
NO_ROAD = N_("the road to the mail server is not in order ({reason})")
BUSY = N_("the mail server is busy and asks to come back later ({code})")
NO_TOKEN = N_("no token to sign in with was given just now ({reason})")
SILENT = N_("the mail server does not answer")
CUT_OFF = N_("the mail server broke off the conversation")
LOOK = N_("Look into it: traject mail test, traject doctor")
OWN_SENDER = N_(
    "The server does not take the address that mails come from, {sender}. Let it be allowed "
    "there, or name another for the mails still to be made (the setting sender):"
)
COACHES_SEND = N_(
    "The server does not take the address of the coach, which mails come from. Let it be allowed "
    "there, or name one sender for the mails still to be made (the setting sender):"
)
SET_SENDER = "traject config mail"  # which asks for the sender too
AT_ONCE = N_("No mail leaves: {mails} to {people} would leave at once, more than {limit}.")
AN_HOUR = N_("No mail leaves: {limit} left within an hour; still waiting: {mails} to {people}.")
RESTORED = N_(
    "No mail leaves: this log was put back from a back-up. Still waiting: {mails} to {people}. "
    "Some may have left already, after that back-up."
)
MOVED = N_("No mail leaves: the log moved here. Still waiting: {mails} to {people}.")
REASONS = {"at_once": AT_ONCE, "an_hour": AN_HOUR, "restored": RESTORED, "moved": MOVED}
CHECK = N_("What they are: traject tick --dry-run, traject mail list --status held")
WAITING = N_("What they are: traject mail list")
ALSO = N_("A round makes {mails} more, to {people}; which: traject tick --dry-run")
LET_GO = N_("All is well? traject mail release --all")
GO_ON = N_("Mended? traject mail release --all")

_ENHANCED = re.compile(r"^[245]\.\d{1,3}\.\d{1,3}\s+")
TEMPORARY, LASTING = 400, 500  # codes of SMTP: come back later; no
_LOST = ("Connection lost", "Server disconnected", "Unexpected EOF", "Connection reset")


def queue(context: Context) -> dict[str, Any]:
    """Return how the queue is: `state` open, paused or held, and when it may try again."""
    with context.database().reading() as connection:
        beat = last_beat(connection, "queue")
    return beat[1] if beat is not None else {"state": OPEN}


def resting(context: Context, state: dict[str, Any]) -> list[str]:
    """Return in sentences that no mail leaves for now and what helps; [] while mails leave."""
    if state["state"] == OPEN:
        return []
    if "why" in state:
        return _too_much(context, state)
    held = state["state"] == HELD
    sentence = context.in_words(
        STOPPED if held else PAUSED,
        at=moment(context, datetime.fromisoformat(state["until"])),
        why=cause(context, state),
    )
    told: list[str] = []
    for remedy in (*remedies(context, state), *((say(GO_ON),) if held else ())):
        if isinstance(remedy, str):
            told += alone(context.hint(remedy), 5)
        else:
            told += wrapped(context.words.say(remedy), indent=5)
    return [*wrapped(sentence), *told]


def cause(context: Context, state: Mapping[str, Any]) -> Say:
    """Return why a server or a folder takes no mail, in a few words without a full stop."""
    phase, code = state.get("phase") or "", state.get("code") or 0
    text = _their_words(context, state)
    if phase == "file":
        return say(NO_FOLDER, folder=str(context.settings.mail_folder))
    if phase == SETTINGS:
        return say(MISTAKEN, reason=_mistake(context) or text)
    words = f": {text}" if text else ""
    if state["state"] == HELD:
        if code:
            return say(REFUSED, reason=f"{phase} {code}{words}")
        return say(NO_ROAD, reason=f"{_phase(context, phase)}{words}")
    if TEMPORARY <= code < LASTING:
        return say(BUSY, code=f"{code}{words}")
    if phase == "token":
        return say(NO_TOKEN, reason=text or "–")
    return say(CUT_OFF if text.startswith(_LOST) else SILENT)


def remedies(context: Context, state: Mapping[str, Any]) -> tuple[str | Say, ...]:
    """Return what helps a queue that rests: sentences, and commands to type."""
    if state.get("phase") == "mail" and state["state"] == HELD:
        sender = context.settings.sender
        told = say(OWN_SENDER, sender=sender) if sender else say(COACHES_SEND)
        return told, SET_SENDER
    if state.get("phase") == SETTINGS:
        return ("traject config mail",)
    return (say(LOOK),)


def _their_words(context: Context, state: Mapping[str, Any]) -> str:
    """Return what the server said last, without its class of faults and without addresses."""
    from commands.mailing.road import in_our_words
    from engine.dispatch.resting import without_people

    text = without_people(state.get("phase") or "", state.get("text") or "")
    return in_our_words(context, _ENHANCED.sub("", text)).rstrip(".")


def _phase(context: Context, phase: str) -> str:
    from commands.mailing.road import PHASES

    return context.words.text(PHASES[phase]) if phase in PHASES else phase


def _mistake(context: Context) -> Say | None:
    """Return what is wrong with the settings of the mail server, None once they are mended."""
    try:
        context.notifier()
    except TrajectError as error:
        return error.sentence
    return None


def _too_much(context: Context, state: dict[str, Any]) -> list[str]:
    """Return that a person has to let the mails go, and of how many people."""
    sentence = context.in_words(
        REASONS[state["why"]],
        mails=mails(context, state["mails"]),
        people=people(context, state["people"]),
        limit=state["limit"],
    )
    elsewhere = state["why"] in ("restored", "moved")  # they are not held one by one
    also = yet_to_be_made(context) if elsewhere else ""
    told = (context.in_words(WAITING if elsewhere else CHECK), also, context.in_words(LET_GO))
    lines = (line for one in told if one for line in wrapped(one, indent=5))
    return [*wrapped(sentence), *lines]


def yet_to_be_made(context: Context) -> str:
    """Return how many mails a round would make beside those that wait, "" where it makes none.

    After a restore those that left since the back-up are among them.
    """
    from commands.mailing.releasing import coming

    found = coming(context)
    if not found.made:
        return ""
    readers = people(context, len(found.readers))
    return context.in_words(ALSO, mails=mails(context, found.made), people=readers)


def tell_due(context: Context, refs: dict[str, str], chosen: str | None) -> None:
    """Say that reminders are due which no round made into mails yet."""
    with context.database().reading() as connection:
        waiting = due_trajectories(connection, context.now())
    due = [refs[one] for one in waiting if chosen in (None, one)]
    if due:
        context.say(N_("Reminders are due; a round makes mails of them: traject tick"))
        context.say(N_("What will leave: traject forecast {ref}"), ref=context.handle(due[0]))
    elif chosen is not None:
        context.say(N_("What will leave: traject forecast {ref}"), ref=context.handle(refs[chosen]))
