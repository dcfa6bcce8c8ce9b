"""Tests of the narrative: every fact is told, in both languages, also when names were erased."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.domain import events as e
from engine.domain.codec import FACTS
from engine.domain.evolution import BRANCHES
from engine.domain.narrative import TELLERS, sentence
from engine.domain.narrative.labels import NOTICES, REASONS
from engine.domain.narrative.names import Names
from engine.domain.notices import NOTICES as KNOWN_NOTICES
from engine.domain.people import Actor, Contact, People
from engine.language import words
from notifications.compose import ABOUT_NO_TRAJECTORY
from workflows.loader import load_category

DAY = date(2027, 2, 4)
NOON = datetime(2027, 2, 4, 11, tzinfo=UTC)
PLACES = {"44021": "Gent", "44088": "Merelbeke-Melle"}
WORKFLOW = load_category("reactiveren").workflow
PEOPLE = People(
    {1: Actor(1, "An Peeters", "an@example.org", "uid:1", "nl", "coach")},
    {7: Contact(7, "Jo Maes", "jo@example.org", "stad Gent", "nl")},
)
NAMES = Names(
    place=PLACES.__getitem__,
    people=PEOPLE,
    workflow=WORKFLOW,
    categories={"reactiveren": WORKFLOW.label},
    reminders={
        "r1": ("deadline_soon", "coordinator"),
        "r2": ("deadline_soon", "coordinator"),
        "r3": ("overdue", "coach"),
    },
    mails={4: ("start", "contact:7"), 5: ("overdue", "contact:8"), 6: ("paused", None)},
)
DUE = e.Deadline(3, "analysis", "analysis", 0, 1, DAY, DAY, given=False, steps=())
RESTART = e.Deadline(9, "restart", "coaching", 1, 1, DAY, DAY, given=False, steps=())
# Facts that change nothing in a trajectory beyond what every planning fact does.
WITHOUT_BRANCH = {
    e.DeadlineMoved, e.NoteAdded, e.MailHeld, e.MailDeferred, e.DetailsErased, e.Amended,
}  # fmt: skip
OF_SHARED_STREAMS = {
    e.LogOpened, e.ActorAdded, e.ActorChanged, e.ActorAway, e.ActorBack, e.ContactAdded,
    e.ContactChanged, e.WorkflowPublished, e.LogRestored, e.CheckpointTaken,
}  # fmt: skip


def event(fact: e.Fact, **details: str | None) -> e.Event:
    """Return an event of that fact."""
    return e.Event(9, "stream", 2, fact, DAY, NOON, 1, b"", details)


def told(fact: e.Fact, lang: str = "en", names: Names = NAMES, **details: str | None) -> str:
    """Return the sentence about a fact."""
    return sentence(event(fact, **details), names, words(lang))


def sample(kind: Any, name: str = "") -> Any:
    """Return some value of a type, the same for the same type."""
    origin = typing.get_origin(kind)
    if name in ("cause", "why"):
        return {"cause": "send_back", "why": "person"}[name]
    if origin in (typing.Union, types.UnionType):
        return sample(typing.get_args(kind)[0], name)
    if origin is tuple:
        inner = typing.get_args(kind)[0]
        places = inner is str and name in ("municipalities", "joined", "left")
        return ("44021",) if places else (sample(inner),)
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        given = {f.name: sample(hints[f.name], f.name) for f in fields(kind)}
        return kind(**given)  # type: ignore[operator]
    if kind is str:
        return {"municipality": "44021", "planned_time": "09:30"}.get(name, "x")
    return {bool: True, int: 1, date: DAY, datetime: NOON}.get(kind, {})


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("kind", FACTS.values(), ids=FACTS.keys())
def test_every_fact_has_a_sentence(kind: type[e.Fact], lang: str) -> None:
    """With and without details, and without knowing any name."""
    bare = Names(place=lambda nis: nis)
    for names in (NAMES, bare):
        text = told(sample(kind), lang, names)
        erased = told(sample(kind), lang, names, reason=None, text=None, note=None)
        assert text.strip()
        assert "{" not in text + erased


def test_the_tellers_are_those_of_the_facts() -> None:
    """No fact is forgotten, and no teller is left of a fact that is gone."""
    assert set(FACTS.values()) == set(TELLERS)


def test_every_fact_of_a_trajectory_evolves_it_or_is_known_not_to() -> None:
    """A new fact cannot be forgotten in evolve()."""
    assert set(FACTS.values()) == {*BRANCHES, *WITHOUT_BRANCH, *OF_SHARED_STREAMS}
    assert not {*BRANCHES} & (WITHOUT_BRANCH | OF_SHARED_STREAMS)
    assert all(is_dataclass(kind) and "__slots__" in vars(kind) for kind in FACTS.values())


def test_every_notice_has_a_label() -> None:
    """A mail in the history is called what a coach calls it."""
    assert set(NOTICES) == KNOWN_NOTICES | ABOUT_NO_TRAJECTORY.keys()


SENTENCES: list[tuple[e.Fact, Mapping[str, str | None], str]] = [
    (e.LogOpened("id", "real"), {}, "log opened"),
    (e.ActorAdded(1, "lead", "nl"), {}, "An Peeters may act, as team lead"),
    (
        e.ActorChanged(1, "coach", "nl", active=False),
        {"email": "new@example.org"},
        "An Peeters may act no longer: new address",
    ),
    (e.ContactChanged(7, "nl"), {"name": "Jo"}, "contact Jo Maes changed: new name"),
    (
        e.WorkflowPublished("reactiveren", 2, "ab"),
        {},
        "workflow in use: Reactivation, version 2",
    ),
    (
        e.DetailsErased((e.ErasedDetail(4, "name"), e.ErasedDetail(4, "email")), "contact:9"),
        {"reason": "asked to"},
        "data of contact #9 (erased) erased: “asked to”",
    ),
    (
        e.DetailsErased((e.ErasedDetail(4, "text"),)),
        {"reason": "typed_by_mistake"},
        "free text of event 4 erased: it was typed by mistake",
    ),
    (e.DetailsErased((e.ErasedDetail(4, "text"),)), {}, "free text of event 4 erased"),
    (
        e.DetailsErased((e.ErasedDetail(4, "text"), e.ErasedDetail(5, "note"))),
        {},
        "free text of 2 events erased",
    ),
    (
        e.LogRestored(12, 10, 2),
        {},
        "restored from a backup of 10 events; 2 that followed are lost",
    ),
    (e.LogRestored(10, 10, 2), {}, "restored from a backup of 10 events; none known is lost"),
    (
        e.LogRestored(None, 10, 2),
        {},
        "restored from a backup of 10 events; what came after it is unknown",
    ),
    (
        e.CheckpointTaken(214, "7f3a5b2c90d1ee"),
        {},
        "checkpoint taken, everything verified; control number 214-7f3a5b2c90d1",
    ),
    (e.Amended(4), {"text": "it was Gent"}, "correction of event 4: “it was Gent”"),
    (
        e.TrajectoryStarted("2027-001", "reactiveren", "ab", ("44021", "44088"), 1),
        {},
        "Reactivation started for Gent, Merelbeke-Melle, as 2027-001; coach: An Peeters",
    ),
    (
        e.PhaseEntered("analysis", "advance", "intake", deadlines=(DUE,)),
        {},
        "moved on to Analysis: why it stalls; target date Thursday 4 February 2027",
    ),
    (
        e.PhaseEntered("analysis", "send_back", reason="partners_missing"),
        {},
        "back to Analysis: why it stalls: partners are still missing",
    ),
    (
        e.CriterionPlanned("intake_talk_held", DAY, "09:30"),
        {},
        "planned on Thursday 4 February 2027 at 09:30: exploratory talk held",
    ),
    (e.CriterionMet("intake_talk_held", complete=True), {}, "exploratory talk held"),
    (
        e.CriterionMet("intake_talk_held", complete=True),
        {"note": "by phone"},
        "exploratory talk held: “by phone”",
    ),
    (
        e.CriterionMet("sponsor_known", complete=False, municipalities=("44021",)),
        {},
        "mayor supports the trajectory: Gent; others still to follow",
    ),
    (
        e.CriterionMet("last_meeting", complete=True, value=date(2025, 1, 1)),
        {},
        "date of the last meeting: Wednesday 1 January 2025",
    ),
    (
        e.CriterionWaived("legal_checked"),
        {"reason": "checked last year {already}"},
        "does not apply here: legal frame checked (information sharing, professional secrecy): "
        "“checked last year {already}”",
    ),
    (
        e.CriterionWaived("causes_ranked"),
        {"reason": None},
        "does not apply here: causes ranked: (erased)",
    ),
    (
        e.ConsentAsked("problem_statement", ("44088",)),
        {},
        "consent asked of Merelbeke-Melle: problem statement written, mayor agrees",
    ),
    (
        e.DeadlineMoved(9, "restart", "person", deadlines=(RESTART,)),
        {"reason": "the mayor is away"},
        "target date of restart meeting moved to Thursday 4 February 2027: “the mayor is away”",
    ),
    (
        e.Paused("merger", DAY),
        {},
        "paused until Thursday 4 February 2027: merger of municipalities",
    ),
    (e.Resumed(1), {}, "resumed after 1 day"),
    (
        e.Resumed(30, deadlines=(DUE,)),
        {},
        "resumed after 30 days; target date Thursday 4 February 2027",
    ),
    (
        e.Stopped("no_capacity", silent=True),
        {},
        "stopped, without a mail: too little time or too few people",
    ),
    (e.ScopeChanged((), ("44021",)), {}, "Gent left"),
    (
        e.ContactAssigned(7, "mayor", "44021"),
        {},
        "Jo Maes takes part as mayor of Gent",
    ),
    (
        e.ContactReleased(8, "coordinator"),
        {},
        "contact #8 (erased) no longer takes part as LIVC R coordinator",
    ),
    (e.ReminderFired("r1", (4,)), {}, "reminder before the target date: 1 mail made"),
    (
        e.ReminderSkipped(("r1", "r2", "r3"), "withheld"),
        {},
        "not mailed (without mail, as was asked): LIVC R coordinator (reminder before the target "
        "date), VVSG coach (reminder after the target date)",
    ),
    (
        e.MailQueued(4, "m", "s", 0, NOON, "r1"),
        {},
        "mail to Jo Maes (start of the support): ready to leave",
    ),
    (
        e.MailSent(5, 250),
        {},
        "mail to contact #8 (erased) (reminder after the target date): sent",
    ),
    (
        e.MailDead(4, "rcpt", 550),
        {"reply": "unknown user"},
        "mail to Jo Maes (start of the support): cannot be delivered: “unknown user”",
    ),
    (
        e.MailCancelled(4, "phase_left"),
        {},
        "mail to Jo Maes (start of the support): withdrawn before it left (the phase was left)",
    ),
    (e.MailWritten(99), {}, "mail 99: kept as a file, not sent"),
]


@pytest.mark.parametrize(("fact", "details", "expected"), SENTENCES)
def test_a_sentence_reads_like_this(
    fact: e.Fact, details: Mapping[str, str | None], expected: str
) -> None:
    """In English, with the labels of the workflow that the trajectory is pinned to."""
    assert told(fact, "en", NAMES, **details) == expected


def test_labels_are_in_the_language_that_was_asked() -> None:
    """The workflow's labels follow the language, whatever the catalogue holds."""
    assert "verkenningsgesprek gehouden" in told(
        e.CriterionMet("intake_talk_held", complete=True), "nl"
    )


def test_the_system_and_the_erased_have_names_too() -> None:
    """Nobody acts without a name, and no number is mistaken for another kind."""
    assert NAMES.actor(1) == "An Peeters"
    assert words("en").say(NAMES.actor(0)) == "system"  # type: ignore[arg-type]
    assert words("en").say(NAMES.actor(3)) == "actor #3 (erased)"  # type: ignore[arg-type]
    assert words("en").say(NAMES.person("contact:3")) == "contact #3 (erased)"  # type: ignore[arg-type]
    assert words("en").say(NAMES.person(None)) == "(erased)"  # type: ignore[arg-type]


def test_reasons_of_dispatch_are_in_words() -> None:
    """Each reason that the code records has its words."""
    recorded = {"past", "withheld", "merged", "phase_left", "settled", "moved", "reopened",
                "paused", "resumed", "stopped", "followed_up", "covered", "late", "planned",
                "nothing_open", "no_recipient", "cannot_be_said", "released",
                "readdressed", "renewed", "told", "asked_again", "substituted",
                "erased"}  # fmt: skip
    assert recorded == set(REASONS)
