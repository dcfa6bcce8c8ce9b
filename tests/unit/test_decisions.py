"""What the rules allow and refuse, decided without a database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from engine.domain.decisions import asking, criteria, pauses, people, phases
from engine.domain.decisions.decision import Decision
from engine.domain.errors import BadInput, Blocked, NotFound, Refused
from engine.domain.events import (
    CriterionMet,
    PhaseEntered,
    ReminderSkipped,
    ReminderSuperseded,
    Stopped,
)
from engine.domain.guards import Facts
from engine.domain.machine import SEND_BACK, fire, workflow_machine
from engine.domain.wanted import silenced
from tests.course import GENT, MERELBEKE, Course

Decide = Callable[[Decision], None]
REASON = "dit speelt hier niet, de cel bestaat al"


def started(*places: str) -> Course:
    """A reactivation started on Monday 4 January 2027."""
    course = Course()
    course.start("2027-01-04", *places)
    return course


def send_back(to: str, reason: str = "other", keep: frozenset[str] = frozenset()) -> Decide:
    """Return the decision to go back."""
    return lambda d: phases.decide_send_back(d, to, reason, keep=keep)


def test_a_blocked_advance_names_every_missing_criterion_in_file_order() -> None:
    """All of them, with who brings each about."""
    course = started()
    course.meet("2027-01-05", "intake_talk_held", "category_confirmed")

    with pytest.raises(Blocked) as caught:
        course.do("2027-01-05", phases.decide_advance)

    assert [m.id for m in caught.value.missing] == [
        "sponsor_known",
        "coordinator_named",
        "scope_confirmed",
        "agreement_noted",
        "last_meeting",
    ]
    assert [m.criterion.who for m in caught.value.missing][:2] == ["mayor", "coordinator"]


def test_an_optional_criterion_blocks_nobody() -> None:
    """Findings per theme may stay open."""
    course = started()
    course.advance("2027-01-05")

    course.advance("2027-01-06")

    assert course.trajectory.phase == "dream_scenario"
    assert course.trajectory.criterion("findings_tagged").state == "open"


def test_a_waiver_settles_a_required_criterion() -> None:
    """Met or waived: both let the trajectory go on."""
    course = started()
    course.settle("2027-01-05", leave=("sponsor_known",))
    course.do("2027-01-05", lambda d: criteria.decide_waive(d, "sponsor_known", REASON))

    course.do("2027-01-05", phases.decide_advance)

    assert course.trajectory.phase == "analysis"


def test_waiving_all_settles_a_phase_that_does_not_apply() -> None:
    """Everything still open, optional criteria included."""
    course = started()
    course.do("2027-01-05", lambda d: criteria.decide_waive_all(d, REASON))

    course.do("2027-01-05", phases.decide_advance)

    assert course.trajectory.phase == "analysis"


def test_meet_refuses_a_criterion_of_another_phase() -> None:
    """Only the current phase's can be met."""
    course = started()

    with pytest.raises(Refused):
        course.meet("2027-01-05", "vision_shared")
    with pytest.raises(NotFound):
        course.meet("2027-01-05", "no_such_thing")


def test_meet_refuses_what_is_settled_already() -> None:
    """A slip is corrected by reopening, not by meeting twice."""
    course = started()
    course.meet("2027-01-05", "intake_talk_held")

    with pytest.raises(Refused):
        course.meet("2027-01-05", "intake_talk_held")


def test_consent_counts_when_every_municipality_gave_it() -> None:
    """One mayor is not enough; without --for it counts for all."""
    course = started(GENT, MERELBEKE)
    course.do("2027-01-05", lambda d: criteria.decide_meet(d, "sponsor_known", municipality=GENT))
    assert course.trajectory.criterion("sponsor_known").state == "open"
    missing = phases.missing(course.pinned, course.trajectory)
    assert [m.municipalities for m in missing if m.id == "sponsor_known"] == [(MERELBEKE,)]

    course.meet("2027-01-06", "sponsor_known")

    state = course.trajectory.criterion("sponsor_known")
    assert (state.state, state.on) == ("met", date(2027, 1, 6))
    assert state.consents == {GENT: date(2027, 1, 5), MERELBEKE: date(2027, 1, 6)}


