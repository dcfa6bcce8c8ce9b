"""The four shipped categories say what the offer says, in words fit for their readers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.domain.definition import Anchor, Criterion, Labels, Phase, Workflow
from engine.domain.notices import NOTICES
from workflows.loader import load, load_category, shipped
from workflows.schema import library_schema, schema, text

FOLDER = shipped()[0].parent
LIBRARY = FOLDER / "library" / "livc_r.yaml"
CATEGORIES = ("monitoren_evalueren", "opstarten", "optimaliseren", "reactiveren")
WORKFLOWS = {path.stem: load(path).workflow for path in shipped()}
KINDS = ["intake", "analysis", "dream", "reality_check", "plan", "execute", "feedback"]
EXECUTE = {"opstarten": "launch", "reactiveren": "coaching", "optimaliseren": "coaching",
           "monitoren_evalueren": "measurement"}  # fmt: skip
MAYOR = {"sponsor_known", "problem_statement", "vision_shared", "plan_validated"}
COACH = {"intake_talk_held", "category_confirmed", "agreement_noted", "checkins_held",
         "report_sent"}  # fmt: skip
WEEKS = {
    "opstarten": [4, 8, 6, 4, 8, None, 4],
    "reactiveren": [4, 8, 6, 4, 6, None, 4],
    "optimaliseren": [4, 8, 6, 4, 6, None, 4],
    "monitoren_evalueren": [4, 8, 6, 4, 6, None, 4],
}
INTAKE = ["intake_talk_held", "sponsor_known", "coordinator_named", "category_confirmed",
          "scope_confirmed", "agreement_noted"]  # fmt: skip
ANALYSIS = ["sources_heard", "actors_mapped", "problem_statement", "findings_tagged?"]
DREAM = ["session_held", "vision_written", "vision_shared"]
CHECK = ["obstacles_listed", "capacity_checked", "legal_checked", "priorities_chosen"]
PLAN = ["actions_complete", "if_then?", "plan_validated", "plan_shared", "feedback_date_set"]
COACHING = ["checkins_held", "actions_updated", "midterm_review?"]
FEEDBACK = ["feedback_held", "actions_closed", "ownership_local", "report_sent", "next_step"]
CRITERIA: dict[str, dict[str, list[str]]] = {
    "opstarten": {
        "intake": [*INTAKE, "no_active_livc", "joint_option"],
        "analysis": [*ANALYSIS, "why_none"],
        "dream_scenario": [*DREAM, "goals_defined"],
        "reality_check": [*CHECK, "coordinator_time"],
        "action_plan": [*PLAN, "composition", "police_rep", "internal_rules", "protocol?", "roles"],
        "launch": ["first_meeting", "role_exercise", "partners_informed", "checkins_held",
                   "actions_updated"],
        "feedback": FEEDBACK,
    },
    "reactiveren": {
        "intake": [*INTAKE, "last_meeting"],
        "analysis": [*ANALYSIS, "causes_ranked"],
        "dream_scenario": DREAM,
        "reality_check": CHECK,
        "action_plan": [*PLAN, "meeting_rhythm", "rules_reviewed?"],
        "coaching": [*COACHING, "restart_meeting", "network_contact?"],
        "feedback": [*FEEDBACK, "meets_again"],
    },
    "optimaliseren": {
        "intake": [*INTAKE, "active_confirmed"],
        "analysis": [*ANALYSIS, "roles_reviewed"],
        "theory_of_change": ["long_term_goal", "pathway", "assumptions", "vision_shared"],
        "reality_check": [*CHECK, "assumptions_tested"],
        "action_plan": [*PLAN, "indicator_per_goal"],
        "coaching": COACHING,
        "feedback": [*FEEDBACK, "assumptions_revisited?"],
    },
    "monitoren_evalueren": {
        "intake": [*INTAKE, "earlier_evaluations"],
        "baseline": ["modules_chosen", "respondents_invited", "scan_done", "results_discussed"],
        "target": ["vision_shared", "indicators_chosen", "no_case_data"],
        "reality_check": ["data_owner", "burden_ok", "legal_checked"],
        "monitoring_plan": ["cycle_set", "actions_complete", "plan_validated",
                            "feedback_date_set"],
        "measurement": ["round_done", "adjustments", "checkins_held"],
        "feedback": [*FEEDBACK, "anchored"],
    },
}  # fmt: skip

each = pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS)


def criteria(workflow: Workflow) -> Iterator[tuple[str, Criterion]]:
    """Yield every criterion with its id."""
    for phase in workflow.phases.values():
        yield from phase.criteria.items()


def labels(node: Any) -> Iterator[Labels]:
    """Yield every label in a workflow, wherever it stands."""
    if isinstance(node, Labels):
        yield node
    parts: Iterable[Any] = ()
    if isinstance(node, dict | tuple):
        parts = node.values() if isinstance(node, dict) else node
    if hasattr(type(node), "model_fields"):
        parts = [getattr(node, name) for name in type(node).model_fields]
    for part in parts:
        yield from labels(part)


def outside(workflow: Workflow) -> Iterator[Labels]:
    """Yield the labels that a mayor may read."""
    yield workflow.label_outside
    for phase in workflow.phases.values():
        yield phase.outside()
        yield from (c.outside() for c in phase.criteria.values() if c.who == "mayor")
        yield from (d.label for n, d in phase.deadlines.items() if d.label and n == "feedback")


def test_the_four_categories_are_shipped_under_their_names() -> None:
    """A file is called as its category."""
    assert tuple(WORKFLOWS) == CATEGORIES
    assert all(name == workflow.category for name, workflow in WORKFLOWS.items())


@each
def test_the_phases_have_the_core_kinds_in_order(workflow: Workflow) -> None:
    """Intake before, execute between plan and feedback."""
    assert [phase.kind for phase in workflow.phases.values()] == KINDS
    assert workflow.phase_ids()[5] == EXECUTE[workflow.category]


@each
def test_the_criteria_are_those_of_the_offer(workflow: Workflow) -> None:
    """Every criterion stands in its phase, in order; a question mark means optional."""
    found = {
        name: [c + ("" if criterion.required else "?") for c, criterion in phase.criteria.items()]
        for name, phase in workflow.phases.items()
    }
    assert found == CRITERIA[workflow.category]


@each
def test_mayors_and_coaches_bring_about_what_is_theirs(workflow: Workflow) -> None:
    """Four consents per municipality, five points of the coach, the rest the coordinator's."""
    for name, criterion in criteria(workflow):
        expected = "mayor" if name in MAYOR else "coach" if name in COACH else "coordinator"
        assert criterion.who == expected, name
        assert (criterion.per == "municipality") == (name in MAYOR), name


