"""The workflow as data: what a YAML file says, checked for shape and frozen.

The relations between the parts (targets that exist, phases that can be reached) are
checked in `validation`. No durations, names or texts stand in code: they are all here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

COMPLETED = "completed"

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Kind = Literal["intake", "analysis", "dream", "reality_check", "plan", "execute", "feedback"]
Count = Annotated[int, Field(ge=0, le=3660)]
Cause = Literal[
    "started", "phase_entered", "asked", "paused", "stopped", "completed", "coach_changed",
    "coordinator_assigned", "feedback_changed", "feedback_held",
]  # fmt: skip
Late = Literal["send", "collapse", "skip"]
# Checked in `validation`, with a sentence of its own; here for the editors that read the schema.
DAY_OF_A_YEAR = r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
MonthDay = Annotated[str, Field(json_schema_extra={"pattern": DAY_OF_A_YEAR})]


class Model(BaseModel):
    """A frozen value; unknown keys and loose types are refused."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", populate_by_name=True)


class Labels(Model):
    """A name in Dutch and English, French where known."""

    nl: Text
    en: Text
    fr: Text | None = None

    def in_language(self, lang: str) -> str:
        """Return the text in `lang`, else in Dutch."""
        return getattr(self, lang, None) or self.nl


class Duration(Model):
    """An amount with its unit: exactly one of working days, days, weeks, months."""

    working_days: Count | None = None
    days: Count | None = None
    weeks: Count | None = None
    months: Count | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Duration:
        if sum(amount is not None for amount in self._amounts().values()) != 1:
            raise ValueError("give exactly one of working_days, days, weeks, months")
        return self

    def _amounts(self) -> dict[str, int | None]:
        return {unit: getattr(self, unit) for unit in ("working_days", "days", "weeks", "months")}

    def unit_and_amount(self) -> tuple[str, int]:
        """Return the unit's name and the amount, such as `("weeks", 8)`."""
        return next((unit, n) for unit, n in self._amounts().items() if n is not None)


class Anchor(Model):
    """What a deadline counts from: the day a criterion was met, or the date it carries."""

    criterion: Id | None = None
    value: Id | None = None

    @model_validator(mode="after")
    def _one_anchor(self) -> Anchor:
        if (self.criterion is None) == (self.value is None):
            raise ValueError("give exactly one of criterion, value")
        return self

    def criterion_id(self) -> str:
        """Return the criterion that this anchor hangs on."""
        return self.criterion or self.value or ""


class DefaultDate(Duration):
    """The date a `value: date` criterion takes when nobody gives one; rolled over."""

    from_: Anchor = Field(alias="from")


class Criterion(Model):
    """An exit criterion of a phase; `label_outside` is what a mayor is asked to agree with."""

    label: Labels
    label_outside: Labels | None = None
    required: bool = True
    who: Id = "coordinator"
    per: Literal["municipality"] | None = None
    value: Literal["date"] | None = None
    looks: Literal["back", "forward"] | None = None
    default: DefaultDate | None = None

    def outside(self) -> Labels:
        """Return the label that a mayor may read."""
        return self.label_outside or self.label


class DeadlineRule(Model):
    """A date to reach: anchor plus duration, with the ladder of reminders around it.

    Without a duration the anchor's own date is the deadline. `met_by` names the criterion
    that settles it; where that criterion lies in a later phase, the deadline lives on
    into that phase. From a next round on, `next_round` replaces anchor and duration (counted
    from entry) until the anchor is decided anew.
    """

    from_: Anchor | None = Field(default=None, alias="from")
    working_days: Count | None = None
    days: Count | None = None
    weeks: Count | None = None
    months: Count | None = None
    label: Labels | None = None
    met_by: Id | None = None
    reminders: Id | None = None
    next_round: Duration | None = None

    @model_validator(mode="after")
    def _dated(self) -> DeadlineRule:
        given = sum(getattr(self, unit) is not None for unit in Duration.model_fields)
        if given > 1 or (given == 0 and (self.from_ is None or self.from_.value is None)):
            raise ValueError("give exactly one of working_days, days, weeks, months")
        return self

    def duration(self) -> Duration | None:
        """Return the duration, or None where the anchor's date is the deadline."""
        given = {unit: getattr(self, unit) for unit in Duration.model_fields}
        return Duration(**given) if any(n is not None for n in given.values()) else None


class Edge(Model):
    """Where a trigger leads: one target, or several to choose from.

    `guards` name predicates of `engine.domain.guards`; `interval` is for the guard
    `interval_passed`.
    """

    to: Id | tuple[Id, ...]
    guards: tuple[Id, ...] = ()
    interval: Duration | None = None

    def targets(self) -> tuple[str, ...]:
        """Return the target phases, in file order."""
        return (self.to,) if isinstance(self.to, str) else self.to


class Phase(Model):
    """A state of the workflow: what must be true to leave it, by when, and where to."""

    kind: Kind
    label: Labels
    label_outside: Labels | None = None
    deadlines: dict[Id, DeadlineRule] = Field(default_factory=dict)
    instruments: tuple[Id, ...] = ()
    criteria: dict[Id, Criterion] = Field(min_length=1)
    advance: Edge
    send_back: Edge | None = None
    next_round: Edge | None = None

    def outside(self) -> Labels:
        """Return the label that a mayor may read."""
        return self.label_outside or self.label