def test_consent_is_complete_when_the_last_waiting_municipality_leaves() -> None:
    """Nobody is left to wait for."""
    course = started(GENT, MERELBEKE)
    course.do("2027-01-05", lambda d: criteria.decide_meet(d, "sponsor_known", municipality=GENT))

    facts = course.do("2027-01-06", lambda d: people.decide_scope(d, left=(MERELBEKE,)))

    assert any(isinstance(f, CriterionMet) and f.complete for f in facts)
    assert course.trajectory.criterion("sponsor_known").state == "met"


def test_a_send_back_opens_the_target_phase_and_those_after_it_but_what_is_kept() -> None:
    """State belongs to the phase entry; --keep spares some."""
    course = started()
    course.walk_to("reality_check", "2027-01-05")
    assert course.trajectory.criterion("sources_heard").state == "met"

    course.do("2027-01-06", send_back("analysis", keep=frozenset({"actors_mapped"})))

    assert course.trajectory.phase == "analysis"
    assert course.trajectory.criterion("sources_heard").state == "open"
    assert course.trajectory.criterion("vision_shared").state == "open"
    assert course.trajectory.criterion("actors_mapped").state == "met"
    assert course.trajectory.criterion("intake_talk_held").state == "met"


def test_a_send_back_refuses_a_later_phase_an_unknown_reason_and_a_pointless_keep() -> None:
    """Each with its own sentence, and nothing is changed."""
    course = started()
    course.walk_to("dream_scenario", "2027-01-05")
    before = course.trajectory

    for decide in (
        send_back("coaching"),
        send_back("analysis", "because"),
        send_back("analysis", keep=frozenset({"intake_talk_held"})),
    ):
        with pytest.raises((Refused, BadInput)):
            course.do("2027-01-06", decide)

    assert course.trajectory is before


def test_leaving_a_phase_supersedes_its_reminders_but_not_the_trajectory_s() -> None:
    """The start mail still goes out; the ladder of the phase does not."""
    course = started()

    course.advance("2027-01-05")

    left = [r for r in course.trajectory.reminders.values() if r.reason == "phase_left"]
    assert {r.rule for r in left} >= {"std-10wd", "std+15wd"}
    own = {r.notice for r in course.trajectory.planned() if r.entry is None}
    assert own == {"start", "contacts_check"}


def test_no_mail_withholds_only_what_the_command_causes() -> None:
    """The planned ladder stays; the start mails are recorded as withheld."""
    course = Course()
    course.do(
        "2027-01-04",
        lambda d: phases.decide_start(d, "2026-001", (GENT,), coach=1),
        mail=False,
    )

    reasons = {r.notice: r.reason for r in course.trajectory.reminders.values() if r.reason}

    assert reasons == {"start": "withheld"}
    assert course.ladder("intake")


def test_the_first_phase_is_not_announced_next_to_the_start() -> None:
    """start says it."""
    course = started()

    assert not course.planned("phase_started")
    course.advance("2027-01-05")
    assert len(course.planned("phase_started")) == 1


def test_a_registration_error_sends_nothing() -> None:
    """The slip is withdrawn silently."""
    course = started()
    course.advance("2027-01-05")

    facts = course.do("2027-01-05", send_back("intake", "registration_error"))

    assert not course.planned("phase_started")
    assert any(isinstance(f, ReminderSkipped) and f.reason == "withheld" for f in facts)


def test_a_day_ahead_or_before_the_phase_is_refused() -> None:
    """Only a start may lie ahead."""
    course = started()

    with pytest.raises(BadInput):
        course.meet("2027-01-05", "intake_talk_held", on="2027-01-06")
    with pytest.raises(BadInput):
        course.meet("2027-01-05", "intake_talk_held", on="2027-01-03")