@each
def test_dates_are_carried_by_two_criteria_only(workflow: Workflow) -> None:
    """The last meeting looks back; the feedback day ahead, six months from the plan."""
    dated = {name: c for name, c in criteria(workflow) if c.value}
    back = {"last_meeting"} if workflow.category == "reactiveren" else set()
    assert set(dated) == back | {"feedback_date_set"}
    day = dated["feedback_date_set"]
    assert day.looks == "forward"
    assert day.default is not None
    assert day.default.unit_and_amount() == ("months", 6)
    assert day.default.from_ == Anchor(criterion="plan_validated")
    assert all(dated[name].looks == "back" for name in back)


@each
def test_the_first_deadline_is_the_phase_s_own(workflow: Workflow) -> None:
    """It has the phase's id (the last one's: report), its ladder, the agreed length.

    While the work goes on that is the standard one, with an overview every month.
    """
    for (name, phase), weeks in zip(workflow.phases.items(), WEEKS[workflow.category], strict=True):
        first = next(iter(phase.deadlines))
        rule = phase.deadlines[first]
        own = "report" if phase.kind == "feedback" else name
        scheme = "coaching" if phase.kind == "execute" else "std"
        assert (first, rule.reminders, rule.weeks) == (own, scheme, weeks)
        assert all(other.label for n, other in phase.deadlines.items() if n != own)
    assert workflow.reminders["coaching"][1:] == workflow.reminders["std"]


@each
def test_the_execute_phase_counts_six_months(workflow: Workflow) -> None:
    """From the validated plan; the measurement from its own entry."""
    rule = workflow.phases[EXECUTE[workflow.category]].deadlines[EXECUTE[workflow.category]]
    assert rule.months == 6
    measured = workflow.category == "monitoren_evalueren"
    assert rule.from_ == (None if measured else Anchor(criterion="plan_validated"))


