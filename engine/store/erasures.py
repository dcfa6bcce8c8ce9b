"""The list of what was erased, in a file beside the data, so that a restore erases it again.

One JSON object a line, with no personal data in it:

    {"log": id, "erased": [[position, field], ...], "events": {position: hash}, "mails": [numbers],
     "subject": "contact:7"}

`log` is the id in the first event of the log (LogOpened), as one folder may serve several logs.
`erased` are the details whose salt and value are gone, `mails` those that lost contents and
envelope, `subject` is the person, or "" where texts of events were erased. `events` are the leaf
hashes of the events concerned: after a restore their positions are given out anew, and what is
another event by then is not erased. The file only grows, is ours alone (0600), and a line that
stands there twice does no harm: erasing is done once. It is written after each erasure from what
the ledger says, all that is missing in it, so that a line that could not be written is made up
for by the next. An erasure has a line of its own: without one it was not finished. What a restore
erased again is on the list in other words, as the back-up may have held less, or more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from engine.folders import make_folder
from engine.store import tables as t
from engine.store.erasing import erasures
from engine.store.log import identity_of

NAME = "erasures.jsonl"
_HASHES = select(t.events.c.position, t.events.c.hash).where(
    t.events.c.position.in_(bindparam("positions", expanding=True))
)
_OWN = select(t.details.c.position).where(t.details.c.subject == bindparam("subject"))


class Erasure(NamedTuple):
    """One line: the details, the mails and the person that an erasure was about."""

    erased: tuple[tuple[int, str], ...]
    mails: tuple[int, ...]
    subject: str
    events: tuple[tuple[int, str], ...] = ()  # the hash of each event concerned


def keep(connection: Connection, file: Path, *, also: Path | None = None) -> int:
    """Add to the file what the ledger knows to be erased and the file does not; return how many.

    `also`: another list of this log, which may name what only older back-ups hold.
    Raises: OSError where the file cannot be written.
    """
    found, log = missing(connection, file), identity_of(connection) or ""
    if also is not None:
        known = {*_read(file, log), *found}
        found += [one for one in dict.fromkeys(_read(also, log)) if one not in known]
    if found:
        make_folder(file.parent)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="ascii") as out:
            out.writelines(f"{_line(log, one)}\n" for one in found)
            out.flush()
            os.fsync(out.fileno())
    return len(found)


def missing(connection: Connection, file: Path) -> list[Erasure]:
    """Return what the ledger knows to be erased and the file does not."""
    there = set(_read(file, identity_of(connection) or ""))
    found = []
    for data, by_restore in erasures(connection):
        one = _of_event(connection, data)
        if one not in there and not (by_restore and _covered(connection, one, there)):
            found.append(one)
    return found


def _covered(connection: Connection, one: Erasure, there: Iterable[Erasure]) -> bool:
    """Tell whether lines of the list name each detail of an erasure, and the person.

    The next restore then erases as much: of a person all that it finds, their mails too.
    """
    lines = [(line.subject, dict(line.events), line.erased) for line in there]
    named = {
        (events.get(position), field) for _, events, pairs in lines for position, field in pairs
    }
    leaves = dict(one.events)
    if not {(leaves[position], field) for position, field in one.erased} <= named:
        return False
    own = connection.execute(_OWN, {"subject": one.subject}).scalars()
    theirs = {leaf for _, leaf in _hashes(connection, own)}
    return not one.subject or any(
        subject == one.subject and theirs & {*events.values()} for subject, events, _ in lines
    )


def still_meant(connection: Connection, file: Path) -> Iterator[Erasure]:
    """Yield what was erased of the events that this log still has, oldest first."""
    for one in _read(file, identity_of(connection) or ""):
        same = {*one.events} & {*_hashes(connection, (position for position, _ in one.erased))}
        positions = {position for position, _ in same}
        erased = tuple(pair for pair in one.erased if pair[0] in positions)
        if erased:
            yield one._replace(erased=erased)


def _read(file: Path, log: str) -> Iterator[Erasure]:
    """Yield what the file says of one log, oldest first; a line that was cut off is left out."""
    if not file.exists():
        return
    for line in file.read_text("ascii", "replace").splitlines():
        try:
            said = json.loads(line)
            if said["log"] == log:
                events = {int(position): str(one) for position, one in said["events"].items()}
                pairs = tuple((int(one[0]), str(one[1])) for one in said["erased"])
                yield _erasure(pairs, said, events)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            continue


def _of_event(connection: Connection, data: Mapping[str, Any]) -> Erasure:
    """Return the erasure that an event tells of, with the hashes of what it is about."""
    pairs = tuple((one["position"], one["field"]) for one in data["erased"])
    return _erasure(pairs, data, dict(_hashes(connection, (position for position, _ in pairs))))


def _erasure(
    pairs: tuple[tuple[int, str], ...], said: Mapping[str, Any], events: Mapping[int, str]
) -> Erasure:
    mails = tuple(said.get("mails", ()))
    return Erasure(pairs, mails, said.get("subject", ""), tuple(sorted(events.items())))


def _hashes(connection: Connection, positions: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Yield the leaf hashes of the events at these positions."""
    for position, leaf in connection.execute(_HASHES, {"positions": sorted({*positions})}):
        yield position, leaf.hex()


def _line(log: str, one: Erasure) -> str:
    said = {
        "log": log,
        "erased": one.erased,
        "events": dict(one.events),
        "mails": one.mails,
        "subject": one.subject,
    }
    return json.dumps(said, separators=(",", ":"))