def test_a_plan_keeps_the_criterion_open_and_silences_its_reminders_until_that_day() -> None:
    """Once every point in the reader's hands has an appointment, nobody is reminded of it."""
    course = started()
    course.settle("2027-01-05", leave=("coordinator_named", "intake_talk_held"))
    course.do(
        "2027-01-05",
        lambda d: criteria.decide_plan(d, "coordinator_named", date(2027, 1, 25), "10:00"),
    )
    reminder = course.planned("deadline_soon")[0]

    assert course.trajectory.criterion("coordinator_named").state == "open"
    quiet = silenced(reminder, course.trajectory, course.pinned, date(2027, 1, 25))
    assert quiet == "planned"
    assert silenced(reminder, course.trajectory, course.pinned, date(2027, 1, 26)) is None


def test_a_reminder_names_only_points_in_the_reader_s_hands() -> None:
    """When only the coach has something to do, the coordinator is left alone."""
    course = started()
    course.settle("2027-01-05", leave=("intake_talk_held",))
    reminder = course.planned("deadline_soon")[0]

    assert silenced(reminder, course.trajectory, course.pinned, date(2027, 1, 18)) == "nothing_open"


def test_only_a_mayor_s_criterion_is_asked_for() -> None:
    """Each waiting municipality's mayor, one request each."""
    course = started(GENT, MERELBEKE)
    with pytest.raises(Refused):
        course.do("2027-01-05", lambda d: asking.decide_ask(d, "scope_confirmed"))

    course.do("2027-01-05", lambda d: asking.decide_ask(d, "sponsor_known"))

    assert {r.nis for r in course.planned("validation_request")} == {GENT, MERELBEKE}


def test_a_consent_that_comes_in_supersedes_the_request_for_it() -> None:
    """Nobody is asked for what was given."""
    course = started()
    course.do("2027-01-05", lambda d: asking.decide_ask(d, "sponsor_known"))

    course.meet("2027-01-05", "sponsor_known")

    assert not course.planned("validation_request")


def test_an_open_criterion_alone_never_mails_a_mayor() -> None:
    """Asking is a person's act."""
    course = started()

    mayors = [r for r in course.trajectory.planned() if r.role == "mayor"]

    assert {r.notice for r in mayors} == {"start"}


def test_nothing_moves_while_paused() -> None:
    """Resume first; a stop is still possible."""
    course = started()
    course.do("2027-01-05", lambda d: pauses.decide_pause(d, "other", date(2027, 2, 1)))

    for decide in (phases.decide_advance, send_back("intake"), phases.decide_next_round):
        with pytest.raises(Refused):
            course.do("2027-01-06", decide)
    course.do(
        "2027-01-06",
        lambda d: pauses.decide_stop(d, "no_mandate", silent=True, overdue_notices=0),
    )
    assert course.trajectory.status == "stopped"


def test_a_stop_for_no_response_needs_two_overdue_notices() -> None:
    """One reminder is no silence yet."""
    course = started()

    def stop(sent: int) -> Decide:
        return lambda d: pauses.decide_stop(d, "no_response", silent=False, overdue_notices=sent)

    with pytest.raises(Refused):
        course.do("2027-01-06", stop(1))
    course.do("2027-01-06", stop(2))
    assert {r.notice for r in course.trajectory.planned()} == {"stopped"}


def test_a_silent_stop_mails_nobody_and_withdraws_everything() -> None:
    """Not even the start mail that had not left."""
    course = started()

    facts = course.do(
        "2027-01-04", lambda d: pauses.decide_stop(d, "other", silent=True, overdue_notices=0)
    )

    assert isinstance(facts[0], ReminderSuperseded)
    assert isinstance(facts[1], Stopped)
    assert course.trajectory.planned() == ()


