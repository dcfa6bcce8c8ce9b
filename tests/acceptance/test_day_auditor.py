"""An auditor's day, in Dutch: reads years later, checks what holds, and can change nothing.

The auditor has an account of her own; an outsider has one that nobody enrolled.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import chdir, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest

from commands.frame import table
from commands.frame.shape import loaded
from engine.domain.errors import Refused
from engine.domain.people import Actor
from engine.service.rights import require_lead, require_writer
from tests.program import Program, Result

AN = ("--name", "An Peeters", "--email", "an.peeters@example.org")
PEOPLE = (
    "--coordinator", "Gent: Jo Maes <jo.maes@example.org>",
    "--mayor", "Gent: Rita Claes <rita.claes@example.org>",
)  # fmt: skip
INES, OUTSIDER = 4711, 4712
BY_WHOM = "een coach of teamverantwoordelijke die dat wel is, kan dit doen, met --role auditor"
YEARS_LATER = "2030-05-06T10:00"
NOTHING = "een auditor leest en wijzigt niets; vraag het aan een coach of teamverantwoordelijke"
REASON = "er was nog nooit een overleg van deze cel"
LIVED = (
    ("2026-11-17T14:00", "init", *AN, "--simulated-clock"),
    ("2026-11-17T14:01", "actor", "add", "Ines Smets", "--email", "ines.smets@example.org",
     "--account", f"uid:{INES}", "--role", "auditor"),
    ("2026-11-17T14:22", "start", "reactiveren", "Gent", "Merelbeke-Melle", *PEOPLE),
    ("2026-11-17T15:00", "tick"),
    ("2026-12-04T10:00", "meet", "gent", "1", "--on", "1/12"),
    ("2026-12-04T10:05", "waive", "gent", "7", "--reason", REASON),
    ("2026-12-04T10:10", "start", "opstarten", "De", "Haan", "--no-mail"),
    ("2026-12-10T10:00", "meet", "gent", "2", "3", "4", "5", "6"),
    ("2026-12-10T10:10", "advance", "gent"),
    ("2026-12-10T10:45", "tick"),
    ("2027-01-04T10:00", "stop", "de-haan", "--reason", "no_capacity", "--no-mail"),
    ("2027-01-05T10:00", "note", "gent", "gesprek met de korpschef gehad"),
)  # fmt: skip
WRITES = (
    ("start", "opstarten", "Lier"), ("accept", "gent"), ("follow-up", "gent", "opstarten"),
    ("meet", "gent", "1"), ("waive", "gent"), ("reopen", "gent", "1"), ("ask", "gent", "3"),
    ("advance", "gent"), ("send-back", "gent", "1"), ("next-round", "gent"), ("pause", "gent"),
    ("resume", "gent"), ("stop", "gent"), ("reschedule", "gent", "1/9"), ("note", "gent", "kort"),
    ("snooze", "gent"), ("snooze", "gent", "--until", "15/5"), ("away",), ("away", "--back"),
    ("contact", "add", "gent"), ("contact", "change", "jo"), ("contact", "assign", "gent", "jo"),
    ("contact", "release", "gent"), ("contact", "replace", "gent"), ("reassign", "gent", "2"),
    ("actor", "add", "X", "--email", "x@example.org", "--account", "uid:1", "--role", "coach"),
    ("actor", "change", "2", "--role", "coach"), ("scope", "join", "gent", "Lier"),
    ("scope", "leave", "gent", "Gent"), ("tick",), ("serve",), ("mail", "hold", "gent"),
    ("mail", "release", "gent"), ("mail", "retry", "1"), ("rebuild",), ("recalculate",),
    ("snooze", "gent"), ("away",), ("amend", "9", "kort"),
    ("erase", "contact", "1"), ("move", "x.db"),
)  # fmt: skip
READS = (
    (), ("list", "--all"), ("show", "gent"), ("show", "gent", "--why"), ("show", "de-haan"),
    ("next", "gent"), ("forecast", "gent"), ("history",), ("history", "gent", "--all"),
    ("verify",), ("mail", "list"), ("mail", "show", "1"), ("contact", "list"), ("actor", "list"),
    ("whoami",), ("config", "show"), ("workflow", "list"), ("rebuild", "--dry-run"),
    ("history", "gent", "--corrections"), ("show", "gent", "--as-of", "1/1/2027"),
    ("show", "gent", "--course"), ("checkpoint",), ("contact", "export", "1"),
    ("export", "gent", "--format", "csv", "--output", "gent.csv"), ("erase", "--due"),
    ("doctor",), ("workflow", "show", "opstarten"), ("workflow", "check", "nergens.yaml"),
    ("completion", "bash"), ("upgrade",), ("config", "set", "lang", "nl"), ("mail", "test"),
    ("backup", "kopie.db"),
)  # fmt: skip
# Of these the program cannot do much here; what matters is that they leave the log alone.
ELSEWHERE = (
    ("init", *AN),
    ("config", "mail"),
    ("restore", "nergens.db"),
    ("roles", "--coach", "an"),
)
NOT_RUN = {"demo"}  # months in a folder of its own


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A log with a trajectory under way, one that was stopped, and mails that left."""
    return lived(tmp_path_factory.mktemp("archive"))


