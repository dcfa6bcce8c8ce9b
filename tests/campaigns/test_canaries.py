"""A password, a name, an address and a note that nobody else has go through a whole life.

The real programs run, each a process of its own, with an umask that would let everybody read.
Afterwards everything that was written or could be seen of them is searched: what they printed
when they failed, their logs, arguments and environments, the events, the redacted exports.
"""

from __future__ import annotations

import base64
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

from engine.store.database import open_database
from engine.store.reading import read_events
from tests import postgres
from tests.authority import authority
from tests.campaigns import table
from tests.program import ENTRY
from tests.smtp_server import smtp_server

pytestmark = [
    pytest.mark.campaign,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc"),
]
PASSWORD = "kanarievogel-Zw4rtGeel"
DATABASE_PASSWORD = "sijsje-Gr03nGeel"
NAME, EMAIL = "Kwikstaartje Grasmuskens", "kwikstaartje@grasmuskens.example.org"
NOTE = "Het nachtegaaltje zong over de zaal."
SECRETS = (PASSWORD, DATABASE_PASSWORD)
PERSONAL = ("Kwikstaartje", "Grasmuskens", "grasmuskens.example", "nachtegaaltje")
NOW, LATER = "2026-09-01T09:30", "2026-09-01T11:00"
NONE: Mapping[str, str] = {}
REFUSED = {"AUTH": f"535 5.7.8 not with {PASSWORD}"}  # it repeats what it was given
GARBAGE = {"RCPT": f"250-\x07{NAME} <{EMAIL}>\r\nwhat?"}