def test_completing_takes_the_last_phase_and_closes() -> None:
    """An advance from the last phase completes."""
    course = started()
    course.walk_to("feedback", "2027-01-05")

    course.advance("2027-01-06")

    assert (course.trajectory.status, course.trajectory.phase) == ("completed", "feedback")
    assert course.trajectory.open_deadlines() == ()
    with pytest.raises(Refused):
        course.do("2027-01-07", phases.decide_advance)


def test_a_request_has_no_phase_until_it_is_accepted() -> None:
    """requested, then active in the first phase."""
    course = Course()
    course.do("2027-01-04", lambda d: phases.decide_request(d, "2027-001", (GENT,), coach=1))
    assert (course.trajectory.status, course.trajectory.phase) == ("requested", None)

    course.do("2027-01-05", phases.decide_accept)

    assert (course.trajectory.status, course.trajectory.phase) == ("active", "intake")
    assert course.trajectory.due_on() == date(2027, 2, 2)
    with pytest.raises(Refused):
        course.do("2027-01-06", phases.decide_accept)


def test_a_follow_up_comes_after_closing_and_into_an_allowed_category() -> None:
    """Optimising follows reactivating; reactivating again does not."""
    course = started()

    def follow(category: str) -> Decide:
        return lambda d: people.decide_follow_up(d, category, trajectory="x", ref="2027-002")

    with pytest.raises(Refused):
        course.do("2027-01-05", follow("optimaliseren"))
    course.walk_to("feedback", "2027-01-05")
    course.advance("2027-01-06")
    with pytest.raises(Refused):
        course.do("2027-01-07", follow("opstarten"))
    course.do("2027-01-07", follow("optimaliseren"))
    assert not course.planned("followup_offer")


def test_a_coordinator_assigned_later_is_introduced_once() -> None:
    """A handover to the new one alone."""
    course = started()
    course.assign("2027-01-05", "coordinator", 7)

    handovers = course.planned("handover")

    assert [r.contact for r in handovers] == [7]
    with pytest.raises(Refused):
        course.assign("2027-01-05", "coordinator", 7)


def test_a_mayor_needs_a_municipality_where_there_are_several() -> None:
    """Two municipalities have two mayors."""
    course = started(GENT, MERELBEKE)

    with pytest.raises(BadInput):
        course.assign("2027-01-05", "mayor", 8)
    course.assign("2027-01-05", "mayor", 8, MERELBEKE)
    assert course.trajectory.people("mayor") == ((8, MERELBEKE),)


def test_one_machine_serves_all_trajectories_of_a_version_and_keeps_no_model() -> None:
    """Compiled once, and nothing is ever registered with it."""
    course = started()
    course.walk_to("feedback", "2027-01-05")

    machine = workflow_machine(course.pinned)

    assert machine is workflow_machine(course.pinned)
    assert machine.models == []
    entered = [f.phase for f in course.facts if isinstance(f, PhaseEntered)]
    assert entered == list(course.pinned.workflow.phase_ids())


def stop(reason: str = "other") -> Decide:
    """Return the decision to end it, which mails everybody."""
    return lambda d: pauses.decide_stop(d, reason, silent=False, overdue_notices=0)


def requested(day: str = "2027-01-04") -> Course:
    """An application that nobody accepted yet."""
    course = Course()
    course.do(day, lambda d: phases.decide_request(d, "2027-001", (GENT,), coach=1))
    return course


def test_the_stop_of_a_mere_request_mails_nobody_and_is_not_before_it() -> None:
    """Who was never told that it began is not told that it ended."""
    course = requested()
    with pytest.raises(BadInput):
        course.do("2027-01-06", stop(), on="2027-01-03")

    course.do("2027-01-06", stop(), on="2027-01-04")

    assert course.trajectory.status == "stopped"
    assert course.trajectory.planned() == ()


def assign(contact: int = 7, *, introduce: bool = True) -> Decide:
    """Return the decision that somebody coordinates."""
    return lambda d: people.decide_assign(d, contact, "coordinator", introduce=introduce)


