"""Contacts and actors with names that nobody else has are erased: no byte of them is left anywhere.

Their log has lived: mails that were refused in words that repeat an address, a queue that rested
for one, mails that a person held, a colleague who was away and named in the digests of another.
"""

from __future__ import annotations

import base64
import random
import shutil
import sqlite3
import string
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from engine.audit import verify
from engine.dispatch import desk as mail_desk
from engine.domain.events import DetailsErased
from engine.domain.ledger import Frontier
from engine.domain.people import Actor
from engine.ports import Letter, Receipt
from engine.service import actors, moving, people, starting
from engine.service.desk import Terms
from engine.store import schema
from engine.store.appending import ledger_state
from engine.store.database import open_database
from engine.store.outbox import WAITING
from engine.store.projections import read_people
from engine.store.reading import StoredRow, read_events
from notifications.delivery.files import FileNotifier, FileSession
from tests import postgres
from tests.campaigns import runs, table
from tests.program import Program
from tests.stories import in_schema
from tests.world import GENT, World, at

SEED = 20_270_301
NOW = "2027-06-01T12:00"
EACH = 2  # contacts of a trajectory
NO_MAIL = Terms(mail=False)
FORMS = ("jsonl", "csv", "xlsx", "xes")
Answer = tuple[str, str, int]  # outcome, phase, code
ANSWERS: dict[int, Answer] = {  # by the turn of a mail
    3: ("dead", "rcpt", 550),
    5: ("retry", "rcpt", 451),
    8: ("pause", "mail", 421),
    11: ("uncertain", "dot", -1),
}
TURNS = 13


