"""The Tab key: what is offered where, in real shells where there are any, and never a noise."""

from __future__ import annotations

import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import click
import pexpect
import pytest

from commands.frame import table
from commands.frame.shape import loaded
from commands.tab import completion, offered
from commands.tab.shells import SCRIPTS
from engine.domain.errors import TryAgain
from engine.store.database import open_database
from tests.program import ENTRY, Program, Result

WIDE = {"_TRAJECT_COLUMNS": "100"}


class Tab:
    """Presses Tab behind words, in a program with five trajectories."""

    def __init__(self, program: Program) -> None:
        """Keep the program that is asked."""
        self.program = program

    def ask(self, *words: str, shell: str = "zsh", **more: str) -> Result:
        """Return the answer to a shell's script, the last word being typed."""
        typed = "\n".join(("traject", *words))
        more |= {"_TRAJECT_WORDS": typed, "_TRAJECT_COMPLETE": f"{shell}_complete"}
        with mock.patch.dict(self.program.environment, more):
            return self.program.call()

    def rows(self, *words: str) -> dict[str, str]:
        """Return what is offered, with its help."""
        result = self.ask(*words)
        assert result.stderr == ""
        rows = [line.split("\t") for line in result.stdout.splitlines()]
        assert [row for row in rows if len(row) != 3] == []
        return {value: about for _, value, about in rows}

    def __call__(self, *words: str) -> list[str]:
        """Return the values that are offered."""
        return list(self.rows(*words))


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Tab:
    """Gent twice, De Haan with a coordinator, Lier requested, Geel paused, Bree stopped."""
    folder = tmp_path_factory.mktemp("completion")
    program = Program(folder, f"sqlite:///{folder}/traject.db", lang="nl")
    program.init()
    jo = ("--coordinator", "Jo Voorbeeld <jo@example.org>")
    program.call("start", "reactiveren", "Gent", "Merelbeke-Melle", "--no-mail")
    program.call("start", "opstarten", "De Haan", *jo, "--no-mail")
    program.call("start", "reactiveren", "Gent", "--no-mail")
    program.call("start", "optimaliseren", "Lier", "--requested", "--no-mail")
    program.call("start", "reactiveren", "Geel", "--no-mail")
    program.call(
        "pause", "5", "--reason", "coordinator_vacant", "--until", "overmorgen", "--no-mail"
    )
    program.call("start", "reactiveren", "Bree", "--no-mail")
    program.call("stop", "6", "--reason", "no_capacity", "--no-mail")
    program.call("meet", "2", "1", "--no-mail")
    return Tab(program)


def test_commands_are_offered_by_both_names(tab: Tab) -> None:
    """What begins like the word; with nothing typed each once, in the reader's language."""
    assert tab("sho") == ["show"]
    assert tab("too") == ["toon"]
    assert tab("ve") == ["verder", "vervolg", "verzet", "verify", "verhuis"]
    assert tab("mail", "h") == ["hold", "houd-tegen"]
    assert tab("instellingen", "") == ["toon", "zet", "mail"]
    assert len(tab("")) == len([e for e in table.ENTRIES.values() if not e.group])
    assert {"lijst", "watnu"} < {*tab("")}
    assert "list" in tab.ask("", TRAJECT_LANG="en").stdout.split()
    assert tab.rows("too")["toon"] == "Toon waar één traject staat."


def test_options_are_offered_with_their_help(tab: Tab) -> None:
    """Those of the command, in the reader's language; none that was given already."""
    assert tab.rows("toon", "--w") == {"--why": "Leg uit hoe elke datum tot stand kwam."}
    assert {"--reason", "--until", "--on", "--dry-run"} <= {*tab("pauzeer", "gent", "--")}
    assert "--until" not in tab("pauzeer", "gent", "--until", "1/3/2099", "--")
    assert tab("--la") == ["--lang"]
    assert tab("--lang", "") == ["nl", "en"]
    assert tab("aanvulling", "") == list(SCRIPTS)


def test_trajectories_are_offered_as_people_call_them(tab: Tab) -> None:
    """By a name that means one; by number where none does; a shared name with whom it means."""
    assert tab("toon", "") == ["merelbeke-melle", "de-haan", "003", "lier", "geel"]
    assert tab("show", "de") == ["de-haan"]
    assert tab("show", '"De H') == ["de-haan"]
    about = tab.rows("show", "ge")
    assert list(about) == ["geel", "gent"]
    assert re.fullmatch(r"\d{4}-001, \d{4}-003", about["gent"])
    assert about["geel"].endswith("Geel, gepauzeerd")
    assert tab("show", "2") == [tab.rows("show", "1")["1"][:8], "2", *tab("show", "2")[2:]]
    assert tab("show", "00") == ["001", "002", "003", "004", "005"]
    assert tab("show", "bree") == ["bree"]  # it is closed, and nothing open is called so
    assert tab("show", "zzz") == []