ACTS_ON_PEOPLE: dict[str, Decide] = {
    "assign": assign(8),
    "release": lambda d: people.decide_release(d, 7),
    "reassign": lambda d: people.decide_reassign(d, 2),
    "scope": lambda d: people.decide_scope(d, joined=(MERELBEKE,)),
    "note": lambda d: people.decide_note(d, "all went well"),
    "plan": lambda d: criteria.decide_plan(d, "coordinator_named", date(2027, 6, 1)),
}


@pytest.mark.parametrize("act", ACTS_ON_PEOPLE)
def test_no_day_ahead_and_none_before_the_beginning_for_people_and_notes(act: str) -> None:
    """Only a start may lie ahead."""
    course = started()
    course.do("2027-01-04", assign())

    for day in ("2027-01-06", "2027-01-03"):
        with pytest.raises(BadInput):
            course.do("2027-01-05", ACTS_ON_PEOPLE[act], on=day)
    course.do("2027-01-05", ACTS_ON_PEOPLE[act], on="2027-01-04")


@pytest.mark.parametrize("act", ACTS_ON_PEOPLE)
def test_before_a_planned_start_people_notes_and_a_stop_are_possible(act: str) -> None:
    """The day of the start makes nothing of today impossible but the pause."""
    course = Course()
    course.start("2027-01-04", on="2027-02-01")
    course.do("2027-01-04", assign(introduce=False), on="2027-02-01")

    course.do("2027-01-05", ACTS_ON_PEOPLE[act])
    with pytest.raises(BadInput):
        course.do("2027-01-05", lambda d: pauses.decide_pause(d, "other", date(2027, 3, 1)))
    course.do("2027-01-05", stop())

    assert (course.trajectory.status, course.trajectory.closed_on) == ("stopped", date(2027, 1, 5))


def test_a_role_does_not_end_before_it_began() -> None:
    """Nor does it when its municipality leaves."""
    course = started(GENT, MERELBEKE)
    course.assign("2027-01-12", "mayor", 8, MERELBEKE)

    for decide in (
        lambda d: people.decide_release(d, 8),
        lambda d: people.decide_scope(d, left=(MERELBEKE,)),
    ):
        with pytest.raises(BadInput):
            course.do("2027-01-13", decide, on="2027-01-11")
    course.do("2027-01-13", lambda d: people.decide_release(d, 8), on="2027-01-12")


def test_no_day_of_rest_counts_twice() -> None:
    """A pause begins on the day of the last resume at the earliest."""
    course = started()

    def pause(decision: Decision) -> None:
        pauses.decide_pause(decision, "other", date(2027, 4, 1))

    course.do("2027-01-11", pause)
    course.do("2027-02-01", pauses.decide_resume)

    with pytest.raises(BadInput):
        course.do("2027-02-02", pause, on="2027-01-31")
    course.do("2027-02-02", pause, on="2027-02-01")
    assert course.trajectory.resumed_on == date(2027, 2, 1)


def test_a_municipality_that_left_during_a_pause_is_not_waited_for_after_it() -> None:
    """The resume completes the consents; their day is the last one of those present."""
    course = started(GENT, MERELBEKE)
    course.do("2027-01-05", lambda d: criteria.decide_meet(d, "sponsor_known", municipality=GENT))
    course.do("2027-01-06", lambda d: pauses.decide_pause(d, "merger", date(2027, 3, 1)))
    course.do("2027-01-11", lambda d: people.decide_scope(d, left=(MERELBEKE,)))
    assert course.trajectory.criterion("sponsor_known").state == "open"

    course.do("2027-01-20", pauses.decide_resume)

    state = course.trajectory.criterion("sponsor_known")
    assert (state.state, state.on) == ("met", date(2027, 1, 5))


def test_the_day_of_a_consent_that_left_does_not_count() -> None:
    """Only the consents of those present make the day."""
    course = started(GENT, MERELBEKE)
    agree = criteria.decide_meet
    course.do("2027-01-12", lambda d: agree(d, "sponsor_known", municipality=MERELBEKE))
    course.do("2027-01-13", lambda d: people.decide_scope(d, left=(MERELBEKE,)))
    assert course.trajectory.criterion("sponsor_known").state == "open"

    course.do("2027-01-13", lambda d: agree(d, "sponsor_known"), on="2027-01-05")

    assert course.trajectory.criterion("sponsor_known").on == date(2027, 1, 5)


