"""One round: fire what is due, send what may leave, leave a heartbeat; safe at any time."""

from __future__ import annotations

from dataclasses import asdict

from engine.dispatch.delivering import deliver
from engine.dispatch.firing import fire
from engine.dispatch.holding import too_much, used_up
from engine.dispatch.inspecting import inspect
from engine.dispatch.periodic import make_all
from engine.dispatch.post import Post, Tally
from engine.store.due import beat

TICK = "tick"


def tick(post: Post, *, dry_run: bool = False) -> Tally:
    """Return what one round did; a second round at once finds nothing left to do.

    What is too much at once is held, and none of it made, until a person lets it go. A dry run
    says how many reminders would become mail, and changes and sends nothing.
    """
    tally, now = Tally(), post.clock.now()  # once: what was counted is what is made
    look = too_much(post, tally, now, dry_run=dry_run)
    if dry_run or not look.held:
        fire(post, tally, now, dry_run=dry_run)
    if dry_run:
        return tally
    if not look.held:
        make_all(post, tally, now)
        if look.allowed:
            used_up(post, now)
    deliver(post, tally)
    if not (look.held or tally.stood_by):
        inspect(post, tally, now)
    with post.database.writing() as connection:
        beat(connection, TICK, post.clock.now(), asdict(tally))
    return tally
