"""Urls: no password is shown or written down, whatever it is made of and however it is given."""

from __future__ import annotations

import string
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import build
from commands.frame.hints import located, on_database
from commands.rounds import installing, units
from commands.settings.configuring import shown_setting
from commands.settings.urls import file_of, holds_account, stripped, without_password
from engine.domain.errors import BadInput, Refused
from engine.language import words
from engine.store.database import open_database
from tests.program import replaced_environment

PRINTABLE = string.ascii_letters + string.digits + string.punctuation + " é€"
# Between two marks, so that a piece of it is known again wherever it comes out.
PASSWORDS = st.text(PRINTABLE, max_size=12).map(lambda text: f"Geh{text}eIm")
SCHEMES = st.sampled_from(["postgresql", "smtp+starttls", "smtps", "postgresql+psycopg"])


def pieces_in(text: str) -> list[str]:
    """Return the pieces of one of the passwords above that a text lets through."""
    return [piece for piece in ("Geh", "eIm") if piece in text]


@given(SCHEMES, PASSWORDS)
def test_a_password_before_the_host_is_never_shown(scheme: str, password: str) -> None:
    """Everything from the first colon to the last @, and all of it where that may be a query."""
    shown = without_password(f"{scheme}://an:{password}@h:5432/db?sslmode=require")
    asks = "=" in password.partition("?")[2]
    assert shown == (f"{scheme}://***" if asks else f"{scheme}://an:***@h:5432/db?sslmode=require")


@given(PASSWORDS, st.sampled_from(["password", "PASSWORD", "sslpassword", "p%61ssword", "passwd"]))
def test_a_password_in_the_query_is_never_shown(password: str, name: str) -> None:
    """However its name is written, and whatever is behind an ampersand in it."""
    for account in ("", "an@", "an:x@"):
        for query in (f"{name}={password}", f"user=an&{name}={password}&sslmode=require"):
            assert pieces_in(without_password(f"postgresql://{account}h/db?{query}")) == []


@given(PASSWORDS, st.sampled_from(["", "postgresql:", "postgresql:/", "smtp:"]))
def test_a_password_in_what_is_no_url_is_never_shown(password: str, begin: str) -> None:
    """Somebody forgot a slash, or the whole scheme."""
    assert pieces_in(without_password(f"{begin}an:{password}@h/db")) == []


@given(PASSWORDS)
def test_a_password_is_never_left_in_what_a_program_gets(password: str) -> None:
    """It is taken out, or refused where nobody can tell where it ends."""
    for query in ("", f"password={password}", f"PASSWORD={password}", f"user=an&passwd={password}"):
        url = f"postgresql://an:{password}@h/db" if not query else f"postgresql://h/db?{query}"
        try:
            left = stripped(url)
        except BadInput as refused:
            left = words("en").say(refused.sentence)
        assert pieces_in(left) == []
    if not set(password) & set("@?"):
        assert stripped(f"postgresql://an:{password}@h/db") == "postgresql://an@h/db"


@given(PASSWORDS)
def test_no_password_is_in_what_config_show_prints(password: str) -> None:
    """Of a mail server or a database, also where somebody forgot the scheme."""
    for text in (f"smtps://an:{password}@h:465", f"an:{password}@h", f"{password}@h", password):
        assert pieces_in(str(shown_setting("smtp_url", text))) == []
    assert pieces_in(str(shown_setting("database", f"postgresql://an:{password}@h/db"))) == []