def lived(folder: Path, commands: tuple[tuple[str, ...], ...] = LIVED) -> Program:
    """Return the program after what the coach typed, each at its hour."""
    program = Program(folder, f"sqlite:///{folder / 'traject.db'}", lang="nl")
    for now, *typed in commands:
        program.call(*typed, "--now", now)
    return program


@contextmanager
def account(number: int) -> Iterator[None]:
    """Let the system say that somebody else runs the program."""
    with mock.patch.object(os, "getuid", return_value=number):
        yield


def ines(program: Program, *typed: str, expect: int | None = 0) -> Result:
    """Return what the auditor is answered, years later."""
    with account(INES):
        return program.call(*typed, "--now", YEARS_LATER, expect=expect)


def one_line(text: str) -> str:
    """Return a screen as one line, as it is read."""
    return " ".join(text.split())


pytestmark = pytest.mark.skipif(os.name == "nt", reason="accounts are uids here")


# --- what she reads ---


def test_the_list_and_the_page_tell_who_coaches_and_why_something_does_not_apply(
    archive: Program,
) -> None:
    """Stopped work too; years are written where they are needed, nobody else is called 'jij'."""
    assert "Die van iedereen: traject --all" in one_line(ines(archive).stdout)
    listed = one_line(ines(archive, "list", "--all").stdout)
    assert re.search(r"001 Gent \+ Reactiveren 2/7 Analyse: .* ! do 4 feb 2027", listed)
    assert re.search(r"002 De Haan Opstarten 1/7 Verkenningsgesprek stopgezet", listed)
    page = one_line(ines(archive, "show", "gent").stdout)
    assert "Reactiveren · lopend · coach An Peeters" in page
    assert "sinds do 10 dec 2026" in page
    assert "5 ○ oorzaken gerangschikt Jo Maes of An Peeters" in page
    stopped = one_line(ines(archive, "show", "de-haan").stdout)
    assert "Stopgezet op maandag 4 januari 2027: te weinig tijd of mensen" in stopped


def test_the_history_is_read_as_sentences(archive: Program) -> None:
    """Late registrations are marked, reasons quoted, mails stand among what caused them."""
    answer = ines(archive, "history", "gent")
    told = one_line(answer.stdout)
    for sentence in (
        "di 17-11-2026 An Peeters Reactiveren gestart voor Gent, Merelbeke-Melle, als 2026-001",
        "di 17-11-2026 systeem mail aan Rita Claes (start van de begeleiding): bewaard als bestand",
        "di 01-12-2026 An Peeters verkenningsgesprek gehouden (geregistreerd 3 dagen later)",
        f"niet van toepassing: datum van het laatste overleg: “{REASON}”",
        "do 10-12-2026 An Peeters verder naar Analyse: waarom loopt het spaak; richtdatum "
        "donderdag 4 februari 2027",
        "di 05-01-2027 An Peeters genoteerd: “gesprek met de korpschef gehad”",
    ):
        assert sentence in told
    assert answer.stderr.startswith("Weggelaten stappen van geplande mails: ")
    assert max(map(len, answer.stdout.splitlines())) <= 80


