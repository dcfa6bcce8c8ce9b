"""The demo's story: nine months of four trajectories, played by the real engine until today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from engine.clock import FixedClock
from engine.dispatch.post import Post
from engine.dispatch.tick import tick
from engine.domain.people import Actor
from engine.domain.workdays import BRUSSELS, Calendar, brussels_day
from engine.ports import Notifier
from engine.service import criteria, moving, people, starting
from engine.service.desk import Desk, Outcome, Terms
from engine.service.starting import Involved, Published
from engine.store.database import Database
from engine.store.due import EVER, next_wake
from engine.store.transaction import unit_of_work

OFFICE_HOUR = time(10, 15)
GENT, MERELBEKE_MELLE, DE_HAAN, LIER, LEUVEN = "44021", "44088", "35029", "12021", "24062"
PEOPLE = {
    "gent": (
        Involved("coordinator", "Jo Voorbeeld", "jo@example.org"),
        Involved("mayor", "Rita Voorbeeld", "burgemeester.gent@example.org", GENT),
        Involved("mayor", "Karel Voorbeeld", "burgemeester.mm@example.org", MERELBEKE_MELLE),
    ),
    "de_haan": (
        Involved("coordinator", "Lien Voorbeeld", "lien@example.org"),
        Involved("mayor", "Wim Voorbeeld", "burgemeester.dehaan@example.org", DE_HAAN),
    ),
    "lier": (
        Involved("coordinator", "Els Voorbeeld", "els@example.org"),
        Involved("mayor", "Dirk Voorbeeld", "burgemeester.lier@example.org", LIER),
    ),
    "leuven": (Involved("coordinator", "Sam Voorbeeld", "sam@example.org"),),
}


@dataclass
class Stage:
    """Where the story is played: the database, who acts, and a clock that is moved on."""

    database: Database
    actor: Actor
    notifier: Notifier
    calendar: Calendar
    workflow: Callable[[str], Published]
    now: datetime
    end: datetime
    refs: dict[str, str] = field(default_factory=dict)

    def desk(self) -> Desk:
        """Return the desk of this moment."""
        return Desk(self.database, self.actor, self.now, self.calendar)

    def wait_until(self, moment: datetime) -> None:
        """Let time pass; every reminder and mail on the way gets its round."""
        moment, done = min(moment, self.end), EVER
        while True:
            with self.database.reading() as connection:
                wake = next_wake(connection, done)
            if wake is None or wake > moment:
                break
            self.now = done = max(self.now, wake)
            self.round()
        self.now = max(self.now, moment)

    def round(self) -> None:
        """Run one round of mails at this moment."""
        tick(Post(self.database, self.notifier, FixedClock(self.now), self.calendar))

    def start(self, name: str, category: str, *municipalities: str) -> None:
        """Start a trajectory with its people."""
        outcome = starting.start(
            self.desk(), self.workflow(category), municipalities, involved=PEOPLE[name]
        )
        self.refs[name] = outcome.after.ref

    def settle(self, name: str, *, leave: tuple[str, ...] = ()) -> None:
        """Meet every required criterion of the phase but those to leave open."""
        ref = self.refs[name]
        with unit_of_work(self.database, self.now) as tx:
            trajectory = tx.trajectory(ref)
            phase = tx.workflow(trajectory.workflow).workflow.phases[trajectory.phase or ""]
        for criterion, rule in phase.criteria.items():
            is_open = trajectory.criterion(criterion).state == "open"
            if rule.required and is_open and criterion not in leave:
                past = brussels_day(self.now) - timedelta(days=400)
                value = past if rule.looks == "back" else None
                criteria.meet(self.desk(), ref, [criterion], value=value)

    def advance(self, name: str) -> Outcome:
        """Settle the phase and move on."""
        self.settle(name)
        return moving.advance(self.desk(), self.refs[name])


def play(stage: Stage) -> str:
    """Play the whole story; return the reference of the trajectory to look at first."""
    begin = brussels_day(stage.now)
    for day, scene in sorted(SCENES, key=lambda entry: entry[0]):
        morning = stage.calendar.next_sending_day(begin + timedelta(days=day))
        stage.wait_until(datetime.combine(morning, OFFICE_HOUR, BRUSSELS))
        scene(stage)
    stage.wait_until(stage.end)
    _appointment(stage)
    stage.round()
    return stage.refs["gent"]


def _intermunicipal(stage: Stage) -> None:
    stage.start("gent", "reactiveren", GENT, MERELBEKE_MELLE)


def _half_consent(stage: Stage) -> None:
    stage.settle("gent", leave=("problem_statement",))
    ref = stage.refs["gent"]
    criteria.meet(stage.desk(), ref, ["problem_statement"], municipality=GENT)
    criteria.ask(stage.desk(), ref, ["problem_statement"], municipality=MERELBEKE_MELLE)


def _waive_legal_check(stage: Stage) -> None:
    reason = "Het juridisch kader werd vorig jaar al getoetst; het akkoord loopt nog."
    criteria.waive(stage.desk(), stage.refs["gent"], ["legal_checked"], reason=reason)
    people.note(stage.desk(), stage.refs["gent"], "Volgende stap besproken met de coördinator.")


def _send_back(stage: Stage) -> None:
    ref = stage.refs["gent"]
    moving.send_back(
        stage.desk(),
        ref,
        "dream_scenario",
        reason="partners_missing",
        keep=frozenset({"session_held"}),
    )


def _slip(stage: Stage) -> None:
    """Let a date that has passed be given more time."""
    day = stage.calendar.add(brussels_day(stage.now), "weeks", 3)
    moving.reschedule(
        stage.desk(), stage.refs["de_haan"], day, reason="De nieuwe coördinator start pas dan."
    )


def _pause(stage: Stage) -> None:
    until = stage.calendar.add(brussels_day(stage.now), "weeks", 6)
    moving.pause(stage.desk(), stage.refs["lier"], reason="awaiting_decision", until=until)


def _late_registration(stage: Stage) -> None:
    """Register today what happened three days ago."""
    past = brussels_day(stage.now) - timedelta(days=3)
    criteria.meet(stage.desk(), stage.refs["leuven"], ["modules_chosen"], Terms(on=past))


def _appointment(stage: Stage) -> None:
    """Put tomorrow's appointment on a criterion, and ask a mayor something just now."""
    day = stage.calendar.next_sending_day(brussels_day(stage.now) + timedelta(days=1))
    ref = stage.refs["leuven"]
    criteria.plan(stage.desk(), ref, ["results_discussed"], day=day, time="10:00")
    criteria.ask(stage.desk(), stage.refs["de_haan"], ["vision_shared"])


