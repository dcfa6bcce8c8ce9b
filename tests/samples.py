"""Samples of every mail: what happened, to whom it goes, and which words are in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any

from engine.ports import Person
from tests.notices import COACH, COORDINATOR, LEAD, MAYOR, PARTNER

OTHER_MAYOR = replace(
    MAYOR, key="contact:12", name="Koen Adams", email="koen.adams@example.org",
    municipalities=("Merelbeke-Melle",),
)  # fmt: skip
NEW_COORDINATOR = replace(
    COORDINATOR, key="contact:13", name="Lien Baert", email="lien.baert@example.org"
)


@dataclass(frozen=True)
class Sample:
    """One mail: what happened, to whom it goes, and the words of the workflow in it."""

    notice: str
    variant: str
    to: Person
    when: str  # for the contact sheet
    category: str = "reactiveren"
    phase: str = "analysis"
    came_from: str = ""
    goal: str = ""  # a deadline of the phase that is a step of its own
    asked: str = ""  # the criterion a mayor is asked to agree with
    open: tuple[str, ...] = ()
    planned: dict[str, tuple[date, str]] = field(default_factory=dict)
    waiting: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reason: tuple[str, str] = ("", "")  # which list, which code
    done: tuple[str, ...] = ()  # reached within the last month
    contacts: tuple[tuple[str, str, str, str], ...] = ()  # role, NIS, name, organisation
    calendar: str = ""  # what happens there: due | invited | moved | hour | off
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the name of the snapshot and of the picture."""
        return f"{self.notice}-{self.variant}"


def _at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 8, tzinfo=UTC)


INTAKE: dict[str, Any] = {
    "phase": "intake",
    "open": (
        "intake_talk_held",
        "sponsor_known",
        "coordinator_named",
        "scope_confirmed",
        "agreement_noted",
    ),
}
STARTED = {"due_on": date(2026, 12, 15), "created_at": datetime(2026, 11, 17, 14, tzinfo=UTC)}
AGREED = {"talk_on": date(2026, 11, 24), "talk_at": time(14)}
ANALYSIS = {"due_on": date(2027, 2, 4)}
TWO_OPEN = ("problem_statement", "causes_ranked")
DAY = {"feedback_on": date(2028, 3, 1), "created_at": _at(2028, 2, 16)}
TIMED = {**DAY, "feedback_at": time(14)}
COACHING: dict[str, Any] = {
    "phase": "coaching", "open": ("checkins_held", "actions_updated"),
}  # fmt: skip
MONTH = {"due_on": date(2027, 8, 16), "created_at": _at(2027, 6, 16)}
FEEDBACK: dict[str, Any] = {
    "phase": "feedback", "open": ("actions_closed", "ownership_local", "report_sent", "next_step"),
}  # fmt: skip
AFTER = {"held_on": date(2028, 3, 1), "created_at": _at(2028, 3, 2)}
PEOPLE = (
    ("coordinator", "", "Jo Maes", "stad Gent"),
    ("mayor", "44021", "Rita Claes", "stad Gent"),
    ("case_manager", "", "Mia Bos", "OCMW Gent"),
    ("case_manager", "", "Tom Nys", "gemeente Merelbeke-Melle"),
    ("socio_partner", "", "Sam Wouters", ""),
)
LIER: dict[str, Any] = {"municipalities": ("Lier",)}