def test_the_history_as_json_can_be_worked_with(archive: Program) -> None:
    """Every event with its day, its moment of recording and its actor, in order of recording."""
    events = ines(archive, "history", "gent", "--json").json
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    (late,) = [e for e in events if e["occurred_on"] == "2026-12-01"]
    assert (late["type"], late["recorded_at"][:10]) == ("CriterionMet", "2026-12-04")
    assert (late["actor"], late["text"]) == ("An Peeters", "verkenningsgesprek gehouden")
    whole = ines(archive, "history", "--json").json
    assert [event["position"] for event in whole] == list(range(1, len(whole) + 1))


# --- what she checks ---


def number_in_an_old_mail(program: Program) -> str:
    """Return the control number as it stands below a mail that a mayor has kept."""
    (kept,) = Path(program.home.parent, "mails").glob("*-start-rita*.eml")
    shown = ines(program, "mail", "show", kept.name.partition("-")[0].lstrip("0")).stdout
    (found,) = re.findall(r"controlegetal (\d+-[0-9a-f]{12})", one_line(shown))
    return str(found)


def test_verify_says_in_a_sentence_what_holds_and_what_it_does_not_prove(archive: Program) -> None:
    """Counts, the present control number, and the limit of the proof with the way beyond it."""
    size, root = archive.ledger()
    assert one_line(ines(archive, "verify").stdout) == (
        f"In orde: {size} gebeurtenissen in 2 trajecten, niets ontbreekt, niets gewijzigd. "
        f"Controlegetal {size}-{root[:12]}; vergelijk het met dat in een oude mail. "
        "Niet bewezen: dat niemand alles herschreef. Dat bewijst alleen een oud getal of "
        "controlepunt (--control, --checkpoint)."
    )


def test_the_number_below_an_old_mail_tells_an_old_history_from_a_new_one(
    archive: Program, tmp_path: Path
) -> None:
    """A log that was written afresh verifies by itself; against the old mail it does not."""
    old = number_in_an_old_mail(archive)
    assert ines(archive, "verify", "--control", old, "--json").json["ok"] is True
    count = old.partition("-")[0]
    assert one_line(ines(archive, "verify", "--control", old).stdout).endswith(
        f"Het opgegeven getal, {old}, klopt: de eerste {count} gebeurtenissen zijn zoals toen. "
        f"Niet bewezen: dat niemand herschreef wat na gebeurtenis {count} kwam. Dat bewijst alleen "
        "een jonger getal."
    )
    today = "-".join((str(archive.ledger()[0]), archive.ledger()[1][:12]))
    assert "Niet bewezen" not in ines(archive, "verify", "--control", today).stdout
    afresh = lived(tmp_path, LIVED[:4])
    ines(afresh, "verify")
    refused = one_line(ines(afresh, "verify", "--control", old, expect=8).stdout)
    assert "Op zich in orde" in refused
    assert "is dit het juiste bestand, of het juiste getal" in refused
    assert "de eerste 10 gebeurtenissen zijn niet die van het gegeven controlegetal" in refused


@pytest.mark.parametrize(
    ("tampering", "sign"),
    [
        ("UPDATE details SET value = 'iets anders' WHERE value = ?", "gebeurtenis"),
        ("UPDATE events SET body = replace(body, '2026-12-01', '2026-12-04')", "gebeurtenis"),
        ("UPDATE events SET type = 'CriterionMet' WHERE type = 'CriterionWaived'", "gebeurtenis"),
        ("DELETE FROM events WHERE position = (SELECT max(position) FROM events)", ""),
        ("UPDATE trajectories SET phase = 'intake' WHERE ref = '2026-001'", "phase"),
        ("UPDATE mails SET subject = 'iets anders' WHERE id = 1", "mail"),
    ],
)
def test_a_database_that_was_tampered_with_is_told(
    archive: Program, tmp_path: Path, tampering: str, sign: str
) -> None:
    """Past the program and its triggers; the exit code is 8, and a sentence says what."""
    shutil.copytree(archive.home.parent, tmp_path / "copy")
    file = tmp_path / "copy" / "traject.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in names.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        changed = connection.execute(tampering, (REASON,) if "?" in tampering else ())
        assert changed.rowcount >= 1
    copy = Program(tmp_path / "copy", f"sqlite:///{file}", lang="nl")
    told = one_line(ines(copy, "verify", expect=8).stdout)
    assert "NIET in orde" in told
    assert sign in told
    report = ines(copy, "verify", "--json", expect=8).json
    assert report["ok"] is False
    assert report["problems"]


