"""The rounds: tick once, or serve and keep ticking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import click

from commands.effects import resting
from commands.frame.context import Context
from commands.frame.shape import command, option
from commands.health.witnesses import alarm
from commands.pages.wording import people
from engine.domain.errors import BadInput, TryAgain
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.dispatch.post import Post, Tally
    from engine.ports import Clock, Notifier

WAITS = N_("1 mail waits: {why} (traject doctor)")
WAIT = N_("{n} mails wait: {why} (traject doctor)")
HELD = 7  # the exit code when a mail became dead or the queue is held
BROKEN = 8  # when the history does not verify


@command(
    details=N_(
        "Safe to run at any time and as often as you like, by hand, from cron or from a task "
        "scheduler: what is due is handled once."
    ),
    json=True,
)
@option("--dry-run", is_flag=True, help=N_("Only say how many reminders would become mail."))
def tick(context: Context, dry_run: bool) -> int:
    """Run one round."""
    from dataclasses import asdict

    from engine.dispatch.tick import tick as round_once
    from engine.store.inspections import standing

    try:
        with nullcontext() if context.json else _untold():
            room = post(context, anyhow=True)
            tally = round_once(room, dry_run=dry_run)
    except TryAgain:
        context.tell(N_("The round stopped at a step that failed; the steps before it stay done."))
        raise
    tally.broken = standing(room.database) is not None  # whichever round found it
    if context.json:
        context.echo_json(asdict(tally))
    else:
        tell(context, tally)
    if not context.json:
        tell_volume(context, tally)
    if dry_run and not context.json:
        from commands.mailing.releasing import print_coming

        print_coming(context)
        context.tell(N_("Nothing was changed and nothing was sent."))
    if tally.broken:
        return BROKEN
    mistake = getattr(room.notifier, "mistake", None)
    if mistake is not None and not tally.held:
        context.talk(context.words.say(mistake.sentence))  # though nothing was due
        return HELD
    return HELD if tally.dead or tally.held or tally.failed or tally.unwell else 0


@command(
    details=N_(
        "Runs until it is stopped with Ctrl+C or SIGTERM; a round that has begun is finished "
        "first. Several may run beside each other: one sends, the others stand by."
    )
)
@option(
    "--every",
    type=click.FloatRange(min=1, max=3600),
    default=60.0,
    metavar="SECONDS",
    help=N_("Seconds between two rounds (60)."),
)
@option(
    "--install",
    type=click.Choice(["windows", "systemd", "cron"]),
    help=N_("Let the rounds run by themselves, as a service or a task; sends nothing now."),
)
@option("--dry-run", is_flag=True, help=N_("With --install: only print the service or the task."))
def serve(context: Context, every: float, install: str | None, dry_run: bool) -> None:
    """Run a round every so often."""
    if install is not None or dry_run:
        from commands.rounds import installing

        installing.require_install(install, dry_run=dry_run)
        installing.install(context, install or "", every=every, dry_run=dry_run)
        return
    import logging

    from engine.dispatch.delivering import vacant
    from engine.dispatch.post import Tally
    from engine.dispatch.tick import tick as round_once
    from engine.scheduler import Ticker

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    room = post(context)

    def work() -> bool:
        tally = round_once(room)
        if tally not in (Tally(), Tally(stood_by=True)):
            tell(context, tally)
        return tally.stood_by

    ticker = Ticker(work, every, context.wiring.clock, lambda: vacant(room))
    ticker.stop_on_signals()
    context.tell(
        N_("Serving: a round every {seconds} seconds; stop with Ctrl+C."), seconds=f"{every:g}"
    )
    ticker.run()
    context.tell(N_("Stopped."))


def tell_volume(context: Context, tally: Tally) -> None:
    """Print how many mails a round would make, to how many people, and what holds them."""
    if tally.coming:
        template = N_("Mails that a round would make now: {count}, to {people}.")
        context.say(template, count=tally.coming, people=people(context, tally.people))
    state, limit = resting.queue(context), context.settings.most_at_once
    if "why" in state or state["state"] == resting.HELD:
        for line in resting.resting(context, state):
            context.echo(line)
    elif tally.coming > limit:
        held = N_("That is more than {limit} at once: they wait for traject mail release --all")
        context.say(held, limit=limit)


def post(context: Context, *, anyhow: bool = False) -> Post:
    """Return the post room of this run: on `--now` its clock stands still.

    `anyhow`: settings that name no usable mail server hold the queue, and mails are made.
    Raises: BadInput for those settings otherwise.
    """
    from engine.dispatch.post import Keepers, Limits, Post

    settings = context.settings
    return Post(
        database=context.database(),
        notifier=_whatever(context) if anyhow else notifier(context),
        clock=_clock(context),
        calendar=context.calendar(),
        hold_back=context.hold_back(),
        organisation=settings.organisation,
        sender=settings.sender,
        limits=Limits(settings.most_an_hour, settings.most_a_day_each, settings.most_at_once),
        digest=settings.digest,
        keepers=Keepers(settings.checkpoint_to, settings.lang, settings.owner),
        weekly_account=settings.weekly_account,
        retention_months=settings.retention_months,
    )


def notifier(context: Context) -> Notifier:
    """Return what delivers; a log with a simulated clock mails nobody but this machine."""
    from engine.store.log import clock_of
    from notifications.delivery import FileNotifier, is_local

    with context.database().reading() as connection:
        simulated = clock_of(connection) == "simulated"
    if simulated and not is_local(context.settings.smtp_url):
        return FileNotifier(context.settings.mail_folder)
    return context.notifier()


def _whatever(context: Context) -> Notifier:
    """Return what delivers, or what says why nothing can with these settings."""
    from commands.mailing.no_road import NoRoad

    try:
        return notifier(context)
    except BadInput as error:
        return NoRoad(error)


@contextmanager
def _untold() -> Iterator[None]:
    """Keep the log from saying on the screen that the queue rests: this command says it itself."""
    import logging

    log = logging.getLogger("traject.dispatch.resting")
    before = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(before)


def tell(context: Context, tally: Tally) -> None:
    """Print what a round did, the numbers that are not zero."""
    parts = (
        (tally.fired, N_("reminders made into mails: {n}")),
        (tally.digests, N_("digests made: {n}")),
        (tally.checkpoints, N_("checkpoints made for auditors: {n}")),
        (tally.accounts, N_("accounts of the week made: {n}")),
        (tally.reviews, N_("yearly reviews of what is kept made: {n}")),
        (tally.sent, N_("sent: {n}")),
        (tally.written, N_("kept as files, not sent: {n}")),
        (tally.retried, N_("waiting for another try: {n}")),
        (tally.uncertain, N_("may have arrived, the same mail goes again: {n}")),
        (tally.dead, N_("cannot be delivered (traject mail list): {n}")),
        (tally.held, N_("held back (traject mail list, traject doctor): {n}")),
        (tally.waiting, WAIT if tally.waiting > 1 else WAITS),
        (tally.failed, N_("could not be written (traject doctor): {n}")),
        (tally.stood_by, N_("another round is sending now")),
    )
    why = resting.cause(context, resting.queue(context)) if tally.waiting else ""
    said = [context.in_words(template, n=n, why=why) for n, template in parts if n]
    context.echo("; ".join(said) if said else context.in_words(N_("Nothing was due.")))
    for line in alarm(context) if tally.broken else ():
        context.echo(line)


def _clock(context: Context) -> Clock:
    """Return the clock of this run."""
    from engine.clock import FixedClock

    return FixedClock(context.now()) if context.given.now is not None else context.wiring.clock