@dataclass
class Cage:
    """Where the programs live, what they let be seen, and who looks on."""

    folder: Path
    url: str
    environment: dict[str, str]
    told: list[str] = field(default_factory=list)  # printed where something went wrong, and logs
    seen: set[str] = field(default_factory=set)  # of other processes, what they should not know
    _over: threading.Event = field(default_factory=threading.Event)

    def run(
        self,
        *arguments: str,
        code: int | None = 0,
        quiet: bool = False,
        road: Mapping[str, str] = NONE,
    ) -> str:
        """Run a command to its end; return what it printed. `quiet`: it may name nobody."""
        with self.process(*arguments, road=road) as process:
            out, errors = process.communicate(timeout=120)
        assert code in (None, process.returncode), f"{arguments}: {process.returncode} {errors}"
        self._keep(out, errors, quiet=quiet)
        return out

    @contextmanager
    def process(
        self, *arguments: str, road: Mapping[str, str] = NONE
    ) -> Iterator[subprocess.Popen[str]]:
        """Start a command under an umask that keeps nothing from anybody."""
        with subprocess.Popen(
            [sys.executable, "-P", "-c", ENTRY, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**self.environment, **road},
            cwd=self.folder,
            umask=0,
        ) as process:
            yield process

    def serve(self, road: Mapping[str, str]) -> None:
        """Let it serve for a moment, and keep its log."""
        with self.process("serve", "--every", "1", road=road) as process:
            time.sleep(3)
            process.send_signal(signal.SIGTERM)
            self._keep(*process.communicate(timeout=60), quiet=True)

    def _keep(self, out: str, errors: str, *, quiet: bool) -> None:
        assert not [word for word in SECRETS if word in out + errors], (out, errors)
        if quiet:
            self.told.append(out + errors)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at every process of the machine, again and again."""
        looking = threading.Thread(target=self._look)
        looking.start()
        try:
            yield
        finally:
            self._over.set()
            looking.join()

    def _look(self) -> None:
        wanted = [word.encode() for word in SECRETS]
        named = [word.encode() for word in PERSONAL]
        while not self._over.wait(0.02):
            for one in Path("/proc").iterdir():
                if one.name.isdecimal() and int(one.name) != os.getpid():
                    with suppress(OSError):
                        self._judge(one, wanted, named)

    def _judge(self, one: Path, wanted: list[bytes], named: list[bytes]) -> None:
        line = (one / "cmdline").read_bytes()
        ours = ENTRY.encode() in line
        tool = line.split(b"\0")[0].rpartition(b"/")[2].decode()
        if any(word in line for word in wanted) or (not ours and any(w in line for w in named)):
            self.seen.add(f"arguments of {tool}")
        if not ours and tool not in ("", "python"):
            known = (one / "environ").read_bytes()
            if wanted[0] in known or (wanted[1] in known and b"pg_dump" not in line):
                self.seen.add(f"environment of {tool}")

    def open_to_others(self) -> list[str]:
        """Return the files and folders that somebody else could read."""
        wrong = []
        for path in self.folder.rglob("*"):
            wanted = 0o700 if path.is_dir() else 0o600
            if (mode := stat.S_IMODE(path.lstat().st_mode)) != wanted:
                wrong.append(f"{path.relative_to(self.folder)} {mode:o}")
        return wrong


def shapes(word: str) -> set[bytes]:
    """Return the bytes by which a word may stand somewhere: plain, or in base64."""
    plain = word.encode()
    return {plain, *(base64.b64encode(b"x" * n + plain)[4:-4] for n in range(3))}


def holding(files: list[Path], words: tuple[str, ...]) -> list[str]:
    """Return the files in which one of these words stands."""
    wanted = [shape for word in words for shape in shapes(word)]
    found = []
    for file in files:
        held = file.read_bytes()
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as packed:
                held += b"".join(map(packed.read, packed.namelist()))
        if any(shape in held for shape in wanted):
            found.append(file.name)
    return found


def life(cage: Cage, folder: Path) -> None:
    """Do all that a coach, a clock, an auditor and an operator do."""
    ca = authority(folder / "ca")
    secret = folder / "secret"
    secret.write_text(PASSWORD, "utf-8")
    secret.chmod(0o600)
    cage.run("init", "--name", "An Voorbeeld", "--email", "an@example.org", "--simulated-clock",
             "--now", NOW)  # fmt: skip
    cage.run("start", "reactiveren", "Gent", "--coordinator", f"{NAME} <{EMAIL}>", "--now", NOW)
    cage.run("contact", "change", "1", "--organisation", "Huis Grasmuskens", "--now", NOW)
    cage.run("note", "gent", NOTE, "--now", NOW)
    cage.run("tick", "--now", NOW)
    ways = (
        {"TRAJECT_SMTP_PASSWORD_FILE": str(secret)},
        {"TRAJECT_SMTP_PASSWORD": PASSWORD},
        {
            "TRAJECT_SMTP_KEYRING": "traject",
            "TESTS_VAULT": str(secret),
            "PYTHON_KEYRING_BACKEND": "tests.vault.Opened",
        },
    )
    for script in (REFUSED, GARBAGE):
        for way in ways:
            with smtp_server(script, ca.server("localhost")) as server:
                road = {
                    "TRAJECT_SMTP_URL": f"smtp+starttls://traject@localhost:{server.port}",
                    "TRAJECT_SMTP_CA": str(ca.root),
                    **way,
                }
                cage.run("mail", "test", code=None, quiet=True, road=road)
                cage.run("tick", "--now", LATER, "--debug", code=None, quiet=True, road=road)
                cage.run("doctor", "--debug", code=None, road=road)
                if script is REFUSED:
                    assert PASSWORD in "".join(map(_heard, server.heard.private))
    cage.serve(road)
    cage.run("mail", "list", road=road)
    cage.run("tick", "--now", LATER, code=None)
    cage.run("history")
    cage.run("verify", quiet=True)
    cage.run("config", "show", code=None, quiet=True, road=road)
    out = cage.folder / "out"
    for place in (out, cage.folder / "kept"):
        place.mkdir(mode=0o700)
    for form in ("jsonl", "csv", "xlsx", "xes"):
        cage.run("export", "--format", form, "--redacted", "--output", str(out / f"log.{form}"),
                 quiet=True)  # fmt: skip
    cage.run("export", "gent", "--redacted", "--case-file", str(out / "case"))
    cage.run("export", "gent", "--redacted", "--case-file", str(out / "case.zip"))
    cage.run("backup", str(cage.folder / "kept" / "backup.db"), road=ways[1])


def _heard(line: str) -> str:
    """Return what a line of AUTH carries."""
    with suppress(ValueError):
        return base64.b64decode(line.rpartition(" ")[2]).decode()
    return line


def judged(cage: Cage, name: str, events: list[str]) -> None:
    """Search all that is left."""
    written = [one for one in cage.folder.rglob("*") if one.is_file()]
    redacted = [one for one in written if (cage.folder / "out") in one.parents]
    logs = "\n".join(cage.told)
    figures = [
        ("processes that showed what they should not", sorted(cage.seen)),
        ("logs and failures that name somebody", [w for w in PERSONAL if w in logs]),
        ("files with a password", holding(written, SECRETS)),
        ("events with a name or text", [w for w in PERSONAL if any(w in one for one in events)]),
        ("redacted files with a name or text", holding(redacted, PERSONAL)),
        ("files that others could read", cage.open_to_others()),
    ]
    print(table(f"Canaries, {name}", [(what, len(found)) for what, found in figures]))
    assert {what: found for what, found in figures if found} == {}
    assert len(redacted) > 8
    assert "Traceback" in logs


def bodies(url: str) -> list[str]:
    """Return the bodies of all events."""
    database = open_database(url)
    with database.reading() as connection:
        found = [row.body for row in read_events(connection)]
    database.close()
    return found


def caged(folder: Path, url: str = "") -> Cage:
    """Return a cage with a home of its own."""
    place = folder / "cage"
    place.mkdir(mode=0o700)
    url = url or f"sqlite:///{place / 'data' / 'traject.db'}"
    environment = {
        "PATH": os.environ.get("PATH", ""), "HOME": str(place), "LANG": "C.UTF-8",
        "TRAJECT_LANG": "nl", "TRAJECT_DATABASE": url,
    }  # fmt: skip
    return Cage(place, url, environment)


def test_nothing_of_the_canaries_is_seen_beside_a_file(tmp_path: Path) -> None:
    """SQLite: everything that traject writes is private, and what goes wrong names nobody."""
    cage = caged(tmp_path)
    with cage.watched():
        life(cage, tmp_path)
        found = bodies(cage.url)
        file = cage.folder / "data" / "traject.db"
        broken(cage, file)
    judged(cage, "SQLite", found)


def broken(cage: Cage, file: Path) -> None:
    """Let the program fall over: a table that takes no text, a file that is none, none at all."""
    whole = file.with_name("whole.db")
    shutil.copy(file, whole)
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        for table_ in ("details", "mails"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER boom_{table_} BEFORE INSERT ON {table_} "
                "BEGIN SELECT RAISE(ABORT, 'boom'); END"
            )
    engine.dispose()
    cage.run("note", "gent", NOTE, "--debug", "--now", LATER, code=None, quiet=True)
    cage.run("tick", "--debug", "--now", "2026-11-02T10:00", code=None, quiet=True)
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xff" * 40_000)
    for command in ("tick", "list", "verify", "doctor"):
        cage.run(command, "--debug", code=None, quiet=True)
    file.unlink()
    cage.run("list", "--debug", code=None, quiet=True)
    whole.rename(file)


@pytest.mark.skipif(not postgres.available(), reason="no PostgreSQL server")
def test_nothing_of_the_canaries_is_seen_beside_a_server(tmp_path: Path) -> None:
    """PostgreSQL: the password stands in the address; the server ends while we work."""
    with postgres.private_server() as server:
        with postgres.administering(server) as connection:
            connection.exec_driver_sql("CREATE SCHEMA cage")
        url = make_url(server).set(drivername="postgresql", password=DATABASE_PASSWORD)
        url = url.update_query_dict({"options": "-csearch_path=cage"})
        cage = caged(tmp_path, url.render_as_string(hide_password=False))
        with cage.watched():
            life(cage, tmp_path)
            found = bodies(cage.url)
    with cage.watched():
        cage.run("note", "gent", NOTE, "--debug", code=None, quiet=True)
        for command in ("tick", "list", "doctor", "verify"):
            cage.run(command, "--debug", code=None, quiet=True)
    judged(cage, "PostgreSQL", found)
