"""Tells in whose calendar a feedback moment stays that no mail moves or takes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.frame.context import Context
from commands.pages import wording
from commands.pages.columns import wrapped
from engine.domain.words import N_

if TYPE_CHECKING:
    from datetime import date

    from engine.service.desk import Outcome

STAYS = N_(
    "The feedback moment of {day} stays in the calendar of {names}. No mail goes out about it: "
    "tell them yourself where needed."
)


def tell_untold(context: Context, outcome: Outcome) -> None:
    """Print, a day, who keeps a wrong entry after a change, or left with one; not who did before.

    So it goes for who has no role any more, for --no-mail, a silent stop and a slip put right.
    """
    before, after = outcome.before, outcome.after
    if before is None or not after.bookings:
        return
    from engine.domain.untold import untold

    pinned, today = context.workflow(after.workflow), context.today()
    days: dict[date, set[int]] = {}
    for kept in untold(after, pinned, today) - untold(before, pinned, today):
        days.setdefault(kept.when[0], set()).add(kept.contact)
    for day, holders in sorted(days.items()):
        known = context.people().contacts
        names = tuple(wording.person(context, known[n].name, n) for n in sorted(holders))
        for line in wrapped(context.in_words(STAYS, day=day, names=names), hanging=4):
            context.echo(line)