@pytest.mark.parametrize(
    ("command", "found"), [("aanvaard", ["lier"]), ("hervat", ["geel"]), ("vervolg", ["006"])]
)
def test_only_trajectories_that_a_command_is_for_are_offered(
    tab: Tab, command: str, found: list[str]
) -> None:
    """Nothing else can be accepted, resumed or followed up."""
    assert [name.replace("bree", "006") for name in tab(command, "")] == found


def test_criteria_are_offered_by_number_with_their_label(tab: Tab) -> None:
    """Those of the current phase that the command is for, by word when a word is typed."""
    rows = tab.rows("vink", "de-haan", "")
    assert list(rows) == ["2", "3", "4", "5", "6", "7", "8"]
    assert rows["3"] == "coördinator aangeduid, met tijd ervoor"
    assert tab("heropen", "de-haan", "") == ["1"]
    assert tab("vink", "de-haan", "3", "6", "") == ["2", "4", "5", "7", "8"]
    assert tab("vink", "de-haan", "co") == ["coordinator"]
    assert tab("meet", "de-haan", "spons") == ["sponsor_known"]
    assert tab.rows("meet", "--lang", "en", "de-haan", "3")["3"].startswith("coordinator named")
    assert tab("vink", "gent", "") == []  # which of the two?
    assert tab("vink", "lier", "") == []  # it is in no phase yet


def test_every_word_that_is_offered_for_a_criterion_means_it(tab: Tab) -> None:
    """What Tab completes is understood: each word is tried."""
    for letter in "abcdefghijklmnoprstuvw":
        for word, label in tab.rows("vink", "de-haan", letter).items():
            told = tab.program.call("vink", "2", word, "--dry-run", "--json").json
            assert label
            assert told["dry_run"] is True


def test_phases_reasons_and_dates_are_offered_with_their_labels(tab: Tab) -> None:
    """Only the phases that can be next; reasons of this very command; dates with their day."""
    assert list(tab.rows("verder", "de-haan", "--to", "").values()) == [
        "Context- en actorenanalyse"
    ]
    assert tab("terug", "de-haan", "") == []
    assert tab.rows("start", "reactiveren", "Gent", "--phase", "an") == {
        "analyse": "Analyse: waarom loopt het spaak"
    }
    reasons = tab.rows("pauzeer", "de-haan", "--reason", "")
    assert list(reasons) == [str(number) for number in range(1, len(reasons) + 1)]
    assert "coach afwezig" in reasons.values()
    assert tab("stop", "de-haan", "--reason", "capaci") == ["capaciteit"] or tab(
        "stop", "2", "--reason", "no_c"
    ) == ["no_capacity"]
    assert tab("nvt", "de-haan", "7", "--reason", "") == []  # words of one's own
    assert list(tab.rows("verzet", "de-haan", "--deadline", "")) == ["1"]


def test_municipalities_and_categories_are_offered_for_start(tab: Tab) -> None:
    """In one word each, merged ones with what they are now; no name twice."""
    assert tab("start", "re") == ["reactiveren"]
    assert len(tab("start", "opstarten", "")) == 285
    assert tab("start", "opstarten", "de") >= ["de-haan"]
    assert tab("start", "opstarten", '"De H') == ["De-Haan"]
    assert tab.rows("start", "opstarten", "melle") == {"melle": "Merelbeke-Melle"}
    assert "gent" not in tab("start", "opstarten", "gent", "ge")
    assert tab("vraag", "merelbeke", "3", "--for", "") == ["gent", "merelbeke-melle"]
    assert tab("scope", "leave", "001", "m") == ["merelbeke-melle"]


def test_contacts_and_roles_are_offered(tab: Tab) -> None:
    """By number with name and address, or by the address; those of the trajectory."""
    assert tab.rows("contact", "change", "") == {"1": "Jo Voorbeeld jo@example.org"}
    assert tab("contact", "change", "jo") == ["jo@example.org"]
    assert tab("contact", "release", "de-haan", "") == ["1"]
    assert tab("contact", "release", "001", "") == []
    assert tab("contact", "add", "de-haan", "--role", "m") == ["mayor"]


def test_bash_lists_values_with_their_help(tab: Tab) -> None:
    """It shows values alone; where it prints a list, each has its help and a line of its own."""
    words = ("vink", "de-haan", "")
    assert tab.ask(*words, shell="bash", _TRAJECT_TYPE="9").stdout.split()[:2] == ["plain", "2"]
    lines = tab.ask(*words, shell="bash", _TRAJECT_TYPE="63", **WIDE).stdout.splitlines()
    assert lines[1].rstrip() == "plain\t3  (coördinator aangeduid, met tijd ervoor)"
    assert {len(line.split("\t")[1]) > 50 for line in lines} == {True}
    single = tab.ask("toon", "de", shell="bash", _TRAJECT_TYPE="63", **WIDE)
    assert single.stdout == "plain\tde-haan\n"