@each
def test_the_feedback_day_is_planned_in_the_execute_phase(workflow: Workflow) -> None:
    """On the agreed day, until the feedback was held; a new round counts anew."""
    rule = workflow.phases[EXECUTE[workflow.category]].deadlines["feedback"]
    assert rule.from_ == Anchor(value="feedback_date_set")
    assert (rule.met_by, rule.reminders, rule.duration()) == ("feedback_held", "feedback", None)
    again = rule.next_round and rule.next_round.unit_and_amount()
    assert again == (("months", 6) if workflow.category == "monitoren_evalueren" else None)


def test_the_restart_meeting_has_its_own_deadline() -> None:
    """Eight weeks into the coaching of a reactivation."""
    coaching = WORKFLOWS["reactiveren"].phases["coaching"]
    assert list(coaching.deadlines) == ["coaching", "restart", "feedback"]
    rule = coaching.deadlines["restart"]
    assert (rule.weeks, rule.met_by, rule.reminders) == (8, "restart_meeting", "std")


@each
def test_every_phase_leads_to_the_next_and_back_to_any_earlier_one(workflow: Workflow) -> None:
    """The last one leads to completed."""
    order = workflow.phase_ids()
    for i, phase in enumerate(workflow.phases.values()):
        assert phase.advance.targets() == ((*order, "completed")[i + 1],)
        assert (phase.send_back.targets() if phase.send_back else ()) == order[:i]


def test_only_monitoring_has_a_next_round_once_a_year() -> None:
    """From the feedback back to the measurement."""
    for category, workflow in WORKFLOWS.items():
        rounds = {n: p.next_round for n, p in workflow.phases.items() if p.next_round}
        assert list(rounds) == (["feedback"] if category == "monitoren_evalueren" else [])
        for edge in rounds.values():
            assert edge.targets() == ("measurement",)
            assert edge.guards == ("interval_passed",)
            assert edge.interval is not None
            assert edge.interval.unit_and_amount() == ("months", 12)


def test_the_follow_ups_are_those_of_the_offer() -> None:
    """Each names other shipped categories."""
    assert {name: workflow.follow_up for name, workflow in WORKFLOWS.items()} == {
        "opstarten": ("optimaliseren", "monitoren_evalueren", "reactiveren"),
        "reactiveren": ("optimaliseren", "monitoren_evalueren"),
        "optimaliseren": ("monitoren_evalueren", "reactiveren"),
        "monitoren_evalueren": ("optimaliseren", "reactiveren"),
    }


@each
def test_every_notice_is_caused_by_something(workflow: Workflow) -> None:
    """All notices that have templates are named, and no other."""
    ladders = {rung.notice for ladder in workflow.reminders.values() for rung in ladder}
    assert ladders | {rule.notice for rules in workflow.on.values() for rule in rules} == NOTICES


@each
def test_a_mayor_hears_milestones_only(workflow: Workflow) -> None:
    """No ladder but the invitation, nothing about phases, pauses or changes of people."""
    ladders = {
        r.notice for ladder in workflow.reminders.values() for r in ladder if "mayor" in r.to
    }
    assert ladders == {"feedback_invite"}
    causes = {cause for cause, rules in workflow.on.items() if any("mayor" in r.to for r in rules)}
    assert causes == {
        "started", "asked", "stopped", "completed", "feedback_changed", "feedback_held"
    }  # fmt: skip
    mayor = workflow.roles["mayor"]
    assert (mayor.form, mayor.outside, mayor.per) == ("formal", True, "municipality")


@each
def test_only_coach_and_lead_are_actors(workflow: Workflow) -> None:
    """All other roles are filled by contacts."""
    assert {name for name, role in workflow.roles.items() if role.actor} == {"coach", "lead"}


@each
def test_pauses_are_limited_and_one_slip_is_silent(workflow: Workflow) -> None:
    """Six months, nine around elections; two overdue notices before a silent stop."""
    reasons = workflow.reasons
    assert workflow.pause.at_most.unit_and_amount() == ("months", 6)
    limits = {code: r.at_most.unit_and_amount() for code, r in reasons.pause.items() if r.at_most}
    assert limits == {"local_elections": ("months", 9)}
    counts = {code: r.overdue_notices for code, r in reasons.stop.items() if r.overdue_notices}
    assert counts == {"no_response": 2}
    for known in (reasons.send_back, reasons.stop):
        assert {code for code, r in known.items() if r.silent} == {"registration_error"}
    assert set(reasons.pause) == {
        "local_elections", "coordinator_vacant", "mayor_changed", "merger", "incident_priority",
        "awaiting_decision", "coach_absent", "other"}  # fmt: skip
    assert set(reasons.stop) == {
        "no_mandate", "no_capacity", "no_response", "joined_other_cell", "merged",
        "other_support", "goal_reached_early", "support_ended", "registration_error",
        "other"}  # fmt: skip
    assert set(reasons.send_back) == {
        "evidence_insufficient", "context_changed", "new_coordinator", "partners_missing",
        "mayor_not_agreed", "registration_error", "other"}  # fmt: skip


