"""Setting up: the log is opened and its first coach enrolled, both or neither."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from engine.domain.decisions.decision import Draft
from engine.domain.errors import Refused
from engine.domain.events import LogOpened
from engine.domain.people import SYSTEM, Actor
from engine.domain.words import N_
from engine.domain.workdays import brussels_day
from engine.service.actors import first_actor
from engine.store.database import Database
from engine.store.transaction import LOG, Stamp, unit_of_work

REAL, SIMULATED = "real", "simulated"  # what a log may say of its clock
SET_UP = N_("this database was set up already; see: traject whoami")


def set_up(
    database: Database,
    now: datetime,
    *,
    clock: str,
    name: str,
    email: str,
    account: str,
    lang: str,
) -> Actor:
    """Return the first coach of a database, whose log is opened where it was not.

    Raises: Refused when somebody is enrolled already.
    """
    with unit_of_work(database, now) as tx:
        if tx.people.actors:
            raise Refused(SET_UP)
        if tx.position == 1:
            opened = LogOpened(str(uuid4()), clock)
            tx.record_in(LOG, [Draft(opened)], Stamp(SYSTEM, brussels_day(now)))
        return first_actor(tx, name=name, email=email, account=account, lang=lang)
