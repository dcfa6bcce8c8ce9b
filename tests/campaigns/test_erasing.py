"""Contacts with names that nobody else has are erased: not a byte of them is left anywhere."""

from __future__ import annotations

import base64
import random
import shutil
import sqlite3
import string
import zipfile
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from engine.audit import verify
from engine.domain.events import DetailsErased
from engine.domain.ledger import Frontier
from engine.service import moving, people, starting
from engine.service.desk import Terms
from engine.store.appending import ledger_state
from engine.store.database import open_database
from engine.store.projections import read_people
from engine.store.reading import StoredRow, read_events
from notifications.delivery.files import FileNotifier
from tests.campaigns import runs, table
from tests.program import Program
from tests.world import GENT, World

SEED = 20_270_301
NOW = "2027-06-01T12:00"
EACH = 2  # contacts of a trajectory
NO_MAIL = Terms(mail=False)
FORMS = ("jsonl", "csv", "xlsx", "xes")


@dataclass
class Town:
    """A log, its mail folder and its program; every word in `words` belongs to one contact."""

    folder: Path
    template: Path
    words: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The URL of the database."""
        return f"sqlite:///{self.data / 'traject.db'}"

    @property
    def data(self) -> Path:
        """The folder of the data."""
        return self.folder / "data"

    def fill(self, contacts: int, chance: random.Random) -> None:
        """Let contacts take part, be mailed, be written about and leave again."""
        self.data.mkdir(mode=0o700)
        shutil.copyfile(self.template, self.data / "traject.db")
        (self.data / "traject.db").chmod(0o600)
        database = open_database(self.url)
        world = World(database, FileNotifier(self.data / "mails"))
        for _ in range(contacts // EACH):
            self._one(world, chance)
        assert verify(database).problems == ()
        database.close()

    def _one(self, world: World, chance: random.Random) -> None:
        names = [[_word(chance) for _ in range(3)] for _ in range(EACH)]
        involved = [
            starting.Involved(role, f"{first} {last}", f"{first}@{house}.example.org".lower(), nis)
            for (first, last, house), (role, nis) in zip(
                names, (("coordinator", None), ("mayor", GENT)), strict=True
            )
        ]
        ref = world.start("reactiveren", involved=involved)
        for (first, last, house), one in zip(names, involved, strict=True):
            number = self._number(world, one.name)
            data = people.ContactData(organisation=f"Huis {house}")
            people.change_contact(world.desk(), number, data)
            people.note(world.desk(), ref, f"Gebeld met {first} {last}, alles is afgesproken.")
            self.words[number] = (first, last, house)
        self._tick(world)
        world.advance(ref)
        self._tick(world)
        moving.stop(world.desk(), ref, NO_MAIL, reason="other")
        self._tick(world)

    def _tick(self, world: World) -> None:
        world.now += timedelta(hours=1)
        world.tick()

    def _number(self, world: World, name: str) -> int:
        with world.database.reading() as connection:
            known = read_people(connection).contacts.values()
        return next(one.id for one in known if one.name == name)

    def events(self) -> list[StoredRow]:
        """Return every event as it is stored."""
        database = open_database(self.url)
        with database.reading() as connection:
            found = list(read_events(connection))
        database.close()
        return found

    def state(self) -> tuple[int, str]:
        """Return size and root of the ledger."""
        database = open_database(self.url)
        with database.reading() as connection:
            found = ledger_state(connection)
        database.close()
        return found

    def sound(self) -> bool:
        """Tell whether the whole history verifies."""
        database = open_database(self.url)
        report = verify(database)
        database.close()
        return not report.problems

    def copies(self, program: Program) -> None:
        """Make new backups of every kind, and exports of every form, beside the data."""
        place = self.folder / "copies"
        place.mkdir()
        with closing(sqlite3.connect(self.data / "traject.db")) as own:
            own.execute("VACUUM INTO ?", (str(place / "vacuum.db"),))
            with closing(sqlite3.connect(place / "api.db")) as other:
                own.backup(other)
        program.call("backup", str(place / "backup.db"), "--now", NOW)
        for form in FORMS:
            file = str(place / f"history.{form}")
            program.call("export", "--format", form, "--output", file, "--now", NOW)
        program.call("export", "1", "--case-file", str(place / "case"), "--now", NOW)

    def hits(self, *under: Path) -> int:
        """Return in how many (file, word) pairs a word of somebody stands, in any disguise."""
        wanted = [shape for own in self.words.values() for word in own for shape in _shapes(word)]
        found = 0
        for place in under:
            for file in sorted(one for one in place.rglob("*") if one.is_file()):
                held = file.name.encode() + _contents(file)
                found += sum(shape in held for shape in wanted)
        return found


def _contents(file: Path) -> bytes:
    """Return the bytes of a file, those of a compressed one unpacked as well."""
    if not zipfile.is_zipfile(file):
        return file.read_bytes()
    with zipfile.ZipFile(file) as packed:
        return file.read_bytes() + b"".join(map(packed.read, packed.namelist()))


def _word(chance: random.Random) -> str:
    """Return a name that nobody else has."""
    return "".join(chance.choices(string.ascii_lowercase, k=14)).capitalize()


def _shapes(word: str) -> set[bytes]:
    """Return the bytes by which a word may stand in a file: plain, in capitals, in base64."""
    plain = {word.encode(), word.lower().encode(), word.upper().encode()}
    coded = {base64.b64encode(b"x" * n + one)[4:-4] for one in plain for n in range(3)}
    return plain | coded


def root_at(rows: list[StoredRow], size: int) -> str:
    """Return the root of the first `size` events."""
    frontier = Frontier()
    for row in rows[:size]:
        frontier = frontier.append(row.hash)
    return frontier.root().hex()


def erase_all(folder: Path, template: Path, contacts: int) -> None:
    """Erase every contact of a town by the command, and search everything that is left."""
    town = Town(folder, template)
    town.fill(contacts, random.Random(SEED))
    program = Program(folder, town.url)
    before, (size, root) = town.events(), town.state()
    letters = len(list((town.data / "mails").iterdir()))
    assert town.hits(town.data) >= len(town.words)
    for number, (first, last, _) in town.words.items():
        program.call(
            "erase", "contact", str(number), "--reason", "request_of_the_person",
            "--confirm", f"{first} {last}", "--now", NOW,
        )  # fmt: skip
    after = town.events()
    town.copies(program)
    left, in_copies = town.hits(town.data), town.hits(folder / "copies")
    changed = sum(old != new for old, new in zip(before, after[:size], strict=True))
    others = sum(row.type != DetailsErased.__name__ for row in after[size:])
    figures = [
        ("contacts erased", len(town.words)),
        ("letters in the mail folder before, after", f"{letters}, {_letters(town)}"),
        ("hits of their words in the data folder", left),
        ("hits of their words in new backups and exports", in_copies),
        ("events whose stored bytes changed", changed),
        ("events added that are no erasure", others),
        ("erasures recorded", len(after) - size),
    ]
    print(table("Erasing", figures))
    assert (left, in_copies, changed, others) == (0, 0, 0, 0)
    assert len(after) == size + len(town.words)
    assert root_at(after, size) == root
    assert town.sound()


def _letters(town: Town) -> int:
    return len(list((town.data / "mails").iterdir()))


def test_a_few_contacts_leave_no_byte(tmp_path: Path, sqlite_template: Path) -> None:
    """Four of them: in the database, its side files, the mail folder, backups and exports."""
    erase_all(tmp_path, sqlite_template, 4)


@pytest.mark.campaign
def test_a_hundred_contacts_leave_no_byte(tmp_path: Path, sqlite_template: Path) -> None:
    """All of them, one after the other."""
    erase_all(tmp_path, sqlite_template, runs(100))