def test_a_completion_by_leaving_is_of_the_day_of_the_last_consent() -> None:
    """Not of the day that somebody left."""
    course = started(GENT, MERELBEKE)
    course.do("2027-01-05", lambda d: criteria.decide_meet(d, "sponsor_known", municipality=GENT))

    facts = course.do("2027-01-12", lambda d: people.decide_scope(d, left=(MERELBEKE,)))

    assert [f.met_on for f in facts if isinstance(f, CriterionMet)] == [date(2027, 1, 5)]
    assert course.trajectory.criterion("sponsor_known").on == date(2027, 1, 5)


def test_a_category_follows_once() -> None:
    """Another one may follow as well; on no day before it closed, and none ahead."""
    course = started()
    course.do("2027-01-06", stop())

    def follow(category: str) -> Decide:
        return lambda d: people.decide_follow_up(d, category, trajectory="x", ref="2027-002")

    for day in ("2027-01-05", "2027-01-08"):
        with pytest.raises(BadInput):
            course.do("2027-01-07", follow("optimaliseren"), on=day)
    course.do("2027-01-07", follow("optimaliseren"))
    with pytest.raises(Refused) as caught:
        course.do("2027-01-07", follow("optimaliseren"))
    course.do("2027-01-07", follow("monitoren_evalueren"))

    assert "2027-002" in str(caught.value)
    assert set(course.trajectory.followed_up) == {"optimaliseren", "monitoren_evalueren"}


def test_an_unknown_phase_is_a_bad_word_and_a_known_one_is_refused() -> None:
    """The first names the phases of the workflow, the second what is possible from here."""
    course = started()
    course.walk_to("dream_scenario", "2027-01-05")
    course.settle("2027-01-05")
    known = course.pinned.workflow.phase_ids()

    def advance(to: str) -> Decide:
        return lambda d: phases.decide_advance(d, to)

    for decide in (advance("nowhere"), send_back("nowhere")):
        with pytest.raises(BadInput) as unknown:
            course.do("2027-01-05", decide)
        assert unknown.value.sentence.values["possible"] == known
    for decide, possible in (
        (advance("coaching"), ("reality_check",)),
        (send_back("coaching"), ("intake", "analysis")),
    ):
        with pytest.raises(Refused) as elsewhere:
            course.do("2027-01-05", decide)
        assert elsewhere.value.sentence.values["possible"] == possible


def test_several_targets_and_none_chosen_is_a_bad_word_that_names_the_option() -> None:
    """The machine does not choose for a person."""
    course = started()
    machine = workflow_machine(course.pinned)

    with pytest.raises(BadInput) as caught:
        fire(machine, "dream_scenario", SEND_BACK, Facts(date(2027, 1, 5)))

    assert "--to" in str(caught.value)
    assert caught.value.sentence.values["possible"] == ("intake", "analysis")


def test_an_appointment_silences_the_coach_s_rungs_too() -> None:
    """Nobody is told to call about what will be talked over next week."""
    course = started()
    course.settle("2027-01-05", leave=("coordinator_named",))
    overdue = next(r for r in course.planned("overdue") if r.role == "coach")
    escalation = course.planned("lead_escalation")[0]

    def told(on: str) -> list[str | None]:
        day = date.fromisoformat(on)
        return [silenced(r, course.trajectory, course.pinned, day) for r in (overdue, escalation)]

    assert told("2027-02-25") == [None, None]
    course.do(
        "2027-01-05", lambda d: criteria.decide_plan(d, "coordinator_named", date(2027, 3, 5))
    )
    assert told("2027-02-25") == ["planned", "planned"]
    assert told("2027-03-06") == [None, None]