def test_the_value_behind_an_equals_sign_is_completed(tab: Tab) -> None:
    """Bash sets the sign apart, the others do not."""
    assert tab("pauzeer", "de-haan", "--reason", "=", "coach") == ["coach"]
    assert tab("pauzeer", "de-haan", "--reason", "=") == tab("pauzeer", "2", "--reason", "")
    assert tab("pauzeer", "de-haan", "--reason=coach") == ["--reason=coach"]


@pytest.mark.parametrize(
    "words",
    [
        ("toon", ""), ("vink", "gent", ""), ("nonsense", ""), ("toon", "--nonsense", ""),
        ("verzet", "gent", "31/11", ""), ("contact", "change", ""), ("--database", "", ""),
        ("pauzeer", "--until", "nooit", "--reason", ""), ("vink", "'", ""), ("",) * 9,
    ],
)  # fmt: skip
def test_what_goes_wrong_makes_no_noise(tmp_path: Path, tab: Tab, words: tuple[str, ...]) -> None:
    """No database, a wrong one, words that mean nothing: no offer, exit 0, nothing on stderr."""
    nowhere = ("sqlite:////nowhere/traject.db", "postgresql://[", "nonsense://")
    for other in (tab, *(Tab(Program(tmp_path, url)) for url in nowhere)):
        for shell in ("bash", "fish", "nonsense"):
            assert other.ask(*words, shell=shell).stderr == ""


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Keep a database for somebody else alone, readers included."""
    if url.startswith("sqlite"):
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("UPDATE head SET size = size")
        yield
        other.close()
        return
    database = open_database(url)
    with database.writing() as connection:
        connection.exec_driver_sql("LOCK TABLE trajectories, actors IN ACCESS EXCLUSIVE MODE")
        yield
    database.close()


def test_who_presses_tab_does_not_wait_for_another_writer(tmp_path: Path, empty_url: str) -> None:
    """Nothing is offered while somebody has the database for himself; soon after it is again."""
    other = Tab(Program(tmp_path, empty_url))
    other.program.init()
    other.program.call("start", "reactiveren", "Gent", "--no-mail")
    with locked(empty_url):
        begun = time.monotonic()
        assert other("show", "") == []
        assert time.monotonic() - begun < 2
        assert other("sho") == ["show"]
    assert other("show", "") == ["gent"]


def test_a_server_that_does_not_answer_keeps_nobody_waiting() -> None:
    """It gets the least that the driver knows, two seconds; a command gets its usual ten."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://an@127.0.0.1:{silent.getsockname()[1]}/db"
        begun = time.monotonic()
        with pytest.raises(TryAgain, match="cannot be reached"):
            open_database(url, wait=completion.WAIT)
        assert 0.5 < time.monotonic() - begun < 4


def test_who_is_not_enrolled_is_offered_no_data(tmp_path: Path) -> None:
    """Names of commands are no secret; what is in the database is for who may see it."""
    other = Tab(Program(tmp_path, f"sqlite:///{tmp_path}/t.db"))
    other.program.init()
    other.program.call("start", "reactiveren", "Gent", "--no-mail")
    assert other("show", "") == ["gent"]
    other.program.turn_into("coach", active=False)
    assert other("show", "") == []
    assert other("history", "") == ["gent"]  # which is open to all
    assert other("sho") == ["show"]


