"""Looks at the rounds: when the last one was, what it could not do, whether the queue rests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from commands.effects import resting
from commands.frame.context import Context
from commands.health.finding import REMARK, WELL, WRONG, Finding, looked
from commands.pages.columns import alone, wrapped
from commands.pages.wording import mails, moment, people
from commands.rounds.installing import fitting
from engine.domain.words import N_, Say, say

if TYPE_CHECKING:
    from engine.store.database import Database

UNWRITTEN = N_(
    "mails that could not be written at the last round: {n}; they stay planned, and the log of "
    "traject serve or traject tick says why"
)
GIVEN_UP = {  # remarks only: the first stay so for good, a person may mean the others
    "dead": N_("mails that could not be delivered: {n}"),
    "held": N_("mails that are held until somebody lets them go: {n}"),
}
UNREAD = N_("reminders that reached nobody: {n}")
QUIET = timedelta(hours=25)  # a daily round may be an hour late
REVIEW = ("traject tick --dry-run", "traject mail release --all")
STUCK = timedelta(hours=1)  # that mails wait while another process has the sender's place
SENDER = N_("another process has the place of the sender and sends nothing; mails wait since {at}")
LOOK_FOR_IT = N_("Look for a traject serve that was stopped or hangs, and end it.")
QUIET_FOR_DAYS = N_("No mail round for {days} working days; the last was {at}. No mail leaves.")
TOO_MUCH = {
    "at_once": N_("held: {mails} to {people} at once, more than {limit}"),
    "an_hour": N_("held: {limit} left within an hour; still waiting: {mails} to {people}"),
    "restored": N_("a back-up was put back; still waiting: {mails} to {people}"),
    "moved": N_("the log moved here; still waiting: {mails} to {people}"),
}
SILENCE = 2  # working days without a round, after which nobody looks after the mails


def examine(context: Context, database: Database) -> Iterator[Finding]:
    """Yield when mail was last looked after, and whether the queue rests."""
    from engine.store import schema

    if schema.pending(database):
        return
    yield from looked("rounds", _rounds, context, database)
    yield from looked("unread", _unread, database)
    yield from looked("mails", _given_up, database)
    yield from looked("queue", _queue, context, database)


def _rounds(context: Context, database: Database) -> Iterator[Finding]:
    """Yield when the last round was, and what it could not do."""
    from engine.service.installing import SIMULATED
    from engine.store.due import last_beat, next_wake
    from engine.store.log import clock_of

    with database.reading() as connection:
        last, wake = last_beat(connection, "tick"), next_wake(connection)
        played = clock_of(connection) == SIMULATED and context.given.now is None
    waiting = wake is not None and wake <= context.now() - QUIET
    yield _round(context, last[0] if last else None, waiting=waiting, played=played)
    if last and last[1].get("stood_by") and wake is not None and wake <= context.now() - STUCK:
        yield Finding("sender", WRONG, say(SENDER, at=wake), (say(LOOK_FOR_IT),))
    if failed := last[1].get("failed", 0) if last else 0:
        yield Finding("unwritten", WRONG, say(UNWRITTEN, n=failed), ("traject tick",))


def _unread(database: Database) -> Iterator[Finding]:
    """Yield how many trajectories nobody can read."""
    from engine.store.dossiers import unread

    with database.reading() as connection:
        count = len(unread(connection))
    if count:
        yield Finding("unread", REMARK, say(UNREAD, n=count), ("traject --all",))


def _queue(context: Context, database: Database) -> Iterator[Finding]:
    """Yield why the queue rests, where it does."""
    from engine.dispatch.resting import is_alarming
    from engine.store.due import last_beat

    with database.reading() as connection:
        queue = last_beat(connection, "queue")
    if queue is None or queue[1]["state"] == "open":
        return
    if "why" in queue[1]:
        yield Finding("queue", WRONG, _too_much(context, queue[1]), REVIEW)
        return
    held = queue[1]["state"] == "held"
    found = resting.remedies(context, queue[1])
    found = ("traject mail test",) if found == (say(resting.LOOK),) else found
    remedies = (*found, *(("traject mail release --all",) if held else ()))
    cause = resting.cause(context, queue[1])
    alarming = held or is_alarming(queue[1], context.now())
    yield Finding("queue", WRONG if alarming else REMARK, cause, remedies)


def _given_up(database: Database) -> Iterator[Finding]:
    """Yield how many mails were not delivered, and how many are held one by one."""
    from engine.store.dossiers import troubled

    with database.reading() as connection:
        found = [one.status for one in troubled(connection)]
    for status, template in GIVEN_UP.items():
        if count := found.count(status):
            listing = f"traject mail list --status {status}"
            yield Finding(f"mails_{status}", REMARK, say(template, n=count), (listing,))


def silence(context: Context, last: datetime | None) -> list[str]:
    """Return that nobody looked after the mails for days, and what helps; [] while all is well."""
    from engine.service.installing import SIMULATED
    from engine.store.log import clock_of

    if last is None or (days := _working_days_since(context, last)) <= SILENCE:
        return []
    with context.database().reading() as connection:
        if clock_of(connection) == SIMULATED and context.given.now is None:
            return []  # the real time says nothing about a log that is only tried out
    sentence = context.in_words(QUIET_FOR_DAYS, days=days, at=moment(context, last))
    remedies = ("traject tick", f"traject serve --install {fitting()}")
    told = (line for one in remedies for line in alone(context.hint(one)))
    return [*wrapped(sentence), *told]


def _too_much(context: Context, state: dict[str, Any]) -> Say:
    """Return that mails are held until a person has had a look."""
    many, readers = mails(context, state["mails"]), people(context, state["people"])
    return say(TOO_MUCH[state["why"]], mails=many, people=readers, limit=state["limit"])


def _round(context: Context, last: datetime | None, *, waiting: bool, played: bool) -> Finding:
    """Return how old the last round is; `played`: the real time says nothing about this log."""
    remedies = (f"traject serve --install {fitting()}", "traject tick")
    wrong = REMARK if played else WRONG
    if last is None and not waiting:
        none = say(N_("no mail round was held yet"))
        return Finding("rounds", REMARK, none, remedies)
    if last is None or (waiting and context.now() - last > QUIET):
        waits = say(N_("mails wait and nobody sends them"))
        return Finding("rounds", wrong, waits, remedies)
    if (days := _working_days_since(context, last)) > SILENCE:
        silence = say(
            N_("no mail round for {days} working days: the last was {at}"), days=days, at=last
        )
        return Finding("rounds", wrong, silence, remedies)
    return Finding("rounds", WELL, say(N_("last mail round: {at}"), at=last))


def _working_days_since(context: Context, last: datetime) -> int:
    from engine.domain.workdays import brussels_day

    return context.calendar().working_days_between(brussels_day(last), context.today())
