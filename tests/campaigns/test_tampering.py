"""Everything that was tampered with is told; nothing that is honest is.

Each tampering is done to a copy of a random log of which a checkpoint was kept elsewhere, taken
after the event that is changed. The same copy is handed over as a file, to the verifier that
needs no traject. The seed and the number of a tampering make it again.
"""

from __future__ import annotations

import gc
import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine.audit import Witness, verify
from engine.audit.exporting import extent, lines
from engine.domain.errors import LedgerBroken
from engine.store.database import Database, open_database
from tests.campaigns import in_full, runs, table
from tests.campaigns.forging import Deed, dumped, tamper
from tests.campaigns.in_postgres import Refusal, load
from tests.campaigns.living import DAILY, SELDOM, begun, do, step
from tests.campaigns.tampering import (
    KINDS,
    after_the_witness,
    beside_the_ledger,
    erased_by_hand,
)
from tests.fakes import RecordingNotifier
from tests.verifier import verifier
from tests.world import World

MEMORY = Path("/dev/shm")  # a disk in memory, where there is one
PAGE = Path(__file__).parent.parent.parent / "docs" / "ledger.md"
SEED = 20270301
PART = 250  # tamperings, or lives, of one seed
EACH = 60  # tamperings with one log
NEEDED = {"Amended", "CheckpointTaken", "DetailsErased", "LogRestored", "MailQueued", "NoteAdded"}
HEADS = ("kind", "made", "told", "told without a checkpoint", "in the export",
         "refused", "refused without")  # fmt: skip
Work = Callable[[Path, Path, int, int], Counter[Any]]  # template, folder, seed, how many


