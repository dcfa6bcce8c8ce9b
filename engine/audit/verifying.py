"""verify(): everything that can be checked of a database by itself, while others go on writing.

Each step looks at one moment of its own, so that no writer waits. What moves after it was
compared is compared again; the last step sees one moment with nothing left to compare.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from engine.audit.replay import SHARED
from engine.audit.report import Report, Witness, listed
from engine.audit.walk import Walk
from engine.domain.words import N_
from engine.store.database import Database
from engine.store.parts import MARK, Part
from engine.store.snapshot import Snapshot, snapshot

Progress = Callable[[int], None]
SELDOM = 100_000  # containers made and not freed, before the garbage collector looks at them


def verify(
    database: Database,
    *,
    witnesses: Sequence[Witness] = (),
    progress: Progress | None = None,
) -> Report:
    """Return what an audit of the whole database finds; `progress` hears how far it is.

    Each of the `witnesses` must be the root of the ledger as it was at that size.

    Where tables or columns are missing that its version has, those are the problems, and nothing
    else is compared. In a database that waits for an upgrade, tables that lack a column are left
    out; the report tells which, and is in order as far as the others go.

    Raises: NewerEvent when the ledger is sound as far as this program can read it, and
    goes on in a way that only a newer one knows.
    """
    with _only_our_own():
        return _verified(database, Walk(witnesses), progress)


def _verified(database: Database, walk: Walk, progress: Progress | None) -> Report:
    """Return the report of a walk that has not begun."""
    with snapshot(database) as moment:
        absent = moment.absent()
        if absent:
            return _incomplete(walk, absent)
        walk.leave_out(moment.behind())
    more = True
    while more:
        with snapshot(database) as moment:
            more = walk.step(moment)
        _report_to(progress, walk)
    while _some_left(walk):
        with snapshot(database) as moment:
            _compare_some(walk, moment)
        _report_to(progress, walk)
    with snapshot(database) as moment:
        walk.catch_up(moment)
        while _some_left(walk):
            _compare_some(walk, moment)
        _compare_rest(walk, moment)
    if progress is not None:
        progress(walk.chain.position)
    if walk.newer is not None and not walk.problems.count and not walk.drift.count:
        raise walk.newer
    return _report(walk)


def _incomplete(walk: Walk, absent: Sequence[Part]) -> Report:
    """Return the report where parts of the tables are missing: the rest cannot be read then."""
    for table, column in absent:
        template = N_("table {table}: the column {column} is missing")
        if table == MARK:
            template = N_("the mark of the version that made the tables is missing ({table})")
        elif not column:
            template = N_("the table {table} is missing")
        walk.problems.add(0, template, table=table, column=column)
    return replace(_report(walk), compared=False)


@contextmanager
def _only_our_own() -> Iterator[None]:
    """Let the garbage collector pass seldom, and by what is in memory already: a quarter faster.

    What an audit makes is freed when its last name goes: there are hardly circles in it. Those
    that the libraries leave go at the end, as `serve` audits once a day and lives for long.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.collect()  # before the rest is thawed: only what came since
        gc.unfreeze()


def _report_to(progress: Progress | None, walk: Walk) -> None:
    """Tell how far it is, in events: each is read for its chain and then for its replay."""
    if progress is not None:
        progress(min(walk.chain.position, (walk.chain.position + walk.replay.events) // 2))


def _some_left(walk: Walk) -> bool:
    """Tell whether a trajectory is still to be replayed and compared."""
    return walk.newer is None and bool(walk.replay.dirty)


def _compare_some(walk: Walk, moment: Snapshot) -> None:
    """Compare a batch of trajectories and mails with this moment's rows."""
    walk.catch_up(moment)
    if walk.newer is None:
        walk.replay.compare_some(moment, walk.erasures.emptied)


def _compare_rest(walk: Walk, moment: Snapshot) -> None:
    """Compare what stands beside the ledger as a whole: the head, people, workflows."""
    chain, problems = walk.chain, walk.problems
    head = moment.head()
    if head is None:
        problems.add(chain.position, N_("the ledger has lost its head"))
    elif head[0] != chain.position:
        problems.add(
            chain.position,
            N_("the ledger ends at event {last}, its head says {size}"),
            last=chain.position,
            size=head[0],
        )
    elif head[1] != chain.frontier.root().hex():
        problems.add(chain.position, N_("the control number is not that of these events"))
    walk.witnesses.finish(chain.position, chain.events)
    walk.erasures.compare(moment)
    late = moment.late_detail(chain.position)
    if late is not None:
        problems.add(late, N_("there are details of event {position}, which is not there"))
    _compare_guards(walk, moment)
    if walk.newer is None:
        walk.replay.compare_people(moment, chain.position, walk.erasures.emptied)
        walk.replay.compare_owners(moment)
        walk.post.compare_strangers(moment)
        walk.published.compare(moment)


def _compare_guards(walk: Walk, moment: Snapshot) -> None:
    """Compare what guards the ledger with what should: triggers, and rights on its tables.

    Without a trigger the events are what they are; but somebody took it away.
    """
    missing = moment.missing_triggers()
    if missing:
        template = N_("the triggers that guard the history are missing or altered: {missing}")
        walk.problems.add(0, template, missing=tuple(missing))
    strange = moment.strange_guards()
    if strange:
        template = N_("on the tables of the history lies what no traject made: {strange}")
        walk.problems.add(0, template, strange=tuple(strange))
    rights = moment.excessive_rights()
    if rights:
        template = N_("somebody may do more with the tables than needed; undo it with: {rights}")
        walk.remarks.add(0, template, rights=tuple(rights))


def _report(walk: Walk) -> Report:
    return Report(
        events=walk.chain.events,
        trajectories=len(walk.chain.streams.keys() - SHARED),
        size=walk.chain.position,
        root=walk.chain.frontier.root().hex(),
        problems=listed(walk.problems, walk.drift),
        remarks=listed(walk.remarks),
        witnessed=tuple(walk.witnesses.agreeing),
        left_out=tuple(sorted(walk.replay.left_out)),
        mendable=bool(walk.drift.count) and not walk.problems.count,
        count=walk.problems.count + walk.drift.count,
    )
