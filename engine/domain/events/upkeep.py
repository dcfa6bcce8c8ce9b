"""The facts about the ledger itself: what was erased, restored, witnessed or put right."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.events.base import Fact


@dataclass(frozen=True, slots=True)
class ErasedDetail:
    """One detail whose salt and value are gone: of which event, and which of its details."""

    position: int
    field: str


@dataclass(frozen=True, slots=True)
class DetailsErased(Fact):
    """Personal data or free text was erased. Detail: reason.

    `subject` is the person, contact:7 or actor:1; "" where texts were erased, not a person.
    `mails` lost their contents and envelope with it. The stream is that of the trajectory
    whose texts they are, or `log` for a person.
    """

    decision = False

    erased: tuple[ErasedDetail, ...]
    subject: str = ""
    mails: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LogRestored(Fact):
    """The log goes on from a backup, in a new epoch.

    `expected_size` is that of the youngest checkpoint known, None without one; `found_size`
    is how many events the backup holds.
    """

    expected_size: int | None
    found_size: int
    epoch: int


@dataclass(frozen=True, slots=True)
class CheckpointTaken(Fact):
    """Everything verified, up to this size; the root stood in a text for others to keep."""

    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Amended(Fact):
    """An earlier event was not as it should have been. Detail: text."""

    position: int