@dataclass(frozen=True)
class Log:
    """An honest log: its file, its checkpoint, its file as it was before, and as handed over."""

    content: bytes
    witness: Witness
    before: bytes
    handed: list[str]
    types: frozenset[str]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that is quick."""
    where = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="traject-tampering-", dir=where) as name:
        yield Path(name)


def honest(template: Path, folder: Path, chance: Random) -> Log:
    """Return a random log in which everything was tried once, checkpointed before it went on."""
    file = folder / "honest.db"
    world = begun(template, file, chance)
    for deed in chance.sample((*DAILY, *SELDOM), len(DAILY) + len(SELDOM)):
        do(world, chance, deed)
    before = _content(file)
    world.start("opstarten")
    report = verify(world.database)
    assert report.ok, report.problems
    for _ in range(4):  # no restore: what is lost by one would be told, as it should
        do(world, chance, chance.choice(DAILY))
    world.start("opstarten")  # so that something came after
    types = frozenset(type(one.fact).__name__ for one in world.events())
    world.database.close()
    witness = Witness(report.size, report.root, "kept")
    assert not told(file, [witness])
    return Log(_content(file), witness, before, dumped(file), types)


def _content(file: Path) -> bytes:
    """Return the bytes of a database, with what stands in its side files."""
    with closing(sqlite3.connect(file)) as db:
        return db.serialize()


def told(file: Path, witnesses: Iterable[Witness]) -> bool:
    """Tell whether verify finds something in a file, with or without a checkpoint."""
    database = open_database(str(file))
    try:
        return _told(database, witnesses)
    finally:
        database.close()


def _told(database: Database, witnesses: Iterable[Witness]) -> bool:
    try:
        return not verify(database, witnesses=[*witnesses]).ok
    except LedgerBroken:  # a value that SQLite itself cannot read; the exit code is 8 as well
        return True


def accepted(exported: Iterable[str], *witnesses: Witness) -> bool:
    """Tell whether the verifier of an export is content with these lines."""
    alone, all_ = verifier(), iter(exported)
    kept = [{"name": "kept", "size": one.size, "root": one.root, "log": ""} for one in witnesses]
    history = alone.History(alone.read_header(next(all_)), kept)
    for number, line in enumerate(all_, 2):
        history.take(number, line)
    history.finish()
    return int(alone.verdict(history)) == 0


# --- tampering ----------------------------------------------------------------------------


def copied(folder: Path, content: bytes) -> Path:
    """Return a copy of a log that is there to be changed."""
    file = folder / "tampered.db"
    for left in folder.glob("tampered.db*"):
        left.unlink()
    file.write_bytes(content)
    return file


def tampered(folder: Path, log: Log, kind: str, chance: Random) -> Path:
    """Return a copy that somebody changed."""
    if kind == OLDER:
        return gone_back(folder, log, chance)
    known = KINDS[kind]
    thorough = known.always_thorough or (known.may_be_thorough and chance.random() < 0.5)
    file = copied(folder, log.content)
    tamper(file, known.deed, chance, log.witness.size, thorough=thorough)
    return file


NOT_TOLD = {
    "what came after the checkpoint is rewritten consistently": after_the_witness,
    "a detail is emptied by hand, and an event at the end says so": erased_by_hand,
    "what the machine notes for itself is edited": beside_the_ledger,
}
OLDER = "an older copy comes in its place, and goes on"
ALL = (*KINDS, OLDER)
HIDDEN = {OLDER, *(name for name, kind in KINDS.items() if kind.hidden)}


def gone_back(folder: Path, log: Log, chance: Random) -> Path:
    """Return an older copy, in which people worked on as if nothing had been."""
    file = copied(folder, log.before)
    world = World(open_database(str(file)), RecordingNotifier())
    for _ in range(chance.randrange(4)):
        do(world, chance, chance.choice(DAILY))
    world.database.close()
    return file


def campaign(template: Path, folder: Path, seed: int, count: int) -> Counter[Any]:
    """Tamper so many times, all kinds in turn; return by kind what was made and told."""
    chance, found = Random(seed), Counter[Any]()
    for number in range(count):
        if not number % EACH:
            log = honest(template, folder, chance)
            found.update(("log", name) for name in log.types)
            gc.collect()  # a process that opens so many databases; verify lets it pass seldom
        kind = ALL[(seed + number) % len(ALL)]
        file = tampered(folder, log, kind, chance)
        exported, where = dumped(file), (kind, seed, number)
        found[kind, "made"] += 1
        assert told(file, [log.witness]), where
        found[kind, "told"] += 1
        found[kind, "alone"] += (alone := told(file, ()))
        assert not (alone and kind in HIDDEN), where
        if exported != log.handed:
            found[kind, "exported"] += 1
            assert not accepted(exported, log.witness), where
            found[kind, "refused"] += 1
            found[kind, "refused alone"] += (alone := not accepted(exported))
            assert not (alone and kind in HIDDEN), where
    return found


def unseen(template: Path, folder: Path, deed: Deed, count: int) -> int:
    """Do what nothing tells, so many times, a checkpoint at hand; return how often it was told."""
    chance = Random(SEED)
    log = honest(template, folder, chance)
    return sum(_unseen(folder, log, deed, chance) for _ in range(count))


def _unseen(folder: Path, log: Log, deed: Deed, chance: Random) -> bool:
    file = copied(folder, log.content)
    thorough = deed is not beside_the_ledger
    tamper(file, deed, chance, log.witness.size, thorough=thorough)
    return told(file, [log.witness])


def lives(template: Path, folder: Path, seed: int, count: int) -> Counter[Any]:
    """Live so many random lives; each log must verify, and what is exported of it as well."""
    chance, found = Random(seed), Counter[Any]()
    for number in range(count):
        world = begun(template, folder / "honest.db", chance)
        for _ in range(chance.randint(0, 30)):
            step(world, chance)
        report = verify(world.database)
        witness = Witness(report.size, report.root, "kept")
        refs = (None, "2027-001", "2027-002")
        sound = report.ok and not report.remarks
        for what, redacted in ((None, False), (chance.choice(refs), chance.random() < 0.5)):
            exported = lines(world.database, extent(world.database, what), redacted=redacted)
            sound = sound and accepted(exported, witness)
        world.database.close()
        found["lives"] += 1
        if not number % EACH:
            gc.collect()
        found["events"] += report.size
        found["alarms"] += not sound
        assert sound, (seed, number, report)
    return found


def spread(work: Work, template: Path, folder: Path, count: int) -> Counter[Any]:
    """Do something so many times, in parts of which each has its seed; in full on all cores."""
    parts = [(SEED + at, min(PART, count - at)) for at in range(0, count, PART)]
    places = [folder / str(seed) for seed, _ in parts]
    for place in places:
        place.mkdir()
    todo = [(template, place, *part) for place, part in zip(places, parts, strict=True)]
    if not in_full():
        return sum((work(*one) for one in todo), Counter())
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as pool:
        begun_ = [pool.submit(work, *one) for one in todo]
        return sum((one.result() for one in begun_), Counter())


def shown(found: Counter[Any]) -> list[tuple[str, ...]]:
    """Return the table of what was made and told."""
    names = ("made", "told", "alone", "exported", "refused", "refused alone")
    rows = [(kind, *(str(found[kind, name]) for name in names)) for kind in ALL]
    sums = (str(sum(found[kind, name] for kind in ALL)) for name in names)
    return [HEADS, *rows, ("together", *sums)]


def test_each_kind_of_tampering_is_told(sqlite_template: Path, folder: Path) -> None:
    """Once each, on one log."""
    found = campaign(sqlite_template, folder, SEED, len(ALL))
    assert all(found[kind, "told"] == 1 for kind in ALL)


def test_an_honest_log_raises_no_alarm(sqlite_template: Path, folder: Path) -> None:
    """Some lives."""
    assert lives(sqlite_template, folder, SEED, 2)["alarms"] == 0


def test_the_page_names_each_kind_of_tampering() -> None:
    """With what tells of it, or why nothing does."""
    page = PAGE.read_text(encoding="utf-8")
    assert [kind for kind in (*ALL, *NOT_TOLD) if f"| {kind} | " not in page] == []


@pytest.mark.campaign
def test_8000_tamperings_are_told(sqlite_template: Path, folder: Path) -> None:
    """By verify with a checkpoint; by the verifier of an export, as far as the export reaches."""
    found = spread(campaign, sqlite_template, folder, runs(300, full=8000))
    if in_full():
        assert {kind for log, kind in found if log == "log"} >= NEEDED
    print(f"\nseeds from {SEED}, {PART} tamperings each")
    print(table("tampering, SQLite", shown(found)))


@pytest.mark.campaign
def test_what_the_page_says_that_nothing_tells_is_not_told(
    sqlite_template: Path, folder: Path
) -> None:
    """A checkpoint at hand; without one the campaign above counts it."""
    count = runs(10, full=200)
    found = {name: unseen(sqlite_template, folder, deed, count) for name, deed in NOT_TOLD.items()}
    rows = [(f"{name}: told", f"{one} of {count}") for name, one in found.items()]
    print(table("tampering that nothing tells", rows))
    assert not any(found.values())


@pytest.mark.campaign
def test_10000_honest_lives_raise_no_alarm(sqlite_template: Path, folder: Path) -> None:
    """Each is another log; exported are all of it, and a part or a form without names."""
    found = spread(lives, sqlite_template, folder, runs(60, full=10_000))
    rows = [
        ("random honest logs, verified and exported twice", found["lives"]),
        ("events in them", found["events"]),
        ("false alarms", found["alarms"]),
    ]
    print(f"\nseeds from {SEED}, {PART} lives each")
    print(table("honest histories", rows))


@pytest.mark.campaign
def test_tamperings_are_told_on_postgresql(
    sqlite_template: Path, folder: Path, postgres_database: Database
) -> None:
    """The same kinds, in a database to whose tables their owner has a key."""
    chance, found = Random(SEED), Counter[Any]()
    count = runs(54, full=800)
    for number in range(count):
        if not number % EACH:
            log = honest(sqlite_template, folder, chance)
        kind = ALL[number % len(ALL)]
        file = tampered(folder, log, kind, chance)
        try:
            load(file, postgres_database, altered=chance if "trigger" in kind else None)
        except Refusal:
            found[kind, "refused"] += 1
            continue
        found[kind, "made"] += 1
        found[kind, "told"] += (seen := _told(postgres_database, [log.witness]))
        assert seen, (kind, number)
    rows = [
        ("tamperings that PostgreSQL can hold", sum(found[kind, "made"] for kind in ALL)),
        ("told by verify, with a checkpoint", sum(found[kind, "told"] for kind in ALL)),
        ("values that its columns refuse", sum(found[kind, "refused"] for kind in ALL)),
    ]
    print(table("tampering, PostgreSQL", rows))
    load(copied(folder, log.content), postgres_database, altered=None)
    assert not _told(postgres_database, [log.witness])  # what was loaded is what tells, not loading
