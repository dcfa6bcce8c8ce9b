"""The kinds of events that a coach tells apart, and which facts are of each."""

from __future__ import annotations

from engine.domain import events as e
from engine.domain.codec import FACTS
from engine.domain.events import Fact

_KINDS: dict[str, tuple[type[Fact], ...]] = {
    "phases": (
        e.TrajectoryRequested, e.TrajectoryStarted, e.PhaseEntered, e.Paused, e.Resumed,
        e.Stopped, e.Completed, e.FollowUpLinked,
    ),
    "criteria": (
        e.CriterionPlanned, e.CriterionMet, e.CriterionWaived, e.CriterionReopened,
        e.ConsentAsked,
    ),
    "dates": (e.DeadlineMoved, e.CriterionPlanned, e.FeedbackChanged, e.ReminderSnoozed),
    "people": (
        e.ActorAdded, e.ActorChanged, e.ActorAway, e.ActorBack, e.ContactAdded,
        e.ContactChanged, e.ContactAssigned, e.ContactReleased, e.CoachChanged, e.ScopeChanged,
    ),
    "notes": (e.NoteAdded,),
    "mails": (
        e.ReminderFired, e.ReminderSuperseded, e.ReminderSkipped, e.MailQueued, e.MailSent,
        e.MailWritten, e.MailUncertain, e.MailDead, e.MailHeld, e.MailDeferred, e.MailReleased,
        e.MailCancelled,
    ),
    "corrections": (e.CriterionReopened, e.DeadlineMoved, e.PhaseEntered, e.Amended),
}  # fmt: skip
CORRECTIONS = "corrections"
UPKEEP = "upkeep"  # what is of no other kind: the log itself, the workflows
KINDS = (*_KINDS, UPKEEP)


def types_of(kind: str) -> tuple[str, ...]:
    """Return the names of the facts of a kind; of corrections, those that may be one."""
    if kind == UPKEEP:
        others = {fact.__name__ for facts in _KINDS.values() for fact in facts}
        return tuple(sorted(FACTS.keys() - others))
    return tuple(fact.__name__ for fact in _KINDS[kind])


def is_correction(fact: Fact) -> bool:
    """Tell whether a fact puts something right: back, open again, moved, corrected."""
    if isinstance(fact, e.PhaseEntered):
        return fact.cause == "send_back"
    if isinstance(fact, e.DeadlineMoved):
        return fact.why == "person"
    return isinstance(fact, (e.CriterionReopened, e.Amended))
