"""A model of everything people do, in any order: the history always replays and verifies."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from engine.audit import rebuild, verify
from engine.dispatch import desk as mail_desk
from engine.dispatch.post import Limits
from engine.domain.definition import Phase
from engine.domain.errors import TrajectError
from engine.domain.trajectory import Trajectory
from engine.domain.workdays import Calendar, belgian_holidays
from engine.language import words
from engine.ports import Receipt
from engine.service import actors, criteria, moving, people, starting
from engine.service.desk import Terms
from engine.store.appending import ledger_state
from engine.store.database import open_database
from engine.store.references import read_trajectory
from tests.fakes import LATER, MISCONFIGURED, REFUSED, SENT, UNCLEAR, UNWELL, RecordingNotifier
from tests.world import World, category, published

BEGIN = datetime(2027, 3, 1, 9, tzinfo=UTC)
PLACES = ("44021", "44088", "12021", "24062")
CATEGORIES = ("opstarten", "reactiveren", "optimaliseren", "monitoren_evalueren")
CONTACTS = tuple(f"contact{number}@example.org" for number in range(4))
ROLES = ("coordinator", "mayor", "case_manager")
WHY = "it was agreed on with everybody around the table"
ANSWERS = (SENT, SENT, SENT, LATER, UNCLEAR, REFUSED, UNWELL, MISCONFIGURED)

days = st.integers(0, 40)
refs = st.integers(0, 30)  # taken modulo the trajectories there are
places = st.sampled_from(PLACES)


def other_holidays(year: int) -> frozenset[date]:
    """Return what an upgrade of the holidays library might answer."""
    return belgian_holidays(year) | {date(year, 6, 1), date(year, 3, 15), date(year, 10, 4)}


class Coaching(RuleBasedStateMachine):
    """Coaches, contacts and time; a refusal must leave the ledger as it was."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copyfile(self.template, self.folder / "traject.db")
        self.relay = RecordingNotifier()
        database = open_database(str(self.folder / "traject.db"))
        self.world = World(database, self.relay, now=BEGIN)
        self.refs: list[str] = []
        self.colleague = actors.add_actor(
            self.world.desk(),
            name="Bo Claes",
            email="bo@example.org",
            account="uid:2",
            role="lead",
        )

    def teardown(self) -> None:
        """Replay everything once more into empty projections, and leave no file behind."""
        done = rebuild(self.world.database)
        assert done.differing == 0
        self.world.database.close()
        shutil.rmtree(self.folder)

    # --- what a step is made of -------------------------------------------------------------

    def attempt(self, act: Callable[[], Any]) -> Any:
        """Do something that may be refused; refused, it must have changed nothing."""
        before = self.ledger()
        try:
            return act()
        except TrajectError:
            assert self.ledger() == before
            return None

    def ledger(self) -> tuple[int, str]:
        """Return size and root."""
        with self.world.database.reading() as connection:
            return ledger_state(connection)

    def ref(self, number: int, *statuses: str) -> str:
        """Return one of the references, in one of these statuses where there is one."""
        fit = [ref for ref in self.refs if self.trajectory(ref).status in statuses]
        chosen = fit or self.refs
        return chosen[number % len(chosen)]

    def trajectory(self, ref: str) -> Trajectory:
        """Return a trajectory as it stands."""
        with self.world.database.reading() as connection:
            return read_trajectory(connection, ref)

    def terms(self, back: int, *, mail: bool = True) -> Terms:
        """Return terms that say it happened some days ago."""
        return Terms(on=self.world.desk().today - timedelta(days=back), mail=mail)

    def a_criterion(self, ref: str, number: int, *, settled: bool = False) -> list[str]:
        """Return a criterion of the current phase, a settled one where that is asked for."""
        trajectory = self.trajectory(ref)
        phase = self.phases(trajectory.category).get(trajectory.phase or "")
        names = list(phase.criteria) if phase else ["none"]
        fit = [c for c in names if (trajectory.criterion(c).state != "open") is settled]
        chosen = fit or names
        return [chosen[number % len(chosen)]]

    # --- beginnings ---------------------------------------------------------------------------

    @initialize(name=st.sampled_from(CATEGORIES), chosen=st.sets(places, min_size=1, max_size=3))
    def first(self, name: str, chosen: set[str]) -> None:
        """There is always a trajectory to do something with."""
        self.begin(name, sorted(chosen), None, requested=False)

    @precondition(lambda self: len(self.refs) < 4)
    @rule(
        name=st.sampled_from(CATEGORIES),
        chosen=st.lists(places, min_size=1, max_size=3, unique=True),
        phase=st.none() | st.integers(0, 6),
        requested=st.booleans(),
    )
    def begin(self, name: str, chosen: list[str], phase: int | None, requested: bool) -> None:
        """Start a trajectory, midway perhaps, or only register it."""
        loaded = published(name)
        names = list(self.phases(name))
        entered = None if phase is None or requested else names[phase % len(names)]
        involved = [
            starting.Involved("coordinator", "Jo Maes", CONTACTS[0]),
            starting.Involved("mayor", "Rita Claes", CONTACTS[1], chosen[0]),
        ]
        outcome = self.attempt(
            lambda: starting.start(
                self.world.desk(),
                loaded,
                chosen,
                involved=involved,
                phase=entered,
                requested=requested,
            )
        )
        if outcome is not None:
            self.refs.append(outcome.after.ref)

    def phases(self, name: str) -> Mapping[str, Phase]:
        """Return the phases of a category."""
        return category(name).workflow.phases

    @rule(number=refs, phase=st.none() | st.integers(0, 6))
    def accept(self, number: int, phase: int | None) -> None:
        """Start what was requested."""
        ref = self.ref(number, "requested")
        names = list(self.phases(self.trajectory(ref).category))
        entered = None if phase is None else names[phase % len(names)]
        self.attempt(lambda: moving.accept(self.world.desk(), ref, phase=entered))

    @precondition(lambda self: len(self.refs) < 5)
    @rule(number=refs, which=st.integers(0, 3))
    def follow_up(self, number: int, which: int) -> None:
        """Go on in another category."""
        ref = self.ref(number, "stopped", "completed")
        allowed = category(self.trajectory(ref).category).workflow.follow_up or CATEGORIES
        name = allowed[which % len(allowed)]
        outcome = self.attempt(
            lambda: starting.follow_up(self.world.desk(), ref, published(name), category=name)
        )
        if outcome is not None:
            self.refs.append(outcome.after.ref)

    # --- criteria -----------------------------------------------------------------------------

    @rule(
        number=refs,
        which=st.integers(0, 9),
        back=st.integers(0, 5),
        value=st.none() | st.integers(-60, 200),
        place=st.none() | places,
    )
    def meet(
        self, number: int, which: int, back: int, value: int | None, place: str | None
    ) -> None:
        """Meet one criterion, some days ago, with a date or for one municipality perhaps."""
        ref = self.ref(number)
        day = None if value is None else self.world.desk().today + timedelta(days=value)
        self.attempt(
            lambda: criteria.meet(
                self.world.desk(),
                ref,
                self.a_criterion(ref, which),
                self.terms(back),
                value=day,
                municipality=place,
                note="as agreed" if which % 2 else None,
            )
        )

    @rule(number=refs, ahead=days, which=st.integers(0, 9))
    def plan(self, number: int, ahead: int, which: int) -> None:
        """Put an appointment on a criterion."""
        ref = self.ref(number)
        day = self.world.desk().today + timedelta(days=ahead)
        self.attempt(
            lambda: criteria.plan(
                self.world.desk(), ref, self.a_criterion(ref, which), day=day, time="10:00"
            )
        )

    @rule(number=refs, which=st.integers(0, 9), everything=st.booleans())
    def waive(self, number: int, which: int, everything: bool) -> None:
        """Waive one criterion, or all that is open."""
        ref = self.ref(number)
        chosen = [] if everything else self.a_criterion(ref, which)
        self.attempt(lambda: criteria.waive(self.world.desk(), ref, chosen, reason=WHY))

    @rule(number=refs, which=st.integers(0, 9))
    def reopen(self, number: int, which: int) -> None:
        """Correct a slip."""
        ref = self.ref(number)
        chosen = self.a_criterion(ref, which, settled=True)
        self.attempt(lambda: criteria.reopen(self.world.desk(), ref, chosen, reason=WHY))

    @rule(number=refs, which=st.integers(0, 9), place=st.none() | places)
    def ask(self, number: int, which: int, place: str | None) -> None:
        """Ask mayors for their consent."""
        ref = self.ref(number)
        phase = self.phases(self.trajectory(ref).category).get(self.trajectory(ref).phase or "")
        theirs = [c for c, made in phase.criteria.items() if made.who == "mayor"] if phase else []
        chosen = theirs[:1] or self.a_criterion(ref, which)
        self.attempt(lambda: criteria.ask(self.world.desk(), ref, chosen, municipality=place))

    # --- moving -------------------------------------------------------------------------------

    @rule(number=refs, mail=st.booleans(), steps=st.integers(1, 8))
    def walk_on(self, number: int, mail: bool, steps: int) -> None:
        """Settle phases and advance, so that the later ones are reached too."""
        ref = self.ref(number, "active")
        for _ in range(steps):
            if self.trajectory(ref).phase is not None:
                with suppress(TrajectError):
                    self.world.meet(ref)
            self.attempt(lambda: moving.advance(self.world.desk(), ref, self.terms(0, mail=mail)))

    @rule(number=refs)
    def advance(self, number: int) -> None:
        """Advance from where it stands."""
        self.attempt(lambda: moving.advance(self.world.desk(), self.ref(number)))

    @rule(number=refs, to=st.integers(0, 6), keep=st.booleans(), silent=st.booleans())
    def send_back(self, number: int, to: int, keep: bool, silent: bool) -> None:
        """Go back, sparing a criterion perhaps."""
        ref = self.ref(number)
        trajectory = self.trajectory(ref)
        names = list(self.phases(trajectory.category))
        target = names[to % len(names)]
        kept = [c for c in self.phases(trajectory.category)[target].criteria if keep]
        spared = frozenset(c for c in kept[:1] if c in trajectory.criteria)
        reason = "registration_error" if silent else "partners_missing"
        self.attempt(
            lambda: moving.send_back(self.world.desk(), ref, target, reason=reason, keep=spared)
        )

    @rule(number=refs)
    def next_round(self, number: int) -> None:
        """Begin the next round."""
        self.attempt(lambda: moving.next_round(self.world.desk(), self.ref(number)))

    @rule(number=refs, ahead=st.integers(1, 200), back=st.integers(0, 3), slept=st.none() | days)
    def pause(self, number: int, ahead: int, back: int, slept: int | None) -> None:
        """Let it rest; some days later it goes on perhaps."""
        ref, until = self.ref(number, "active"), self.world.desk().today + timedelta(days=ahead)
        self.attempt(
            lambda: moving.pause(
                self.world.desk(), ref, self.terms(back), reason="merger", until=until
            )
        )
        if slept is not None:
            self.world.now += timedelta(days=slept)
            self.attempt(lambda: moving.resume(self.world.desk(), ref))

    @rule(number=refs, back=st.integers(0, 3))
    def resume(self, number: int, back: int) -> None:
        """Go on."""
        ref = self.ref(number, "paused")
        self.attempt(lambda: moving.resume(self.world.desk(), ref, self.terms(back)))

    @rule(number=refs, reason=st.sampled_from(("other", "no_response")), silent=st.booleans())
    def stop(self, number: int, reason: str, silent: bool) -> None:
        """End it before its goal."""
        self.attempt(
            lambda: moving.stop(self.world.desk(), self.ref(number), reason=reason, silent=silent)
        )

    @rule(number=refs, ahead=days, moment=st.booleans())
    def reschedule(self, number: int, ahead: int, moment: bool) -> None:
        """Fix another day, of the phase or of the feedback moment."""
        day = self.world.desk().today + timedelta(days=ahead)
        which = "feedback" if moment else None
        self.attempt(
            lambda: moving.reschedule(
                self.world.desk(), self.ref(number), day, reason=WHY, deadline=which
            )
        )

    @rule(number=refs, other=st.booleans())
    def recalculate(self, number: int, other: bool) -> None:
        """Let the calendar answer otherwise from now on, and date everything afresh."""
        self.world.calendar = Calendar(
            frozenset({date(2027, 5, 3)}) if other else frozenset(),
            other_holidays if other else belgian_holidays,
        )
        self.attempt(lambda: moving.recalculate(self.world.desk(), self.ref(number)))

    @rule(
        number=refs,
        ahead=days,
        role=st.none() | st.sampled_from(("coordinator", "coach")),
        moment=st.booleans(),
    )
    def snooze(self, number: int, ahead: int, role: str | None, moment: bool) -> None:
        """Let reminders rest for some days, of a role or a date perhaps; or wake them."""
        until = self.world.desk().today + timedelta(days=ahead)
        which = "feedback" if moment else None
        self.attempt(
            lambda: moving.snooze(
                self.world.desk(), self.ref(number), until, reason=WHY, role=role, deadline=which
            )
        )

    # --- people -------------------------------------------------------------------------------

    @rule(
        number=refs,
        email=st.sampled_from(CONTACTS),
        role=st.sampled_from(ROLES),
        place=st.none() | places,
    )
    def add_contact(self, number: int, email: str, role: str, place: str | None) -> None:
        """Give somebody a role; the same address is the same contact."""
        data = people.ContactData(name="Somebody", email=email, lang="en")
        self.attempt(
            lambda: people.add_contact(
                self.world.desk(), self.ref(number), data, role=role, nis=place
            )
        )

    @rule(number=refs, contact=st.integers(1, 4), role=st.sampled_from(ROLES))
    def assign(self, number: int, contact: int, role: str) -> None:
        """Give a known contact a role."""
        self.attempt(lambda: people.assign(self.world.desk(), self.ref(number), contact, role=role))

    @rule(number=refs, contact=st.integers(1, 4))
    def release(self, number: int, contact: int) -> None:
        """End somebody's roles."""
        self.attempt(lambda: people.release(self.world.desk(), self.ref(number), contact))

    @rule(number=refs, contact=st.integers(1, 4), email=st.sampled_from(CONTACTS))
    def replace_contact(self, number: int, contact: int, email: str) -> None:
        """Put somebody else in somebody's place."""
        data = people.ContactData(name="The next one", email=email)
        self.attempt(
            lambda: people.replace_contact(self.world.desk(), self.ref(number), contact, data)
        )

    @rule(contact=st.integers(1, 4), name=st.sampled_from(("Jo Claes", "Lies Maes")))
    def change_contact(self, contact: int, name: str) -> None:
        """Correct a name."""
        data = people.ContactData(name=name)
        self.attempt(lambda: people.change_contact(self.world.desk(), contact, data))

    @rule(number=refs, colleague=st.booleans())
    def reassign(self, number: int, colleague: bool) -> None:
        """Hand a trajectory to another coach."""
        actor = self.colleague if colleague else self.world.coach
        self.attempt(lambda: people.reassign(self.world.desk(), self.ref(number), actor.id))

    @rule(
        colleague=st.booleans(),
        first=st.integers(0, 20),
        until=st.integers(0, 40),
        back=st.booleans(),
    )
    def away(self, colleague: bool, first: int, until: int, back: bool) -> None:
        """Let somebody stand in for a while, each for the other perhaps, or be back earlier."""
        pair = self.world.coach, self.colleague
        gone, other = pair[::-1] if colleague else pair
        desk = replace(self.world.desk(), actor=gone)
        if back:
            self.attempt(lambda: actors.come_back(desk, gone.id))
            return
        day = desk.today
        self.attempt(
            lambda: actors.leave(
                desk,
                gone.id,
                other.id,
                first=day + timedelta(days=first),
                until=day + timedelta(days=until),
            )
        )

    @rule(number=refs, joined=st.none() | places, left=st.none() | places)
    def scope(self, number: int, joined: str | None, left: str | None) -> None:
        """Let municipalities join or leave."""
        self.attempt(
            lambda: people.scope(
                self.world.desk(),
                self.ref(number),
                joined=[joined] if joined else [],
                left=[left] if left else [],
            )
        )

    @rule(number=refs)
    def note(self, number: int) -> None:
        """Keep a note."""
        self.attempt(lambda: people.note(self.world.desk(), self.ref(number), "all went well"))

    @rule(number=refs)
    def pretend(self, number: int) -> None:
        """A dry run leaves nothing behind."""
        before = self.ledger()
        terms = replace(self.terms(0), dry_run=True)
        with suppress(TrajectError):
            people.note(self.world.desk(), self.ref(number), "only pretending", terms)
        assert self.ledger() == before

    # --- time and mail --------------------------------------------------------------------------

    @rule(ahead=days, hours=st.integers(0, 12))
    def time_passes(self, ahead: int, hours: int) -> None:
        """Let days go by without a round."""
        self.world.now += timedelta(days=ahead, hours=hours)

    @rule(
        answers=st.lists(st.sampled_from(ANSWERS), max_size=4),
        minutes=st.sampled_from((0, 31, 31, 90)),
        files=st.booleans(),
        limited=st.booleans(),
    )
    def tick(self, answers: list[Receipt], minutes: int, files: bool, limited: bool) -> None:
        """Do a round, and one a while later; the relay is not always well."""
        self.relay.writes_files = files
        if not files:
            self.relay.answer(*answers)
        self.world.limits = Limits(40, 3, 8) if limited else Limits()
        self.world.tick()
        self.world.now += timedelta(minutes=minutes)
        if minutes:
            self.world.tick()

    @rule(hold=st.booleans(), number=refs)
    def decide_on_mail(self, hold: bool, number: int) -> None:
        """Hold a trajectory's mails, or let them leave."""
        desk, ref = self.world.desk(), self.ref(number)
        if hold:
            self.attempt(lambda: mail_desk.hold(desk, self.world.post(), ref=ref))
        else:
            self.attempt(lambda: mail_desk.release(desk, ref=ref))
            mail_desk.wake_queue(desk, allowed=number)

    # --- what always holds ------------------------------------------------------------------------

    @invariant()
    def the_history_verifies(self) -> None:
        """Replay equals projections, and every other check of verify holds."""
        report = verify(self.world.database)
        assert [words("en").say(found.sentence) for found in report.problems] == []


@pytest.fixture(scope="module", autouse=True)
def _template(sqlite_template: Path) -> None:
    """Give the machine its empty database to copy."""
    Coaching.template = sqlite_template


@pytest.mark.parametrize(
    "programs", [8, pytest.param(60, marks=pytest.mark.campaign)], ids=["short", "long"]
)
def test_whatever_people_do_the_history_replays_and_verifies(programs: int) -> None:
    """Any order of any use cases, refusals and rounds of mail included."""
    run_state_machine_as_test(
        Coaching,
        settings=settings(
            max_examples=programs,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
