"""Samples of the mail with a checkpoint, and their snapshots: `python -m tests.checkpoints`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.domain.checkpoint import Checkpoint
from engine.ports import CheckpointNotice, Person
from notifications.compose import compose
from tests.periodic import Snapshots

SNAPSHOTS = Path(__file__).parent / "snapshots" / "checkpoints"
WHEN = {
    "changed": "on a working day, where something was added",
    "quiet": "once a week, where nothing was",
    "enrolled": "to an auditor who is enrolled",
}
CHECKPOINT = Checkpoint(
    "example.org/traject/6f2c8d1e-4b7a-4f0e-9d3c-2a5b8e7f1c04/1",
    214,
    "7f3a0b12c9e1" + "0d" * 26,
)
OUTSIDE = Person("witness:1", "auditor@example.org", "auditor@example.org", "nl", "auditor")
ENROLLED = Person("actor:3", "Els Wit", "els.wit@example.org", "nl", "auditor")


def checkpoint(name: str, lang: str) -> CheckpointNotice:
    """Return a sample in a language."""
    made = CheckpointNotice(
        to=replace(ENROLLED if name == "enrolled" else OUTSIDE, lang=lang),
        lang=lang,
        lines=tuple(CHECKPOINT.text().splitlines()),
        round_at=datetime(2027, 3, 1, 7, 1, tzinfo=UTC),
        checkpoint_size=CHECKPOINT.size,
        checkpoint_root=CHECKPOINT.root,
        key="checkpoint/1/2027-03-01",
        created_at=datetime(2027, 3, 1, 7, 1, tzinfo=UTC),
        organisation="VVSG",
        sender="livc@example.org",
        answers="lies.lead@example.org",
    )
    values: dict[str, dict[str, Any]] = {
        "changed": {"waiting": 3},
        "quiet": {"quiet": True},
        "enrolled": {"waiting": 1, "organisation": "", "sender": ""},
    }
    return replace(made, **values[name])


_KEPT = Snapshots(SNAPSHOTS, WHEN, lambda name, lang: compose(checkpoint(name, lang)))
path, snapshot = _KEPT.path, _KEPT.text


if __name__ == "__main__":
    _KEPT.renew()