@each
def test_labels_are_written_in_both_languages_without_hard_words(workflow: Workflow) -> None:
    """No deadline, nothing late or overdue; LIVC R with a space; no stray blanks."""
    found = list(labels(workflow))
    assert len(found) > 80
    for label in found:
        for words in filter(None, (label.nl, label.en, label.fr)):
            assert words == words.strip()
            assert "  " not in words
            assert not re.search(
                r"deadline|te laat|overdue|vrijgesteld|LIVC-R|LIVCR", words, re.IGNORECASE
            )
    assert all(label.fr for label in (workflow.label, *(p.label for p in workflow.phases.values())))


@each
def test_a_mayor_reads_neutral_labels(workflow: Workflow) -> None:
    """Nothing says that a cell is weak, missing or being woken up."""
    painful = r"reactiver|opstart|oprich|installat|spaak|herop|stall|restart|set-up|start-up|launch"
    painful += r"|zwak|weak|reactivat|optimalis|akkoord|mayor|burgemeester"
    for label in outside(workflow):
        assert not re.search(painful, f"{label.nl} {label.en}", re.IGNORECASE), label
    assert workflow.label_outside.nl == "begeleiding LIVC R"


@each
def test_a_consent_can_be_asked_in_a_sentence(workflow: Workflow) -> None:
    """What the mayor is asked to agree with has a name that fits behind `with`."""
    for name, criterion in criteria(workflow):
        if criterion.who == "mayor":
            assert criterion.label_outside is not None, name
            assert re.match(r"(de|het|deze) ", criterion.label_outside.nl), name
            assert re.match(r"(the|this) ", criterion.label_outside.en), name


def test_the_words_are_those_that_coaches_use() -> None:
    """The wordings that were agreed on stand in the files."""
    texts = " ".join(path.read_text(encoding="utf-8") for path in shipped())
    for words in ("juiste soort begeleiding gekozen", "als-dan-afspraken",
                  "iemand in de gemeente volgt dit verder op"):  # fmt: skip
        assert words in texts


@pytest.mark.parametrize("path", [*shipped(), LIBRARY], ids=lambda path: path.stem)
def test_a_file_is_readable_on_a_screen(path: Path) -> None:
    """It names its schema for the editor, has about 200 lines, and no stray characters."""
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines[0] == "# yaml-language-server: $schema=schema.json"
    assert len(lines) <= 220
    assert max(map(len, lines)) <= 170
    assert all(line == line.rstrip() and line.isprintable() for line in lines)


def test_the_committed_schemas_are_those_of_the_models() -> None:
    """Whoever changes a model writes them again: python -m workflows.schema."""
    committed = (FOLDER / "schema.json").read_text(encoding="utf-8")
    assert committed == text(schema())
    committed = (FOLDER / "library" / "schema.json").read_text(encoding="utf-8")
    assert committed == text(library_schema())


def test_another_validator_accepts_the_shipped_files() -> None:
    """The schema alone is enough to check a file's shape."""
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is in the extra `lint`")
    for folder in (FOLDER, FOLDER / "library"):
        command = [sys.executable, "-m", "check_jsonschema", "--schemafile"]
        command += [str(folder / "schema.json"), *map(str, sorted(folder.glob("*.yaml")))]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_document_repeats_to_the_byte() -> None:
    """The same file gives the same workflow version, whenever it is read."""
    for category in CATEGORIES:
        first, second = load_category(category), load_category(category)
        assert first.document == second.document
        assert json.loads(first.document)["phases"]


def test_no_phase_is_without_a_required_criterion() -> None:
    """Otherwise one could walk through it unnoticed."""
    phases: list[Phase] = [p for w in WORKFLOWS.values() for p in w.phases.values()]
    assert all(any(c.required for c in phase.criteria.values()) for phase in phases)