@given(PASSWORDS, st.sampled_from(["systemd", "cron", "windows"]))
def test_no_password_is_in_a_unit_a_line_or_a_task(password: str, kind: str) -> None:
    """Nor in the refusal, where a password would have to stand in it."""
    texts: dict[str, Callable[[units.Start], str]] = {
        "systemd": lambda found: units.systemd_unit(found, 60),
        "cron": lambda found: "\n".join(units.cron_lines(found)),
        "windows": units.windows_task,
    }
    database = f"postgresql://an:{password}@h/db"
    mail = f"smtp+starttls://an:{password}@h:587"
    for given_here in ({"TRAJECT_DATABASE": database}, {"TRAJECT_SMTP_URL": mail}):
        environment = {**given_here, "TRAJECT_SETTINGS": "/nowhere/settings.toml", "HOME": "/"}
        with replaced_environment(environment):
            context = build("en")
            try:
                text = texts[kind](installing.start(context, kind))
            except (BadInput, Refused) as refused:
                text = words("en").say(refused.sentence)
        assert pieces_in(text) == []


@given(PASSWORDS)
def test_no_password_is_in_a_command_that_is_printed(password: str) -> None:
    """It names the database that was given."""
    url = f"postgresql://an:{password}@h/db"
    assert pieces_in(located("traject show gent", url)) == []
    on = on_database(words("en"), url)
    assert pieces_in(on.text("See: traject verify")) == []


@pytest.mark.parametrize(
    "url",
    [
        "smtps://an:geheim@h", "smtps://geheim@h", "an:geheim@h", "smtps://an:ge/he#im@h",
        "smtps://h?password=geheim", "smtps://h?PASSWORD=geheim", "smtps://h?p%61ssword=geheim",
    ],
)  # fmt: skip
def test_an_account_in_an_address_is_seen(url: str) -> None:
    """Whatever the address looks like."""
    assert holds_account(url)
    assert not holds_account("smtp+starttls://relay.example.org:25")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://an:a@b@h/db", "postgresql://an:a@b/c@h/db", "postgresql:/an:geheim@h/db",
        "postgres:geheim@h", "sqlite:geheim",
    ],
)  # fmt: skip
def test_an_address_that_is_read_otherwise_than_it_was_meant_opens_nothing(url: str) -> None:
    """A piece of a password would be the name of a host or a file, and be told."""
    with pytest.raises(BadInput) as refused:
        open_database(url, create=True)
    assert "geheim" not in words("en").say(refused.value.sentence)


def test_a_database_tells_no_secret_of_its_address() -> None:
    """Whatever letters its name is written in."""
    url = "postgresql://an:ge/he#im@h/db?PASSWORD=geheim&sslmode=require"
    opened = open_database(url, create=True)
    assert opened.url_for_people == "postgresql://an:***@h/db?sslmode=require"
    opened.close()


@pytest.mark.parametrize(
    ("url", "shown", "plain"),
    [
        ("postgresql://an:ge%40heim@h/db", "postgresql://an:***@h/db", "postgresql://an@h/db"),
        ("postgresql://an@h/db", "postgresql://an@h/db", "postgresql://an@h/db"),
        (
            "postgresql://h/db?password=x&sslmode=require",
            "postgresql://h/db?password=***&sslmode=require",
            "postgresql://h/db?sslmode=require",
        ),
        ("/data/my.db", "/data/my.db", "/data/my.db"),
        ("/home/an@example.org/a:b@c",) * 3,
        (r"C:\Users\an@org\t.db",) * 3,
        ("sqlite:////home/an@x/a:b@c",) * 3,
        ("my@traject",) * 3,
        ("postgresql://an:a?b@h/db", "postgresql://an:***@h/db", "postgresql://an@h/db"),
    ],
)
def test_passwords_are_blotted_out_or_left_out(url: str, shown: str, plain: str) -> None:
    """Blotted out for people, left out for a program that finds it elsewhere."""
    assert (without_password(url), stripped(url)) == (shown, plain)


def test_the_file_of_a_database_is_found(tmp_path: Path) -> None:
    """From a path or a URL; a server has none."""
    assert file_of(str(tmp_path / "t.db")) == tmp_path / "t.db"
    assert file_of(f"sqlite:///{tmp_path}/t.db") == tmp_path / "t.db"
    assert file_of("postgresql://h/db") is None
