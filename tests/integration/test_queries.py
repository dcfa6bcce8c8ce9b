"""The reading side over both databases: overview, labels, dossiers, what was not delivered."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Date, TableClause, event

from engine.domain.errors import NotFound
from engine.domain.words import Label
from engine.service import criteria, moving, people, starting
from engine.service.desk import Terms
from engine.store import queries, tables
from engine.store.database import Database
from engine.store.dossiers import Dossier, dossier, dossiers, troubled, unread
from engine.store.queries import Line, labels, overview
from engine.store.references import own_row
from tests.world import GENT, MERELBEKE_MELLE, World, published


@pytest.fixture
def world(database: Database) -> World:
    """A log with a coach, on either kind of database."""
    return World(database)


def listed(world: World, *statuses: str, today: date | None = None) -> tuple[Line, ...]:
    """Return the overview of a day, today where none is named."""
    with world.database.reading() as connection:
        return overview(connection, today or world.desk().today, statuses or queries.OPEN)


def read(world: World, ref: str) -> Dossier:
    """Return a dossier."""
    with world.database.reading() as connection:
        return dossier(connection, ref)


NAMED = (
    queries.TRAJECTORIES,
    queries.DEADLINES,
    queries.MUNICIPALITIES,
    queries.ACTORS,
    queries.VERSIONS,
)


@pytest.mark.parametrize("named", NAMED, ids=lambda named: named.name)
def test_the_overview_reads_columns_that_exist(named: TableClause) -> None:
    """It names tables by itself, to stay light; the real ones have all of them."""
    real = tables.metadata.tables[named.name]
    for column in named.c:
        is_day = isinstance(column.type, Date)
        assert isinstance(real.c[column.name].type, Date) == is_day


def test_a_line_says_where_a_trajectory_stands(world: World) -> None:
    """With its municipalities in order of joining and the day of its phase."""
    ref = world.start(places=(MERELBEKE_MELLE, GENT))
    (line,) = listed(world)
    own = world.trajectory(ref)
    assert line == Line(
        id=own.id,
        ref=ref,
        category="reactiveren",
        workflow=own.workflow,
        status="active",
        phase="intake",
        municipalities=(MERELBEKE_MELLE, GENT),
        due_on=own.due_on(),
        overdue=False,
        coach=1,
        coach_name="An Peeters",
        version=own.version,
    )


def test_past_its_date_an_active_trajectory_is_overdue(world: World) -> None:
    """Not on the day itself, and not while it rests."""
    ref = world.start()
    due = world.trajectory(ref).due_on()
    assert due is not None
    assert [line.overdue for line in listed(world, today=due)] == [False]
    late = due + timedelta(days=1)
    assert [line.overdue for line in listed(world, today=late)] == [True]
    moving.pause(world.desk(), ref, reason="other", until=date(2027, 5, 3))
    assert [(line.due_on, line.overdue) for line in listed(world, today=late)] == [(due, False)]


def test_the_first_own_deadline_of_the_entry_counts(world: World) -> None:
    """In coaching: the phase's own, though others come earlier."""
    ref = world.start()
    own = world.walk(ref, "coaching")
    (line,) = listed(world)
    assert line.due_on == own.due_on()
    assert len(own.open_deadlines()) == 3


def test_any_date_that_is_past_marks_a_trajectory(world: World) -> None:
    """The restart meeting comes before the end of its phase; what scripts read stays the same."""
    ref = world.start()
    own = world.walk(ref, "coaching")
    restart = next(d.deadline for d in own.open_deadlines() if d.deadline.deadline == "restart")
    for day, late in ((restart.due_on, False), (restart.due_on + timedelta(days=1), True)):
        (line,) = listed(world, today=day)
        assert (line.late, line.overdue, line.due_on) == (late, False, own.due_on())


def test_a_request_has_neither_phase_nor_date(world: World) -> None:
    """Both are None."""
    starting.start(world.desk(), published("opstarten"), [GENT], requested=True)
    assert [(line.status, line.phase, line.due_on) for line in listed(world)] == [
        ("requested", None, None)
    ]


def test_a_closed_trajectory_keeps_its_last_phase_and_is_listed_on_demand(world: World) -> None:
    """It has no date any more."""
    ref = world.start()
    moving.stop(world.desk(), ref, reason="other")
    assert listed(world) == ()
    assert [(line.phase, line.due_on) for line in listed(world, "stopped")] == [("intake", None)]