SAMPLES = (
    Sample("start", "coordinator", COORDINATOR, "at the start",
           **INTAKE, calendar="due", values=STARTED),
    Sample("start", "mayor", MAYOR, "at the start", **INTAKE, values=STARTED),
    Sample("start", "mayor-of-one", replace(MAYOR, municipalities=("Lier",)),
           "at the start, one municipality", **INTAKE, values={**STARTED, **LIER}),
    Sample("start", "mayor-no-coordinator", MAYOR, "at the start, no coordinator yet",
           **INTAKE, values={**STARTED, "coordinator": ""}),
    Sample("start", "coordinator-talk", COORDINATOR, "at the start, the talk is agreed",
           **INTAKE, calendar="due", values=STARTED | AGREED),
    Sample("start", "mayor-talk", MAYOR, "at the start, the talk is agreed",
           **INTAKE, values=STARTED | AGREED),
    Sample("start", "coordinator-talked", COORDINATOR, "at the start, the talk was held",
           **INTAKE, calendar="due", values=STARTED | {"talk_held": True}),
    Sample("start", "mayor-talked", MAYOR, "at the start, the talk was held",
           **INTAKE, values=STARTED | {"talk_held": True}),
    Sample("start", "coordinator-midway", COORDINATOR, "at a start midway",
           open=TWO_OPEN, calendar="due", values=ANALYSIS),
    Sample("start", "mayor-midway", OTHER_MAYOR, "at a start midway", values=ANALYSIS),
    Sample("phase_started", "advance", COORDINATOR, "at the next phase",
           phase="dream_scenario", open=("session_held", "vision_written", "vision_shared"),
           calendar="due", values={"cause": "advance", "due_on": date(2027, 3, 18)}),
    Sample("phase_started", "send-back", COORDINATOR, "when a phase is taken up again",
           came_from="reality_check", open=TWO_OPEN,
           calendar="due", values={**ANALYSIS, "cause": "send_back"}),
    Sample("phase_started", "next-round", COORDINATOR, "at a new round",
           category="monitoren_evalueren", phase="measurement",
           open=("round_done", "adjustments"),
           calendar="due", values={"cause": "next_round", "due_on": date(2027, 7, 8)}),
    Sample("deadline_soon", "several", COORDINATOR, "10 and 3 working days before the target date",
           open=TWO_OPEN, waiting={"problem_statement": ("Merelbeke-Melle",)}, values=ANALYSIS),
    Sample("deadline_soon", "one", COORDINATOR,
           "10 and 3 working days before the target date, one point",
           open=("causes_ranked",), values={**ANALYSIS, **LIER}),
    Sample("deadline_soon", "planned", COORDINATOR,
           "10 and 3 working days before the target date, something is planned",
           open=TWO_OPEN, planned={"causes_ranked": (date(2027, 2, 1), "10:00")}, values=ANALYSIS),
    Sample("deadline_soon", "step", COORDINATOR, "before the date of a step within a phase",
           phase="coaching", goal="restart", open=("restart_meeting",),
           calendar="due", values={"due_on": date(2027, 11, 25), "created_at": _at(2027, 11, 10)}),
    Sample("deadline_soon", "feedback", COORDINATOR,
           "30 and 3 working days before the feedback moment",
           phase="coaching", goal="feedback", open=("feedback_held",),
           values={**TIMED, "due_on": date(2028, 3, 1)}),
    Sample("deadline_soon", "five-municipalities", COORDINATOR,
           "10 and 3 working days before the target date, five municipalities", open=TWO_OPEN,
           values={**ANALYSIS, "municipalities": ("Aalst", "Gent", "Lier", "Mol", "Geel")}),
    Sample("overdue", "first", COORDINATOR, "1 working day after the target date", open=TWO_OPEN,
           values={**ANALYSIS, "days_late": 1, "created_at": _at(2027, 2, 5)}),
    Sample("overdue", "last", COORDINATOR, "6 working days after the target date, the last one",
           open=TWO_OPEN,
           values={**ANALYSIS, "days_late": 6, "last": True, "created_at": _at(2027, 2, 12)}),
    Sample("overdue", "feedback", COORDINATOR, "1 working day after the feedback moment",
           phase="coaching", goal="feedback", open=("feedback_held",),
           values={**TIMED, "due_on": date(2028, 3, 1), "days_late": 1,
                   "created_at": _at(2028, 3, 2)}),
    Sample("overdue", "coach", COACH, "6 working days after the target date, with the last one",
           phase="intake", open=("coordinator_named", "scope_confirmed", "agreement_noted"),
           values={"due_on": date(2026, 12, 15), "days_late": 6, "last": True,
                   "created_at": _at(2026, 12, 23)}),
    Sample("overdue", "coach-only", COACH,
           "6 working days after the target date, only the coach can act",
           phase="intake", open=("agreement_noted",),
           values={"due_on": date(2026, 12, 15), "days_late": 6, "last": True,
                   "created_at": _at(2026, 12, 23)}),
    Sample("validation_request", "statement", OTHER_MAYOR, "when the coach asks",
           asked="problem_statement"),
    Sample("validation_request", "support", MAYOR, "when the coach asks, in the first phase",
           phase="intake", asked="sponsor_known"),
    Sample("validation_request", "goal", MAYOR, "when the coach asks (Optimaliseren)",
           category="optimaliseren", phase="theory_of_change", asked="vision_shared"),
    Sample("feedback_invite", "mayor", MAYOR, "10 working days before the feedback moment",
           phase="coaching", calendar="invited", values=DAY),
    Sample("feedback_invite", "mayor-hour", MAYOR,
           "10 working days before the feedback moment, the hour is known",
           phase="coaching", calendar="invited", values=TIMED),
    Sample("feedback_invite", "coordinator", COORDINATOR,
           "10 working days before the feedback moment",
           phase="coaching", calendar="invited", values=TIMED),
    Sample("feedback_invite", "partner", PARTNER, "10 working days before the feedback moment",
           phase="coaching", calendar="invited", values=TIMED),
    Sample("feedback_changed", "moved", MAYOR, "when the feedback moment moves",
           phase="coaching", calendar="moved", values={**DAY, "feedback_on": date(2028, 3, 8)}),
    Sample("feedback_changed", "hour", COORDINATOR, "when its hour becomes known, or another",
           phase="coaching", calendar="hour", values=TIMED),
    Sample("feedback_changed", "off", PARTNER, "when it is called off",
           phase="coaching", calendar="off", values=DAY),
    Sample("paused", "coordinator", COORDINATOR, "at a pause",
           reason=("pause", "local_elections"),
           values={"until": date(2027, 3, 12), "due_on": date(2027, 4, 1)}),
    Sample("resume_soon", "coach", COACH, "10 working days before the end of a pause, and that day",
           reason=("pause", "local_elections"),
           values={"until": date(2027, 3, 12), "created_at": _at(2027, 2, 26)}),
    Sample("stopped", "coordinator", COORDINATOR, "when it is stopped",
           reason=("stop", "no_capacity")),
    Sample("stopped", "mayor", MAYOR, "when it is stopped", reason=("stop", "no_mandate")),
    Sample("stopped", "mayor-support-ended", MAYOR, "when it is stopped because support ends",
           reason=("stop", "support_ended")),
    Sample("completed", "coordinator", COORDINATOR, "when it is completed", phase="feedback"),
    Sample("completed", "mayor", MAYOR, "when it is completed", phase="feedback"),
    Sample("followup_offer", "coordinator", COORDINATOR, "three months after it was completed",
           phase="feedback"),
    Sample("lead_escalation", "lead", LEAD, "15 working days after the target date", open=TWO_OPEN,
           waiting={"problem_statement": ("Merelbeke-Melle",)},
           values={**ANALYSIS, "days_late": 15, "created_at": _at(2027, 2, 25)}),
    Sample("lead_escalation", "coach", COACH, "15 working days after the target date",
           phase="intake", open=("coordinator_named", "agreement_noted"),
           values={"due_on": date(2026, 12, 15), "days_late": 15, "coordinator": "",
                   "created_at": _at(2027, 1, 8)}),
    Sample("lead_escalation", "pause", COACH, "5 working days after the end of a pause",
           reason=("pause", "coordinator_vacant"),
           values={"until": date(2027, 3, 12), "created_at": _at(2027, 3, 19)}),
    Sample("monthly_overview", "coordinator", COORDINATOR, "every month while the coaching runs",
           **COACHING, done=("restart_meeting",),
           planned={"actions_updated": (date(2027, 7, 1), "")},
           values={**MONTH, "feedback_on": date(2027, 11, 24), "feedback_at": time(14)}),
    Sample("monthly_overview", "nothing-open", COORDINATOR,
           "every month while the coaching runs, only the coach has something to do",
           phase="coaching", open=("checkins_held",), values=MONTH),
    Sample("feedback_report", "coordinator", COORDINATOR, "when the feedback moment was held",
           **FEEDBACK, values=AFTER),
    Sample("feedback_report", "mayor", MAYOR, "when the feedback moment was held",
           **FEEDBACK, values=AFTER),
    Sample("feedback_report", "all-settled", COORDINATOR,
           "when the feedback moment was held, all is settled", phase="feedback", values=AFTER),
    Sample("contacts_check", "coordinator", COORDINATOR, "every January",
           contacts=PEOPLE, values={"created_at": _at(2027, 1, 8)}),
    Sample("handover", "coordinator", NEW_COORDINATOR, "to a new coordinator, or from a new coach",
           open=TWO_OPEN, values={**ANALYSIS, "coordinator": NEW_COORDINATOR.name}),
    Sample("handover", "nothing-open", COORDINATOR,
           "to a new coordinator, or from a new coach, nothing is open", values=ANALYSIS),
)  # fmt: skip
