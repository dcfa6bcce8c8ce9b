"""Says why no mail leaves: the queue rests, or a round is still to come; and what helps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from commands.columns import wrapped
from commands.context import Context
from commands.wording import moment
from engine.domain.words import N_
from engine.store.due import due_trajectories, last_beat

OPEN, HELD = "open", "held"
PAUSED = N_("Mails wait until {at}: the mail server does not answer.")
REFUSED = N_("No mail leaves: the mail server refuses us ({reason}).")
NO_FOLDER = N_("No mail is kept: the folder {folder} cannot be written.")
LOOK = N_("Look into it: traject mail test, traject doctor")
AT_ONCE = N_(
    "No mail leaves: {count} mails to {people} people would leave at once, more than {limit}."
)
AN_HOUR = N_("No mail leaves: {limit} left within an hour; {count} to {people} people wait.")
RESTORED = N_(
    "No mail leaves: this log was put back from a back-up. Mails that wait: {count}; people whom "
    "they are for: {people}. Some may have left already, after that back-up."
)
MOVED = N_(
    "No mail leaves: the log moved here. Mails that wait: {count}; people whom they are for: "
    "{people}."
)
REASONS = {"at_once": AT_ONCE, "an_hour": AN_HOUR, "restored": RESTORED, "moved": MOVED}
CHECK = N_("What they are: traject tick --dry-run, traject mail list --status held")
WAITING = N_("What they are: traject mail list")
LET_GO = N_("All is well? traject mail release --all")
GO_ON = N_("Mended? traject mail release --all")


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
    template = REFUSED if state["state"] == HELD else PAUSED
    sentence = context.in_words(
        NO_FOLDER if state.get("phase") == "file" else template,
        at=moment(context, datetime.fromisoformat(state["until"])),
        reason=f"{state.get('phase') or ''} {state.get('code') or ''}".strip(),
        folder=str(context.settings.mail_folder),
    )
    remedies = (LOOK, GO_ON) if state["state"] == HELD else (LOOK,)
    told = (line for remedy in remedies for line in wrapped(context.in_words(remedy), indent=5))
    return [*wrapped(sentence), *told]


def _too_much(context: Context, state: dict[str, Any]) -> list[str]:
    """Return that a person has to let the mails go, and of how many people."""
    sentence = context.in_words(
        REASONS[state["why"]],
        count=state["mails"],
        people=state["people"],
        limit=state["limit"],
    )
    elsewhere = state["why"] in ("restored", "moved")  # they are not held one by one
    told = (context.in_words(remedy) for remedy in (WAITING if elsewhere else CHECK, LET_GO))
    return [*wrapped(sentence), *(line for one in told for line in wrapped(one, indent=5))]


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