class Role(Model):
    """Who may be mailed. `actor: true`: the coach or lead of the tool, else a contact."""

    label: Labels
    actor: bool = False
    per: Literal["municipality"] | None = None
    form: Literal["formal", "informal"] = "informal"
    outside: bool = False


class Rung(Model):
    """One planned mail around a deadline; `last` says it is the last automatic one.

    With `every` it stands at each multiple of `before`, as far back as the phase entry.
    `late`: what becomes of it once its day is over. One mail of all that are late says most
    (collapse), each leaves for itself (send), or it does not leave any more (skip).
    """

    before: Duration | None = None
    after: Duration | None = None
    every: bool = False
    to: tuple[Id, ...] = Field(min_length=1)
    notice: Id
    last: bool = False
    late: Late = "collapse"

    @model_validator(mode="after")
    def _one_side(self) -> Rung:
        if (self.before is None) == (self.after is None):
            raise ValueError("give exactly one of before, after")
        return self

    def length(self) -> Duration:
        """Return how far it stands from its date, on whichever side."""
        length = self.before or self.after
        assert length is not None  # the model asks for exactly one side
        return length


class OnRule(Model):
    """A mail that a fact causes: at once, `after` a while, or on the `next` such day of a year.

    `running`: on that day the trajectory runs at least so long, else it is the day of the year
    after. With `phase_entered` such a mail belongs to the year: it outlives the phase, the next
    phase does not plan it twice, and the end of the trajectory withdraws it. `late` as for a rung.
    """

    to: tuple[Id, ...] = Field(min_length=1)
    notice: Id
    after: Duration | None = None
    next: MonthDay | None = None
    running: Duration | None = None
    late: Late = "collapse"

    @property
    def at_once(self) -> bool:
        """Tell whether the mail leaves as soon as the fact is there."""
        return self.after is None and self.next is None

    def next_on(self, year: int) -> date:
        """Return the day in a year that `next` names."""
        assert self.next is not None  # asked of those that name one
        return date.fromisoformat(f"{year}-{self.next}")


class Reason(Labels):
    """A code to pick instead of a free text, with the limits that hold for it.

    `at_most`: a pause for this reason may last so long. `overdue_notices`: a stop for
    this reason needs so many of them to have gone out in this phase entry. `silent`: a
    stop or send-back for this reason mails nobody and withdraws what has not left.
    """

    at_most: Duration | None = None
    overdue_notices: Count | None = None
    silent: bool = False


class PauseRule(Model):
    """How long a pause may last, and the reminders before its end."""

    at_most: Duration
    reminders: Id


class Reasons(Model):
    """The closed lists of reasons."""

    pause: dict[Id, Reason] = Field(min_length=1)
    stop: dict[Id, Reason] = Field(min_length=1)
    send_back: dict[Id, Reason] = Field(min_length=1)


class Workflow(Model):
    """One immutable version of a category: phases in order, the first is the initial one."""

    format: Literal[1]
    category: Id
    version: Annotated[int, Field(ge=1, le=100_000)]
    label: Labels
    label_outside: Labels
    follow_up: tuple[Id, ...] = ()
    phases: dict[Id, Phase] = Field(min_length=1)
    roles: dict[Id, Role] = Field(min_length=1)
    reminders: dict[Id, tuple[Rung, ...]] = Field(default_factory=dict)
    on: dict[Cause, tuple[OnRule, ...]] = Field(default_factory=dict)
    pause: PauseRule
    reasons: Reasons
    instruments: dict[Id, Labels] = Field(default_factory=dict)

    def phase_ids(self) -> tuple[str, ...]:
        """Return the phases in file order."""
        return tuple(self.phases)

    def first_phase(self) -> str:
        """Return the phase that a trajectory starts in."""
        return next(iter(self.phases))

    def phase_of(self, criterion: str) -> str | None:
        """Return the phase that a criterion belongs to, or None."""
        return next((p for p, phase in self.phases.items() if criterion in phase.criteria), None)

    def criterion(self, criterion: str) -> Criterion | None:
        """Return a criterion by its id, or None."""
        phase = self.phase_of(criterion)
        return self.phases[phase].criteria[criterion] if phase else None

    def from_phase_on(self, phase: str) -> tuple[str, ...]:
        """Return `phase` and every phase after it, in file order."""
        order = self.phase_ids()
        return order[order.index(phase) :]


def document(data: Mapping[str, Any]) -> bytes:
    """Return the canonical JSON of a resolved file, as written: no defaults filled in.

    The order of the keys is kept: in a workflow file order is meaning (the first phase is
    the initial one, criteria are numbered).
    """
    return json.dumps(
        data, ensure_ascii=False, sort_keys=False, separators=(",", ":"), allow_nan=False
    ).encode()


def digest(stored: bytes) -> str:
    """Return the SHA-256 of a published document, in hex: the workflow version's name."""
    return hashlib.sha256(stored).hexdigest()


def parse(stored: bytes) -> Workflow:
    """Return the workflow that a published document holds.

    Raises: pydantic.ValidationError when the document does not have the shape.
    """
    return Workflow.model_validate_json(stored)