def test_a_municipality_that_left_is_not_listed(world: World) -> None:
    """The others keep their order."""
    ref = world.start(places=(GENT, MERELBEKE_MELLE), involved=())
    people.scope(world.desk(), ref, left=[GENT])
    assert [line.municipalities for line in listed(world)] == [(MERELBEKE_MELLE,)]


def test_references_count_beyond_a_thousand() -> None:
    """The number orders, not the text."""
    refs = ["2027-1000", "2026-002", "2027-999", "2027-010"]
    assert sorted(refs, key=queries.by_number) == ["2026-002", "2027-010", "2027-999", "2027-1000"]


def test_the_overview_takes_two_statements_however_long(world: World) -> None:
    """One for the trajectories, one for their municipalities."""
    for _ in range(4):
        world.start()
    seen: list[str] = []
    with world.database.reading() as connection:
        event.listen(connection, "before_cursor_execute", lambda *a: seen.append(a[2]))
        found = overview(connection, date(2027, 3, 1))
        assert (len(found), len(seen)) == (4, 2)


def test_labels_come_from_the_published_document(world: World) -> None:
    """Of the version a trajectory is pinned to, the phases in file order."""
    own = world.trajectory(world.start())
    with world.database.reading() as connection:
        found = labels(connection, {own.workflow})[own.workflow]
    assert found.category.in_language("nl") == "Reactiveren"
    assert next(iter(found.phases)) == "intake"
    assert isinstance(found.phases["intake"], Label)
    assert found.phases["intake"].in_language("en") == "Exploratory talk"


def test_nothing_published_has_no_labels(world: World) -> None:
    """An empty list asks for none."""
    with world.database.reading() as connection:
        assert labels(connection, ()) == {}
        assert overview(connection, date(2027, 3, 1)) == ()


def test_a_dossier_holds_the_reason_of_a_waiver_and_only_that(world: World) -> None:
    """The reason of a criterion that was waived, reopened and met is gone."""
    ref, why = world.start(), "dit werd vorig jaar al schriftelijk afgesproken"
    criteria.waive(world.desk(), ref, ["agreement_noted", "scope_confirmed"], reason=why)
    criteria.reopen(world.desk(), ref, ["scope_confirmed"], reason="toch nodig")
    assert read(world, ref).reasons == {"agreement_noted": why}


def test_a_dossier_holds_what_waits_and_the_last_mail(world: World) -> None:
    """Before, between and after the rounds."""
    ref = world.start()
    assert (read(world, ref).waiting, read(world, ref).last_mail) == ((), None)
    world.tick()
    waiting = read(world, ref).waiting
    assert [(w.notice, w.person, w.address, w.leaves_at) for w in waiting] == [
        ("start", "contact:1", "jo@example.org", world.now + world.hold_back),
        ("start", "contact:2", "rita@example.org", world.now + world.hold_back),
    ]
    assert [w.reminder.role for w in waiting if w.reminder] == ["coordinator", "mayor"]
    world.tick_at(world.now + world.hold_back)
    after = read(world, ref)
    assert after.waiting == ()
    assert after.last_mail is not None
    assert (after.last_mail.notice, after.last_mail.at) == ("start", world.now)


def test_an_unknown_reference_is_not_found(world: World) -> None:
    """As everywhere."""
    with pytest.raises(NotFound):
        read(world, "2027-009")


def test_many_dossiers_are_those_of_one_each(world: World) -> None:
    """Without the past, which the morning does not show."""
    refs = [world.start(), world.start("opstarten")]
    world.tick()
    with world.database.reading() as connection:
        own = [own_row(connection, ref) for ref in refs]
        found = {d.trajectory.ref: d for d in dossiers(connection, own)}
    for ref in refs:
        one = read(world, ref)
        assert (found[ref].trajectory, found[ref].waiting) == (one.trajectory, one.waiting)


def test_a_reminder_that_found_nobody_is_remembered_while_its_phase_lasts(world: World) -> None:
    """A trajectory that was stopped asks nothing any more."""
    ref = world.start(involved=())
    world.tick()
    with world.database.reading() as connection:
        assert {one.role for one in unread(connection)} == {"coordinator", "mayor"}
    moving.stop(world.desk(), ref, Terms(mail=False), reason="other")
    with world.database.reading() as connection:
        assert unread(connection) == ()


def test_without_trouble_nothing_is_undelivered(world: World) -> None:
    """Mails that wait or were sent are none of it."""
    world.start()
    world.tick()
    with world.database.reading() as connection:
        assert troubled(connection) == ()