class Grumpy(FileNotifier):
    """Writes files, but refuses some mails, in words that name who was to read another one."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.seen: list[str] = []
        self.answered = dict.fromkeys(ANSWERS.values(), 0)

    @contextmanager
    def session(self) -> Iterator[FileSession]:
        """Return a session that is grumpy."""
        yield _Grumbling(self)


class _Grumbling(FileSession):
    def __init__(self, owner: Grumpy) -> None:
        super().__init__(owner.folder)
        self._owner = owner

    def send(self, name: str, letter: Letter) -> Receipt:
        """Write one letter, or refuse it."""
        seen = self._owner.seen
        seen.append(letter.envelope_to)
        answer = ANSWERS.get(len(seen) % TURNS)
        if answer is None:
            return super().send(name, letter)
        self._owner.answered[answer] += 1
        outcome, phase, code = answer
        other = seen[-2] if len(seen) > 1 else seen[-1]
        text = f"<{letter.envelope_to}> is not <{other}>"
        return Receipt(outcome, phase, code, text)  # type: ignore[arg-type]


@dataclass
class Town:
    """A log, its mail folder and its program; every word in `words` belongs to one person."""

    folder: Path
    url: str
    words: dict[int, tuple[str, ...]] = field(default_factory=dict)  # of contacts
    colleague: tuple[str, ...] = ()  # who was away, and left
    flush: Callable[[], object] = lambda: None  # lets a server write its files

    @property
    def data(self) -> Path:
        """The folder of the data."""
        return self.folder / "data"

    def fill(self, contacts: int, chance: random.Random) -> dict[Answer, int]:
        """Let contacts take part, be mailed, be written about and leave again; return refusals."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        database = open_database(self.url)
        notifier = Grumpy(self.data / "mails")
        world = World(database, notifier, digest=True, weekly_account=True)
        bo = self._colleague(world, chance)
        theirs = self._one(world, chance, of=bo)
        for _ in range(contacts // EACH - 1):
            self._one(world, chance)
        self._leaves(world, bo, theirs)
        assert verify(database).problems == ()
        told = [mail.notice for mail in world.mails() if mail.sent_at is not None]
        assert told.count("coach_digest") > contacts // EACH
        assert told.count("weekly_account") >= contacts // EACH // 5
        assert not [mail for mail in world.mails() if mail.status in WAITING]
        database.close()
        return notifier.answered

    def _colleague(self, world: World, chance: random.Random) -> Actor:
        """Let a colleague in who goes away at once; the coach stands in."""
        first, last, account = self.colleague = tuple(_word(chance) for _ in range(3))
        return actors.add_actor(
            world.desk(), name=f"{first} {last}", email=f"{first}.{last}@example.org".lower(),
            account=f"db:{account}", role="coach",
        )  # fmt: skip

    def _leaves(self, world: World, bo: Actor, ref: str) -> None:
        """Let the colleague hand over and work here no longer; nothing waits to leave any more."""
        people.reassign(world.desk(), ref, world.coach.id)
        moving.stop(world.desk(), ref, NO_MAIL, reason="other")
        actors.change_actor(world.desk(), bo.id, active=False)
        world.digest = world.weekly_account = (
            False  # what is left of today's is cancelled by the next round
        )
        for _ in range(4):
            self._tick(world)

    def _one(self, world: World, chance: random.Random, of: Actor | None = None) -> str:
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
        if of is not None:
            self._hand(world, ref, of)
        self._tick(world)
        world.advance(ref)
        self._tick(world)
        self._days(world, 2)
        mail_desk.hold(world.desk(), world.post(), ref=ref)
        self._tick(world)
        if of is None:
            moving.stop(world.desk(), ref, NO_MAIL, reason="other")
        self._tick(world)
        return ref

    def _hand(self, world: World, ref: str, bo: Actor) -> None:
        """Give a trajectory to the colleague, who is away from then on."""
        first, until = world.desk().today, world.desk().today + timedelta(days=360)
        people.reassign(world.desk(), ref, bo.id)
        coach, world.coach = world.coach, bo
        actors.leave(world.desk(), bo.id, coach.id, first=first, until=until)
        world.coach = coach

    def _days(self, world: World, count: int) -> None:
        """Do rounds on the next days, in working hours."""
        for _ in range(count):
            day = world.calendar.next_sending_day(world.desk().today + timedelta(days=1))
            world.tick_at(at(day, 9, 30))

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
        if (self.data / "traject.db").exists():
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
        everybody = [*self.words.values(), self.colleague]
        wanted = [shape for own in everybody for word in own for shape in _shapes(word)]
        self.flush()
        found = 0
        for place in under:
            for file in sorted(one for one in place.rglob("*") if one.is_file()):
                held = file.name.encode() + _contents(file)
                found += sum(shape in held for shape in wanted)
        return found


def _contents(file: Path) -> bytes:
    """Return the bytes of a file, those of a compressed one unpacked as well."""
    if not zipfile.is_zipfile(file):
        try:
            return file.read_bytes()
        except FileNotFoundError:  # a server takes files of its own away
            return b""
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


def erase_all(town: Town, contacts: int, *more: Path) -> None:
    """Erase everybody of a town by the command, and search everything that is left.

    `more`: where else the database writes.
    """
    answered = town.fill(contacts, random.Random(SEED))
    program = Program(town.folder, town.url)
    program.environment["TRAJECT_MAIL_FOLDER"] = str(town.data / "mails")
    before, (size, root) = town.events(), town.state()
    letters = _letters(town)
    there = town.hits(town.data, *more)
    assert there >= len(town.words) + 1
    for number, (first, last, _) in town.words.items():
        _erase(program, "contact", str(number), f"{first} {last}")
    _erase(program, "actor", "2", " ".join(town.colleague[:2]))
    after = town.events()
    town.copies(program)
    left, in_copies = town.hits(town.data, *more), town.hits(town.folder / "copies")
    changed = sum(old != new for old, new in zip(before, after[:size], strict=True))
    others = sum(row.type != DetailsErased.__name__ for row in after[size:])
    figures = [
        ("contacts erased", len(town.words)),
        ("actors erased", 1),
        ("events before", size),
        *(
            (f"answers of the mail server: {' '.join(map(str, one))}", n)
            for one, n in answered.items()
        ),
        ("letters in the mail folder before, after", f"{letters}, {_letters(town)}"),
        ("hits of their words before", there),
        ("hits of their words in the data folder", left),
        ("hits of their words in new backups and exports", in_copies),
        ("events whose stored bytes changed", changed),
        ("events added that are no erasure", others),
        ("erasures recorded", len(after) - size),
    ]
    print(table(f"Erasing, {town.url.partition(':')[0]}", figures))
    assert (left, in_copies, changed, others) == (0, 0, 0, 0)
    assert len(after) == size + len(town.words) + 1
    assert root_at(after, size) == root
    assert town.sound()


def _erase(program: Program, kind: str, who: str, name: str) -> None:
    why = ("--reason", "request_of_the_person", "--confirm", name, "--now", NOW)
    told = program.call("erase", kind, who, *why).stdout
    assert "The files of the database hold nothing of it any more." in " ".join(told.split())


def _letters(town: Town) -> int:
    return len(list((town.data / "mails").iterdir()))


def in_a_file(folder: Path, template: Path) -> Town:
    """Return a town whose database is a file."""
    town = Town(folder, f"sqlite:///{folder / 'data' / 'traject.db'}")
    town.data.mkdir(mode=0o700)
    shutil.copyfile(template, town.data / "traject.db")
    (town.data / "traject.db").chmod(0o600)
    return town


def test_a_few_contacts_leave_no_byte(tmp_path: Path, sqlite_template: Path) -> None:
    """Four of them: in the database, its side files, the mail folder, backups and exports."""
    erase_all(in_a_file(tmp_path, sqlite_template), 4)


@pytest.mark.campaign
def test_a_hundred_contacts_leave_no_byte(tmp_path: Path, sqlite_template: Path) -> None:
    """All of them, one after the other."""
    erase_all(in_a_file(tmp_path, sqlite_template), runs(100))


@pytest.mark.campaign
@pytest.mark.skipif(not postgres.available(), reason="no PostgreSQL server")
def test_a_hundred_contacts_leave_no_byte_in_postgres(tmp_path: Path) -> None:
    """Nor in the files of a server's tables and catalogues; its WAL is as old as it is kept."""
    with postgres.private_server() as server, postgres.administering(server) as connection:
        connection.exec_driver_sql("CREATE SCHEMA town")
        data = connection.exec_driver_sql("SHOW data_directory").scalar_one()
        town = Town(tmp_path, in_schema(server, "town"))
        town.flush = lambda: connection.exec_driver_sql("CHECKPOINT")
        database = open_database(town.url, create=True)
        schema.create(database)
        database.close()
        connection.exec_driver_sql("ANALYZE")
        erase_all(town, runs(100), Path(data) / "base", Path(data) / "global")
