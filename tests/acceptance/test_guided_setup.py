"""Setting up by questions: the real program at a terminal, and somebody who answers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.authority import authority
from tests.mail_server import SECRET, Mailboxes, real_server
from tests.program import COACH, Program
from tests.smtp_server import smtp_server
from tests.terminal import CTRL_C, Session, terminal
from tests.token_server import CLIENT, TENANT, TokenServer, refusal, token_server

UNCHANGED = "De instellingen blijven zoals ze waren."


def settings(home: Path) -> dict[str, object]:
    """Return what the settings file holds."""
    file = home / ".config" / "traject" / "settings.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}


@contextmanager
def ready(tmp_path: Path, **environment: str) -> Iterator[Session]:
    """Set traject up, then start `config mail` at a terminal."""
    program = Program(tmp_path)
    program.init()
    with terminal(["config", "mail"], home=program.home, environment=environment) as session:
        yield session


def test_init_asks_what_it_was_not_told(tmp_path: Path) -> None:
    """Name, address, place, organisation, mail server; then it says what is there and what next."""
    home = tmp_path / "home"
    with terminal(["init"], home=home, fresh=True) as session:
        session.answer("Je naam:", "An Voorbeeld")
        session.answer("Je mailadres:", "an@example")
        session.answer("Je mailadres:", "an@example.org")
        before = session.expect("Waar komt de databank? [")
        session.type()
        session.answer("Welke organisatie ondertekent de mails? (Enter: geen)", "VVSG")
        session.answer("[j/N]", "nee")
        assert session.ended() == 0
        screen = session.screen
    assert before is not None
    file = home / ".local" / "share" / "traject" / "traject.db"
    assert file.exists()
    assert f"[{file}]" in screen
    assert settings(home) == {"organisation": "VVSG"}
    end = screen.partition("Klaar.")[2]
    assert [line.split("  ")[1] for line in end.splitlines() if line.startswith("  ")] == [
        "traject start", "traject config mail", "traject doctor",
    ]  # fmt: skip
    program = Program(tmp_path)
    answer = program.call("whoami", "--json").json
    assert (answer["name"], answer["email"]) == ("An Voorbeeld", "an@example.org")


def test_init_asks_only_what_is_missing(tmp_path: Path) -> None:
    """What an option says is not asked; with name and address nothing is."""
    with terminal(["init", "--name", "An Voorbeeld"], home=tmp_path / "home") as session:
        session.answer("Je mailadres:", "an@example.org")
        session.answer("Waar komt de databank?")
        session.answer("ondertekent de mails?")
        session.answer("[j/N]")
        assert session.ended() == 0
        assert "Je naam:" not in session.screen
    with terminal(["init", *COACH], home=tmp_path / "other") as session:
        assert session.ended() == 0
        assert "?" not in session.screen


def test_another_place_is_kept_and_found_again(tmp_path: Path) -> None:
    """A folder is asked for a file in it; a synchronised one is refused and asked again."""
    home, folder = tmp_path / "home", tmp_path / "my data"
    (tmp_path / "OneDrive - VVSG").mkdir()
    folder.mkdir()
    with terminal(["init", *COACH[:2]], home=home) as session:
        session.answer("Je mailadres:", "an@example.org")
        session.answer("Waar komt de databank?", str(tmp_path / "OneDrive - VVSG"))
        session.expect("synchroniseert")
        session.answer("Waar komt de databank?", str(folder))
        session.answer("ondertekent de mails?")
        session.answer("[j/N]")
        assert session.ended() == 0
    assert settings(home) == {"database": str(folder / "traject.db")}
    assert Program(tmp_path).call("whoami", "--json").json["id"] == 1
    assert (folder / "traject.db").stat().st_mode & 0o777 == 0o600


def test_leaving_init_changes_nothing(tmp_path: Path) -> None:
    """Ctrl-C at any question."""
    home = tmp_path / "home"
    with terminal(["init"], home=home) as session:
        session.answer("Je naam:", "An Voorbeeld")
        session.answer("Je mailadres:", "an@example.org")
        session.expect("Waar komt de databank?")
        session.press(CTRL_C)
        assert session.ended() == 130
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_init_in_a_pipe_names_what_is_missing(tmp_path: Path) -> None:
    """Nobody is there to answer; nothing is made."""
    program = Program(tmp_path)
    assert "--name, --email" in program.call("init", expect=2).stderr
    told = program.call("init", "--name", "An Voorbeeld", expect=2).stderr
    assert "--name, --email" not in told
    assert "--email" in told
    assert list(program.home.iterdir()) == []


@pytest.mark.parametrize("folder", ["OneDrive", "Dropbox"])
def test_init_refuses_a_synchronised_folder(tmp_path: Path, folder: str) -> None:
    """With the way out, also in a dry run; the doctor says so of one that is there already."""
    where = tmp_path / folder / "traject.db"
    program = Program(tmp_path, str(where))
    for more in ((), ("--dry-run",)):
        told = program.call("init", *COACH, *more, expect=4).stderr
        assert "PostgreSQL" in told
    assert not where.exists()
    findings = program.call("doctor", "--json", expect=1).json["findings"]
    place = next(f for f in findings if f["check"] == "place")
    assert place["state"] == "wrong"
    assert place["remedy"][1].startswith("traject config set database ")


def test_the_mail_server_is_set_by_questions_and_tried(tmp_path: Path) -> None:
    """The password is never shown; what works is kept, for this account alone."""
    ours = authority(tmp_path)
    with (
        real_server(ours.server("localhost"), implicit=False) as (boxes, port),
        ready(tmp_path, TRAJECT_SMTP_CA=str(ours.root)) as session,
    ):
        session.answer(">", "4")
        session.expect("typ een nummer van 1 tot 3")
        session.answer(">", "1")
        session.answer("Server:", "localhost")
        session.answer("Poort: [587]", str(port))
        session.answer(">", "1")
        session.answer("Gebruiker", "jo@example.org")
        session.answer("Wachtwoord", SECRET)
        session.answer("Afzender: [jo@example.org]")
        session.answer("ondertekent de mails?", "VVSG")
        session.answer("[J/n]")
        assert session.ended() == 0
        screen = session.screen
        assert [login[:2] for login in boxes.logins] == [(b"jo@example.org", SECRET.encode())]
        assert not boxes.taken
    assert SECRET not in screen
    assert "smtp+starttls://jo%40example.org:***@localhost" in screen
    assert [word in screen for word in ("verbinding", "versleuteling", "aanmelding")] == [True] * 3
    home = tmp_path / "home"
    kept = settings(home)
    assert kept["sender"] == "jo@example.org"
    assert kept["organisation"] == "VVSG"
    assert (home / ".config" / "traject" / "settings.toml").stat().st_mode & 0o777 == 0o600


def tried(session: Session, port: int) -> None:
    """Answer the questions for a server on this machine that wants an account."""
    session.answer(">", "1")
    session.answer("Server:", "localhost")
    session.answer("Poort:", str(port))
    session.answer(">", "3")
    session.answer("Gebruiker", "jo@example.org")
    session.answer("Wachtwoord", "wrong")
    session.answer("Afzender:")
    session.answer("ondertekent de mails?")
    session.answer("[J/n]")


def test_init_goes_on_to_the_mail_server_when_asked(tmp_path: Path) -> None:
    """Who signs is asked once; a server that refuses leaves init as it is, which is done."""
    home = tmp_path / "home"
    with smtp_server({"EHLO": "550 no"}) as server, terminal(["init", *COACH[:2]], home=home) as on:
        on.answer("Je mailadres:", "an@example.org")
        on.answer("Waar komt de databank?")
        on.answer("ondertekent de mails?", "VVSG")
        on.answer("[j/N]", "j")
        on.answer(">", "1")
        on.answer("Server:", "localhost")
        on.answer("Poort:", str(server.port))
        on.answer(">", "3")
        on.answer("Gebruiker (Enter: geen")
        on.answer("Afzender (Enter: het adres van elke coach):")
        on.answer("[J/n]")
        on.expect("Het loopt vast bij: begroeting.")
        on.answer("[j/N]")
        assert on.ended() == 0
        assert UNCHANGED in on.screen
        assert "traject doctor" in on.screen
    assert settings(home) == {"organisation": "VVSG"}


@pytest.mark.parametrize(("answer", "kept"), [("n", False), ("", False), ("j", True)])
def test_a_server_that_refuses_is_kept_only_when_asked_for(
    tmp_path: Path, answer: str, kept: bool
) -> None:
    """It says at which step, what to do, and asks; Enter keeps nothing."""
    script: dict[str, str | list[str]] = {"AUTH": "535 5.7.8 no"}
    with smtp_server(script) as server, ready(tmp_path) as session:
        tried(session, server.port)
        session.expect("Het loopt vast bij: aanmelding.")
        session.expect("Kijk de gebruiker en het wachtwoord na.")
        session.answer("Toch bewaren? [j/N]", answer)
        assert session.ended() == 7
        assert (UNCHANGED in session.screen) is not kept
    assert bool(settings(tmp_path / "home")) is kept


def test_nothing_is_kept_before_it_was_tried(tmp_path: Path) -> None:
    """Who leaves while it is tried, or says no, changes nothing."""
    with smtp_server({"EHLO": "-"}) as server, ready(tmp_path) as session:
        tried(session, server.port)
        session.press(CTRL_C)
        assert session.ended() == 130
    assert settings(tmp_path / "home") == {}


def test_an_answer_that_is_kept_need_not_be_typed_again(tmp_path: Path) -> None:
    """The second time Enter takes server, port, user and password."""
    with smtp_server() as server, ready(tmp_path) as session:
        tried(session, server.port)
        assert session.ended() == 0
        first = settings(tmp_path / "home")
        with terminal(["config", "mail"], home=tmp_path / "home") as again:
            again.answer(">", "1")
            again.answer("Server: [localhost]")
            again.answer(f"Poort: [{server.port}]")
            again.answer(">", "3")
            again.answer("Gebruiker")
            again.answer("Wachtwoord (Enter: het bewaarde")
            again.answer("Afzender: [jo@example.org]")
            again.answer("ondertekent de mails?")
            again.answer("[J/n]")
            assert again.ended() == 0
    assert settings(tmp_path / "home") == first


def test_microsofts_dates_are_told_before_a_password_is_typed(tmp_path: Path) -> None:
    """With the way out; port 587 needs no further question."""
    with ready(tmp_path) as session:
        session.answer(">", "3")
        session.expect("eind december 2026")
        session.expect("connector")
        session.answer(">", "4")
        session.answer("Server: [smtp.office365.com]")
        session.answer("Poort: [587]")
        session.answer("Gebruiker:", "jo@example.org")
        session.answer("Wachtwoord", "geheim")
        session.answer("Afzender: [jo@example.org]")
        session.answer("ondertekent de mails?")
        session.answer("[J/n]", "nee")
        assert session.ended() == 0
        assert UNCHANGED in session.screen
        assert "smtp+starttls://jo%40example.org:***@smtp.office365.com:587" in session.screen
    assert settings(tmp_path / "home") == {}


TENANT_QUESTIONS = ("Map-id (tenant ID):", "Toepassings-id (client ID):")


@contextmanager
def microsoft(tmp_path: Path) -> Iterator[tuple[TokenServer, Mailboxes, int, dict[str, Any]]]:
    """Run a token server and a mail server that takes its tokens, both trusted."""
    ours = authority(tmp_path / "ours")
    context = ours.server("localhost")
    with (
        token_server(context) as tokens,
        real_server(context, implicit=False, tokens=tokens.given) as (boxes, port),
    ):
        environment = {
            "TRAJECT_SMTP_CA": str(ours.root),
            "REQUESTS_CA_BUNDLE": str(ours.root),
            "TRAJECT_OAUTH_AUTHORITY": tokens.authority,
        }
        yield tokens, boxes, port, environment


def to_microsoft(session: Session, way: str, port: int) -> None:
    """Answer up to what the application proves itself by."""
    session.answer(">", "3")
    session.answer(">", way)
    session.answer("Server: [smtp.office365.com]", "localhost")
    session.answer("Poort: [587]", str(port))
    session.answer(">", "1")
    session.answer("Mailbox die verzendt", "livc@example.org")
    for question, answer in zip(TENANT_QUESTIONS, (TENANT, CLIENT), strict=True):
        session.answer(question, answer)


def test_microsoft_365_with_the_secret_of_an_application(tmp_path: Path) -> None:
    """Tried with a token; the secret comes in a file of its own and on no screen."""
    with microsoft(tmp_path) as (_, boxes, port, environment):
        with ready(tmp_path, **environment) as session:
            to_microsoft(session, "1", port)
            session.answer("Geheim van de toepassing", "canary-secret")
            session.answer("Tot wanneer", "31 december")
            session.expect("een dag schrijf je als")
            session.answer("Tot wanneer", "2026-01-31")
            session.answer("Afzender: [livc@example.org]")
            session.answer("ondertekent de mails?", "VVSG")
            session.answer("[J/n]")
            assert session.ended() == 0
            screen = session.screen
        assert boxes.bearers == [("livc@example.org", "canary-token-1", True)]
        home = tmp_path / "home"
        kept = settings(home)
        secret = home / ".config" / "traject" / "oauth-secret"
        assert secret.read_text() == "canary-secret\n"
        assert secret.stat().st_mode & 0o777 == 0o600
        assert kept["oauth_secret_file"] == str(secret)
        assert "canary" not in screen + str(kept)
        told = shown_everywhere(tmp_path, environment)
    assert "canary" not in told
    assert "vervallen op zaterdag 31 januari 2026" in " ".join(told.split())


def shown_everywhere(tmp_path: Path, environment: dict[str, Any]) -> str:
    """Return all that traject says of its settings and of the road to the server."""
    program = Program(tmp_path)
    said = [program.call("mail", "test", "--debug", "--lang", "nl", **environment)]
    said.append(program.call("mail", "test", "--json", **environment))
    assert [step["phase"] for step in said[1].json][-2:] == ["token", "auth"]
    said.append(program.call("config", "show", **environment))
    said.append(program.call("config", "show", "--json", **environment))
    said.append(program.call("doctor", "--lang", "nl", expect=None, **environment))
    wrong = {**environment, "TRAJECT_OAUTH_SECRET": "canary-other"}
    said.append(program.call("config", "show", **wrong))
    return "".join(one.stdout + one.stderr for one in said)


def test_microsoft_365_with_a_mailbox_that_signs_in_once(tmp_path: Path) -> None:
    """The code is shown; what came of it is kept for this account alone."""
    with microsoft(tmp_path) as (_, boxes, port, environment):
        with ready(tmp_path, **environment) as session:
            to_microsoft(session, "3", port)
            session.expect("https://example.org/device")
            session.expect("ABCD1234")
            session.answer("Afzender: [livc@example.org]")
            session.answer("ondertekent de mails?")
            session.answer("[J/n]")
            assert session.ended() == 0
        assert boxes.bearers == [("livc@example.org", "canary-token-1", True)]
        assert Program(tmp_path).call("mail", "test", **environment).stdout
    tokens = tmp_path / "home" / ".config" / "traject" / "oauth-tokens"
    assert tokens.stat().st_mode & 0o777 == 0o600
    assert "canary-refresh" in tokens.read_text()


def test_a_secret_that_microsoft_refuses_says_what_to_do(tmp_path: Path) -> None:
    """Expired: where to make a new one; nothing is kept unless asked for."""
    with microsoft(tmp_path) as (tokens, _, port, environment):
        tokens.script.append(refusal(7000222))
        with ready(tmp_path, **environment) as session:
            to_microsoft(session, "1", port)
            session.answer("Geheim van de toepassing", "canary-secret")
            session.answer("Tot wanneer")
            session.answer("Afzender: [livc@example.org]")
            session.answer("ondertekent de mails?")
            session.answer("[J/n]")
            session.expect("Het loopt vast bij: token.")
            session.expect("Het geheim van de toepassing is vervallen.")
            session.answer("[j/N]")
            assert session.ended() == 7
            assert "canary" not in session.screen
    assert settings(tmp_path / "home") == {}
    assert not (tmp_path / "home" / ".config" / "traject" / "oauth-secret").exists()


def test_a_mail_server_from_the_environment_is_not_asked_over(tmp_path: Path) -> None:
    """The file would change nothing."""
    url = "smtps://mail.example.org"
    with ready(tmp_path, TRAJECT_SMTP_URL=url) as session:
        assert session.ended() == 4
        assert "TRAJECT_SMTP_URL" in session.screen


def test_config_mail_in_a_pipe_tells_the_lines_to_type(tmp_path: Path) -> None:
    """Nothing hangs, and nothing is asked of a script."""
    told = Program(tmp_path).call("config", "mail", expect=2).stderr
    for line in (
        "config set smtp_url",
        "config set smtp_password_file",
        "config set sender",
        "config set organisation",
        "mail test",
    ):
        assert f"  traject {line}" in told