def test_completion_imports_nothing_heavy(tab: Tab) -> None:
    """Names come from the table alone; values without the libraries that do the work."""
    code = (
        "import sys, cli; cli.main([]);"
        "print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    works = ("pydantic", "transitions", "jinja2", "ruamel", "holidays", "apscheduler")
    for words, heavy in ((("to",), (*works, "sqlalchemy")), (("vink", "de-haan", ""), works)):
        asked = {"_TRAJECT_WORDS": "\n".join(("traject", *words)), "_TRAJECT_COMPLETE": "zsh_"}
        done = subprocess.run(
            [sys.executable, "-P", "-c", code.format(heavy=heavy)],
            env={**tab.program.environment, **asked},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.startswith("plain\t")
        assert done.stderr == "[]\n"


def test_every_value_that_has_offers_is_asked_for_by_name() -> None:
    """Who renames an argument loses its offers unseen, but for this."""
    names = {
        param.name
        for entry in table.ENTRIES.values()
        if entry.module
        for param in loaded(entry).params
        if not isinstance(param.type, click.Choice)
    }
    assert set(offered.VALUES) - names == set()


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_of_a_shell_is_data_and_where_to_keep_it_is_talk(tab: Tab, shell: str) -> None:
    """So that `> FILE` keeps the script alone."""
    shown = tab.program.call("completion", shell)
    assert shown.stdout == SCRIPTS[shell]
    assert shown.stdout.isascii()
    assert f"traject completion {shell}" in shown.stderr
    assert f"_TRAJECT_COMPLETE=${shell}_complete".replace("$", "'" if "power" in shell else "") in (
        shown.stdout.replace("$env:_TRAJECT_COMPLETE = ", "_TRAJECT_COMPLETE=")
    )


@pytest.fixture
def shell(tab: Tab, tmp_path: Path) -> dict[str, str]:
    """Return the environment of a shell that finds `traject`."""
    found = tmp_path / "traject"
    found.write_text(f"#!/bin/sh\nexec {sys.executable} -P -c '{ENTRY}' \"$@\"\n")
    found.chmod(0o755)
    for name, script in SCRIPTS.items():
        (tmp_path / f"script.{name}").write_text(script)
    return {
        **tab.program.environment,
        "PATH": f"{tmp_path}:{tab.program.environment['PATH']}",
        "SCRIPTS": str(tmp_path),
        "LANG": "C.UTF-8",
    }


def run(program: str, code: str, environment: dict[str, str]) -> list[str]:
    """Return the lines that a shell prints, or skip where it is not there."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed here")
    flags = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}[program]
    done = subprocess.run(
        [program, *flags, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["traject", "to"], ["toon"]),
        (["traject", "toon", "de"], ["de-haan"]),
        (["traject", "vink", "de-haan", "co"], ["coordinator"]),
        (["traject", "pauzeer", "de-haan", "--reason", "=", "coa"], ["coach"]),
        (["traject", "toon", '"De H'], ["de-haan"]),
        (["$SCRIPTS/traject", "mail", "houd"], ["houd-tegen"]),
    ],
)
def test_bash_completes(shell: dict[str, str], words: list[str], found: list[str]) -> None:
    """The script in the real shell, called as the shell calls it."""
    quoted = " ".join("'" + word.replace("$SCRIPTS", shell["SCRIPTS"]) + "'" for word in words)
    code = (
        f"source $SCRIPTS/script.bash; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1};"
        "COMP_TYPE=9; COLUMNS=80; complete -p traject >/dev/null || exit 1;"
        '_traject_completion "${COMP_WORDS[0]}"; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    assert run("bash", code, shell) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("traject to", ["toon"]),
        ("traject toon de", ["de-haan"]),
        ("traject vink de-haan co", ["coordinator"]),
        ("traject toon --w", ["--why"]),
    ],
)
def test_fish_completes(shell: dict[str, str], line: str, found: list[str]) -> None:
    """The script in the real shell, asked as the shell asks itself."""
    lines = run("fish", f"source $SCRIPTS/script.fish; complete -C '{line}'", shell)
    assert [one.partition("\t")[0] for one in lines] == found
    assert all(one.partition("\t")[2] for one in lines)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("traject toon de", "traject toon de-haan "),
        ("traject vink de-haan co", "traject vink de-haan coordinator "),
        ("traject mail houd", "traject mail houd-tegen "),
    ],
)
def test_zsh_completes(shell: dict[str, str], line: str, found: str) -> None:
    """The script in the real shell, at a terminal, with a press of the key."""
    if shutil.which("zsh") is None or not hasattr(pexpect, "spawn"):
        pytest.skip("zsh is not installed here")
    session = pexpect.spawn(
        "zsh", ["-f", "-i"], env={**shell, "TERM": "dumb", "PS1": "% "}, encoding="utf-8"
    )
    session.sendline("bindkey '^I' complete-word; unsetopt zle_bracketed_paste; PS1='> '")
    session.sendline(
        "autoload -Uz compinit; compinit -u -D; source $SCRIPTS/script.zsh; echo re''ady"
    )
    session.expect("\nready", timeout=30)
    session.send(f"{line}\t")
    session.expect_exact(found.removeprefix(line)[-6:], timeout=30)
    session.close(force=True)


def test_powershell_hands_over_words_and_reads_three_fields() -> None:
    """The protocol of the others, in its own language; nothing newer than version 5.1."""
    script = SCRIPTS["powershell"]
    for piece in (
        "Register-ArgumentCompleter -Native -CommandName traject",
        '$env:_TRAJECT_WORDS = $words -join "`n"',
        '$kind, $value, $about = $line -split "`t", 3',
        "[System.Management.Automation.CompletionResult]::new(",
        "UTF8Encoding",
    ):
        assert piece in script
    assert [new for new in ("??", "?.", " ? ", "&& ", "|| ", "clean {") if new in script] == []
    for left, right in ("()", "[]", "{}"):
        assert script.count(left) == script.count(right)