# --- what she and an outsider may not ---


def test_nothing_that_an_auditor_types_changes_the_log(archive: Program, tmp_path: Path) -> None:
    """Each write is refused with the reason before anything is asked; size and root stay."""
    before = archive.ledger()
    with chdir(tmp_path):
        for typed in (*READS, *WRITES, *ELSEWHERE):
            told = ines(archive, *typed, expect=4 if typed in WRITES else None)
            assert (NOTHING in one_line(told.stderr)) == (typed in WRITES), typed
    assert archive.ledger() == before


def test_she_gets_a_checkpoint_that_is_not_recorded(archive: Program) -> None:
    """To keep, and to hold the log against; it is said that nothing was written."""
    size, root = archive.ledger()
    taken = ines(archive, "checkpoint")
    name, count, encoded = taken.stdout.splitlines()
    assert (int(count), base64.b64decode(encoded).hex()) == (size, root)
    assert re.fullmatch(r"localhost/traject/[0-9a-f-]{36}/1", name)
    assert "Niet vastgelegd: een auditor leest en wijzigt niets." in taken.stderr
    assert archive.ledger() == (size, root)


def test_an_outsider_may_check_the_history_and_nothing_else(
    archive: Program, tmp_path: Path
) -> None:
    """Everything else is refused, with the line by which somebody can enrol the account."""
    before = archive.ledger()
    with account(OUTSIDER), chdir(tmp_path):
        for typed in (*READS, *WRITES, *ELSEWHERE):
            told = archive.call(*typed, "--now", YEARS_LATER, expect=None)
            refused = name_of(typed) not in table.OPEN_TO_ALL - {"whoami"}
            assert not refused or told.code == 4, typed
            assert refused == (BY_WHOM in one_line(told.stderr)), typed
        who = archive.call("whoami", "--now", YEARS_LATER, expect=None)
        assert f"uid:{OUTSIDER}" in who.stdout + who.stderr
    assert archive.ledger() == before


def test_the_table_knows_every_command_that_writes() -> None:
    """Those that were tried above and no others: who is asked for a reason first writes in vain."""
    assert set(map(name_of, WRITES)) == table.NOT_FOR_AUDITORS
    tried = {e.name for e in table.ENTRIES.values() if e.module and offers_dry_run(e)}
    assert tried - table.OPEN_TO_ALL <= table.NOT_FOR_AUDITORS
    assert table.writes("rebuild", {"dry_run": False})
    assert not table.writes("rebuild", {"dry_run": True})


def test_every_command_is_for_somebody_and_was_tried_above() -> None:
    """A new one belongs in one of the three sets, and in the lists of this file."""
    names = [entry.name for entry in table.ENTRIES.values() if entry.module]
    sets = (table.OPEN_TO_ALL, table.FOR_EVERY_ROLE, table.NOT_FOR_AUDITORS)
    assert sorted(one for names_of_it in sets for one in names_of_it) == sorted(names)
    assert table.FOR_LEADS < table.NOT_FOR_AUDITORS
    assert table.FOR_A_COLLEAGUE < table.NOT_FOR_AUDITORS
    tried = {name_of(typed) for typed in (*READS, *WRITES, *ELSEWHERE)} - {""}
    assert tried | NOT_RUN == set(names)


def test_a_coach_does_all_but_what_is_a_leads() -> None:
    """Where there is no lead who may act, coaches do that too."""
    assert set(table.FOR_LEADS) == {"amend"}
    coach, lead = (Actor(n, "An", None, None, "nl", r) for n, r in enumerate(("coach", "lead")))
    require_writer(coach)
    require_lead(lead, [coach, lead])
    with pytest.raises(Refused, match="only a team lead"):
        require_lead(coach, [coach, lead])
    require_lead(coach, [coach, replace(lead, active=False)])


def name_of(typed: tuple[str, ...]) -> str:
    """Return the name of a command in the table; "" for the morning."""
    return next((n for n in (" ".join(typed[:2]), " ".join(typed[:1])) if n in table.ENTRIES), "")


def offers_dry_run(entry: table.Entry) -> bool:
    """Tell whether a command has the option of those that change something."""
    return any(param.name == "dry_run" for param in loaded(entry).params)
