"""The list of what was erased, in a file beside the data, so that a restore erases it again.

One JSON object a line, with no personal data in it:

    {"log": id, "erased": [[position, field], ...], "mails": [numbers], "subject": "contact:7"}

`log` is the id in the first event of the log (LogOpened), as one folder may serve several logs.
`erased` are the details whose salt and value are gone, `mails` those that lost contents and
envelope, `subject` is the person, or "" where texts of events were erased. The file only grows,
is ours alone (0600), and a line that stands there twice does no harm: erasing is done once. It
is written after each erasure from what the ledger says, all that is missing in it, so that a
line that could not be written is made up for by the next.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection

from engine.store.erasing import erasures
from engine.store.log import identity_of

NAME = "erasures.jsonl"


class Erasure(NamedTuple):
    """One line: the details, the mails and the person that an erasure was about."""

    erased: tuple[tuple[int, str], ...]
    mails: tuple[int, ...]
    subject: str


def keep(connection: Connection, file: Path) -> int:
    """Add to the file what the ledger knows to be erased and the file does not; return how many.

    Raises: OSError where the file cannot be written.
    """
    log = identity_of(connection) or ""
    there = set(read(file, log))
    missing = [one for one in map(_of_event, erasures(connection)) if one not in there]
    if missing:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="ascii") as out:
            out.writelines(f"{_line(log, one)}\n" for one in missing)
            out.flush()
            os.fsync(out.fileno())
    return len(missing)


def read(file: Path, log: str) -> Iterator[Erasure]:
    """Yield what the file says of one log, oldest first; a line that was cut off is left out."""
    if not file.exists():
        return
    for line in file.read_text("ascii", "replace").splitlines():
        try:
            said = json.loads(line)
            if said["log"] == log:
                yield _of_event(said)
        except (ValueError, KeyError, TypeError):
            continue


def _of_event(data: Mapping[str, Any]) -> Erasure:
    """Return the erasure of an event's data, or of a line: both say it in nearly one form."""
    pairs = (
        (one["position"], one["field"]) if isinstance(one, dict) else (one[0], one[1])
        for one in data["erased"]
    )
    return Erasure(tuple(pairs), tuple(data.get("mails", ())), data.get("subject", ""))


def _line(log: str, one: Erasure) -> str:
    said = {"log": log, "erased": one.erased, "mails": one.mails, "subject": one.subject}
    return json.dumps(said, separators=(",", ":"))