SCENES: tuple[tuple[int, Callable[[Stage], object]], ...] = (
    (0, _intermunicipal),
    (21, lambda stage: stage.advance("gent")),
    (30, lambda stage: stage.start("lier", "optimaliseren", LIER)),
    (52, lambda stage: stage.advance("lier")),
    (55, _half_consent),
    (69, lambda stage: stage.advance("gent")),
    (74, lambda stage: stage.start("de_haan", "opstarten", DE_HAAN)),
    (98, lambda stage: stage.advance("gent")),
    (105, _waive_legal_check),
    (112, _send_back),
    (118, _pause),
    (119, _slip),
    (133, lambda stage: stage.advance("gent")),
    (150, lambda stage: stage.advance("de_haan")),
    (154, lambda stage: stage.advance("gent")),
    (161, lambda stage: moving.resume(stage.desk(), stage.refs["lier"])),
    (175, lambda stage: stage.advance("lier")),
    (190, lambda stage: stage.advance("gent")),
    (205, lambda stage: stage.advance("de_haan")),
    (212, lambda stage: stage.start("leuven", "monitoren_evalueren", LEUVEN)),
    (219, lambda stage: stage.advance("lier")),
    (236, lambda stage: stage.advance("leuven")),
    (240, lambda stage: stage.settle("de_haan", leave=("vision_shared",))),
    (248, _late_registration),
    (262, lambda stage: criteria.ask(stage.desk(), stage.refs["de_haan"], ["vision_shared"])),
)
