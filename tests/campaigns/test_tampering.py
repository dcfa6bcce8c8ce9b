"""Everything that was tampered with is told; nothing that is honest is.

Each tampering is done to a copy of a random log of which a checkpoint was kept elsewhere, taken
after the event that is changed. The same copy is handed over as a file, to the verifier that
needs no traject.
"""

from __future__ import annotations

import importlib.util
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine.audit import Witness, verify
from engine.audit.standalone import VERIFIER
from engine.domain.errors import LedgerBroken
from engine.store.database import open_database
from tests.campaigns import runs, table
from tests.campaigns.living import begun, step
from tests.campaigns.tampering import KINDS, Forger, after_the_witness, dumped, tamper

MEMORY = Path("/dev/shm")  # a disk in memory, where there is one
LOGS = 60  # random logs that are tampered with in full
STEPS = 12
EACH = len(KINDS) * 4


@dataclass(frozen=True)
class Log:
    """An honest log: its file, its checkpoint, and as it is handed over."""

    content: bytes
    witness: Witness
    handed: list[Any]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that is quick."""
    where = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="traject-tampering-", dir=where) as name:
        yield Path(name)


def honest(template: Path, folder: Path, chance: Random, steps: int = STEPS) -> Log:
    """Return a random log, of which somebody kept a checkpoint before it went on."""
    file = folder / "honest.db"
    world = begun(template, file)
    for _ in range(steps):
        step(world, chance)
    report = verify(world.database)
    assert report.ok, report.problems
    for _ in range(4):
        step(world, chance)
    world.start("opstarten")  # so that something came after
    world.database.close()
    return Log(file.read_bytes(), Witness(report.size, report.root, "kept"), dumped(file))


def told(file: Path, witness: Witness) -> bool:
    """Tell whether verify finds something in a file, a checkpoint beside it."""
    database = open_database(str(file))
    try:
        return not verify(database, witnesses=[witness]).ok
    except LedgerBroken:  # a value that SQLite itself cannot read; the exit code is 8 as well
        return True
    finally:
        database.close()


def verifier() -> Any:
    """Return the program that goes along with an export, loaded from its file."""
    spec = importlib.util.spec_from_file_location("verify_history", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def accepted(alone: Any, lines: list[Any], witness: Witness) -> bool:
    """Tell whether the verifier of an export is content with these lines."""
    kept = {"name": "kept", "size": witness.size, "root": witness.root, "log": ""}
    history = alone.History(alone.read_header(json.dumps(lines[0])), [kept])
    for number, line in enumerate(lines[1:], 2):
        history.take(number, json.dumps(line))
    history.finish()
    return int(alone.verdict(history)) == 0


def tampered(
    folder: Path, log: Log, deed: Callable[[Forger], None], chance: Random, *, thorough: bool
) -> Path:
    """Return a copy that somebody changed."""
    file = folder / "tampered.db"
    file.write_bytes(log.content)
    tamper(file, deed, chance, log.witness.size, thorough=thorough)
    return file


def campaign(template: Path, folder: Path, count: int) -> dict[str, Counter[str]]:
    """Tamper so many times, all kinds in turn; return by kind what was tried and told."""
    chance, alone = Random(20270301), verifier()
    logs = [honest(template, folder, chance) for _ in range(max(1, count * LOGS // 8000))]
    found: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for number in range(count):
        kind = list(KINDS)[number % len(KINDS)]
        deed, may_be_thorough = KINDS[kind]
        log = chance.choice(logs)
        thorough = kind.startswith("everything") or (may_be_thorough and chance.random() < 0.5)
        file = tampered(folder, log, deed, chance, thorough=thorough)
        seen, lines = found[kind], dumped(file)
        seen["tried"] += 1
        seen["found"] += told(file, log.witness)
        assert seen["tried"] == seen["found"], (kind, number, thorough)
        if lines != log.handed:
            seen["handed over"] += 1
            seen["refused"] += not accepted(alone, lines, log.witness)
            assert seen["handed over"] == seen["refused"], (kind, number, thorough)
    return found


def afterwards(template: Path, folder: Path, count: int) -> int:
    """Rewrite what came after the checkpoint, so many times; return how often that was told."""
    chance = Random(20270302)
    log = honest(template, folder, chance)
    return sum(
        told(tampered(folder, log, after_the_witness, chance, thorough=True), log.witness)
        for _ in range(count)
    )


def states(template: Path, folder: Path, count: int) -> tuple[int, int]:
    """Verify honest logs after every step, in both ways; return how many, and the alarms."""
    chance, alone = Random(20270303), verifier()
    seen = alarms = 0
    while seen < count:
        world = begun(template, folder / "honest.db")
        for _ in range(40):
            step(world, chance)
            report = verify(world.database)
            witness = Witness(report.size, report.root, "kept")
            sound = report.ok and not report.remarks
            sound = sound and accepted(alone, dumped(folder / "honest.db"), witness)
            seen, alarms = seen + 1, alarms + (not sound)
            assert sound, (seen, report)
            if seen >= count:
                break
        world.database.close()
    return seen, alarms


def test_each_kind_of_tampering_is_told(sqlite_template: Path, folder: Path) -> None:
    """Once or twice each, on one log."""
    found = campaign(sqlite_template, folder, len(KINDS) * 2)
    assert all(seen["tried"] == seen["found"] for seen in found.values())


def test_an_honest_log_raises_no_alarm(sqlite_template: Path, folder: Path) -> None:
    """After each of some steps."""
    assert states(sqlite_template, folder, 12) == (12, 0)


@pytest.mark.campaign
def test_8000_tamperings_are_told(sqlite_template: Path, folder: Path) -> None:
    """By verify with a checkpoint; by the verifier of an export, as far as the export reaches."""
    count = runs(600, full=8000)
    found = campaign(sqlite_template, folder, count)
    unseen = runs(20, full=200)
    late = afterwards(sqlite_template, folder, unseen)
    rows: list[tuple[str, object]] = [
        (f"{kind}: found", f"{one['found']} of {one['tried']}") for kind, one in found.items()
    ]
    handed, refused = (
        sum(one[name] for one in found.values()) for name in ("handed over", "refused")
    )
    rows += [
        ("all kinds: found by verify, with a checkpoint", sum(o["found"] for o in found.values())),
        ("of those, in the exported history: refused", f"{refused} of {handed}"),
        ("rewritten after the checkpoint, as nobody can see: found", f"{late} of {unseen}"),
    ]
    print(table("Tampering with the history", rows))


@pytest.mark.campaign
def test_10000_honest_logs_raise_no_alarm(sqlite_template: Path, folder: Path) -> None:
    """A log is another one after each step."""
    seen, alarms = states(sqlite_template, folder, runs(400, full=10_000))
    rows = [("random honest logs verified, and exported", seen), ("false alarms", alarms)]
    print(table("Honest histories", rows))
