"""The small log on the page about the ledger's format, and everything that is computed of it.

`python -m tests.vectors` writes it into docs/ledger.md; a test holds the page against it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from unittest.mock import patch

from engine.audit import exporting
from engine.domain.checkpoint import Checkpoint, origin
from engine.domain.events import Detail
from engine.domain.inclusion import Paths
from engine.domain.ledger import EMPTY_ROOT, Frontier
from engine.store import schema
from engine.store.appending import Appender, Draft
from engine.store.database import Database, open_database

PAGE = Path(__file__).parent.parent / "docs" / "ledger.md"
BEGIN, END = "<!-- vectors: begin -->", "<!-- vectors: end -->"
LOG = "00000000-0000-4000-8000-000000000001"
NOW = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)
PERSON = (
    Detail("name", "Zoë Peeters", "actor:1"),
    Detail("email", "zoe@example.org", "actor:1"),
)
SALTS = (b"\x01" * 32, b"\x02" * 32)


def small_log(database: Database) -> list[str]:
    """Write three events; return the lines of their export."""
    with database.writing() as connection, patch("secrets.token_bytes", side_effect=SALTS):
        appender = Appender(connection, NOW)
        first = appender.append(_draft("log", "LogOpened", log=LOG, clock="real"), seq=1, prev=None)
        member = _draft("people", "ActorAdded", PERSON, number=1, role="coach", lang="nl")
        second = appender.append(member, seq=1, prev=None)
        root = Frontier().append(first.hash).append(second.hash).root().hex()
        taken = _draft("log", "CheckpointTaken", size=2, root=root)
        appender.append(taken, seq=2, prev=first.hash)
        appender.flush()
    return list(exporting.lines(database, exporting.extent(database)))


def vectors(lines: Sequence[str]) -> str:
    """Return what the page says of these lines."""
    header, *events = map(json.loads, lines)
    leaves = [bytes.fromhex(event["hash"]) for event in events]
    frontier, roots = Frontier(), [EMPTY_ROOT.hex()]
    paths = Paths([1, 2, 3])
    for leaf in leaves:
        frontier = frontier.append(leaf)
        roots.append(frontier.root().hex())
        paths.append(leaf)
    paths.finish()
    commits = json.loads(events[1]["body"])["commit"]
    checkpoint = Checkpoint(origin("example.org", LOG, 1), 3, header["root"])
    parts = ["`history.jsonl`, its four lines:", "```", *(line.rstrip() for line in lines), "```"]
    parts += ["", "| | |", "|---|---|"]
    parts += [f"| commitment to `{name}` of event 2 | `{commits[name]}` |" for name in commits]
    parts += [f"| leaf of event {n} | `{leaf.hex()}` |" for n, leaf in enumerate(leaves, 1)]
    parts += [f"| root at size {size} | `{root}` |" for size, root in enumerate(roots)]
    for number in (1, 2, 3):
        path = " ".join(f"`{one.hex()}`" for one in paths.of(number))
        parts.append(f"| path of event {number} at size 3 | {path} |")
    parts += ["", "The checkpoint at size 3:", "```", checkpoint.text().rstrip(), "```"]
    return "\n".join(parts)


def on_page() -> str:
    """Return what the page has between its marks."""
    return PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].strip()


def _draft(stream: str, kind: str, details: tuple[Detail, ...] = (), **data: object) -> Draft:
    day = date(2027, 3, 1)
    return Draft(stream, kind, data, details, occurred_on=day, actor={"id": 0})


def main() -> None:
    """Write the page anew."""
    with tempfile.TemporaryDirectory(prefix="traject-vectors-") as folder:
        database = open_database(str(Path(folder) / "small.db"), create=True)
        schema.create(database)
        found = vectors(small_log(database))
        database.close()
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n{found}\n\n{END}{after}", encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
