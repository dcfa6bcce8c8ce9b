"""Looks at the checkpoints for auditors: whether all was in order, and whether they leave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from commands.frame.context import Context
from commands.health.finding import REMARK, WELL, WRONG, Finding
from commands.pages.columns import alone, wrapped
from commands.pages.wording import moment
from engine.domain.words import N_, Say, say
from engine.store import inspections

if TYPE_CHECKING:
    from engine.store.database import Database

OLD = timedelta(days=8)  # they leave once a week at least, on a working day
WAY_OUT = "traject verify"
SENTENCES = {
    inspections.BROKEN: N_(
        "the history does NOT verify, as was found {at}; auditors get no checkpoint"
    ),
    inspections.FAILED: N_(
        "the history could NOT be checked {at}; the log of traject serve or traject tick says "
        "why, and auditors get no checkpoint"
    ),
}
NOBODY = N_("nobody outside keeps a checkpoint: who rewrites the whole history is not found out")
NONE_YET = N_("no checkpoint has left for the auditors yet")
LONG_AGO = N_("the last checkpoint for the auditors left on {at}, more than {n} days ago")
LEFT = N_("last checkpoint for the auditors: {at}")


def alarm(context: Context) -> list[str]:
    """Return that the history does not verify, and the way out; [] while nothing is wrong."""
    found = _wrong(context, context.database())
    if found is None:
        return []
    text = context.words.say(found)
    return [*wrapped(text[:1].upper() + text[1:] + "."), *alone(context.hint(WAY_OUT))]


def examine(context: Context, database: Database) -> Iterator[Finding]:
    """Yield what an inspection found wrong, and whether somebody outside keeps checkpoints."""
    from engine.service.installing import SIMULATED
    from engine.store import schema
    from engine.store.log import clock_of

    if schema.pending(database):
        return
    wrong = _wrong(context, database)
    if wrong is not None:
        yield Finding("history", WRONG, wrong, (WAY_OUT,))
    with database.reading() as connection:
        tried = clock_of(connection) in (None, SIMULATED)
    if context.settings.checkpoint_to:
        yield _leaving(context, database)
    elif not tried:
        remedy = "traject config set checkpoint_to"
        yield Finding("checkpoints", REMARK, say(NOBODY), (remedy,))


def _wrong(context: Context, database: Database) -> Say | None:
    found = inspections.standing(database)
    if found is None:
        return None
    return say(SENTENCES[found[1]["outcome"]], at=moment(context, found[0]))


def _leaving(context: Context, database: Database) -> Finding:
    """Return when the last checkpoint left, and what helps where that is long ago."""
    from engine.store.keepers import made

    with database.reading() as connection:
        left = [one.sent_at for one in made(connection) if one.status == "sent" and one.sent_at]
    sending = "traject tick" if context.settings.smtp_url else "traject config mail"
    if not left:
        return Finding("checkpoints", REMARK, say(NONE_YET), (sending,))
    last = max(left)
    if context.now() - last > OLD:
        old = say(LONG_AGO, at=moment(context, last), n=OLD.days)
        return Finding("checkpoints", REMARK, old, (sending, "traject mail list"))
    return Finding("checkpoints", WELL, say(LEFT, at=moment(context, last)))
