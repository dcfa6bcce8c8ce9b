"""The settings: precedence, origins, checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.settings.configuring import write
from commands.settings.layers import Given, early_language, read_settings
from engine.domain.errors import BadInput


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A settings file that is not there yet."""
    return tmp_path / "settings.toml"


@pytest.fixture
def environment(file: Path) -> dict[str, str]:
    """An environment that names the settings file and nothing else."""
    return {"TRAJECT_SETTINGS": str(file)}


def test_option_beats_environment_beats_file_beats_default(
    file: Path, environment: dict[str, str]
) -> None:
    """Each level gives way to the one above it, and is remembered."""
    assert read_settings(Given(), environment).origins["database"] == "default"
    file.write_text('database = "/file.db"')
    assert read_settings(Given(), environment).database == "/file.db"
    environment["TRAJECT_DATABASE"] = "/environment.db"
    assert read_settings(Given(), environment).database == "/environment.db"
    chosen = read_settings(Given(database="/option.db"), environment)
    assert (chosen.database, chosen.origins["database"]) == ("/option.db", "option")


@pytest.mark.parametrize(
    ("database", "folder"),
    [
        ("/data/traject.db", "/data/mails"),
        ("sqlite:////data/traject.db", "/data/mails"),
    ],
)
def test_mails_lie_beside_a_sqlite_database(
    environment: dict[str, str], database: str, folder: str
) -> None:
    """Who finds the data finds the mails."""
    assert read_settings(Given(database=database), environment).mail_folder == Path(folder)


def test_mails_of_a_server_lie_among_the_data_of_this_account(
    environment: dict[str, str],
) -> None:
    """A PostgreSQL database has no folder."""
    chosen = read_settings(Given(database="postgresql://host/name"), environment)
    assert chosen.mail_folder.name == "mails"
    assert "host" not in str(chosen.mail_folder)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("unknown = 1", "unknown"),
        ("hold_back = -1", "hold_back"),
        ("hold_back = true", "hold_back"),
        ('hold_back = "soon"', "hold_back"),
        ('lang = "fr"', "lang"),
        ("database = 3", "database"),
        ('closing_days = "2027-05-07"', "closing_days"),
        ('closing_days = ["7 mei"]', "closing_days"),
        ("closing_days = [2027-05-07T10:00:00]", "closing_days"),
        ("lang = ", "settings.toml"),
    ],
)
def test_what_does_not_fit_is_named(
    file: Path, environment: dict[str, str], text: str, named: str
) -> None:
    """File and key, so that the reader knows where to look."""
    file.write_text(text)
    with pytest.raises(BadInput) as refused:
        read_settings(Given(), environment)
    assert named in str(refused.value)
    assert str(file) in str(refused.value)


def test_closing_days_are_dates_or_their_text(file: Path, environment: dict[str, str]) -> None:
    """TOML has dates of its own."""
    file.write_text('closing_days = ["2027-05-07", 2027-05-28]')
    days = read_settings(Given(), environment).closing_days
    assert sorted(day.isoformat() for day in days) == ["2027-05-07", "2027-05-28"]


def test_a_wrong_variable_is_named(environment: dict[str, str]) -> None:
    """The environment is checked like the file."""
    environment["TRAJECT_HOLD_BACK"] = "soon"
    with pytest.raises(BadInput, match="TRAJECT_HOLD_BACK"):
        read_settings(Given(), environment)


def test_the_password_does_not_show_in_a_repr(environment: dict[str, str]) -> None:
    """A debugger's print must not leak it."""
    environment["TRAJECT_SMTP_URL"] = "smtps://an:geheim@mail.example.org"
    assert "geheim" not in repr(read_settings(Given(), environment))


def test_the_early_language_survives_a_broken_file(file: Path, environment: dict[str, str]) -> None:
    """The error about the file must be told in some language."""
    file.write_text("lang = ")
    assert early_language([], environment) == "nl"
    assert early_language(["--lang", "en"], environment) == "en"
    assert early_language(["--lang=xx"], {**environment, "TRAJECT_LANG": "en"}) == "en"


@pytest.mark.parametrize(("text", "plain"), [("true", True), ("FALSE", False), ("1", True)])
def test_plain_screens_are_asked_for_by_option_environment_or_file(
    file: Path, environment: dict[str, str], text: str, plain: bool
) -> None:
    """Who has a screen reader sets it once."""
    assert read_settings(Given(), environment).plain is False
    assert read_settings(Given(plain=True), environment).plain is True
    file.write_text(f"plain = {str(plain).lower()}")
    assert read_settings(Given(), environment).plain is plain
    assert read_settings(Given(), {**environment, "TRAJECT_PLAIN": text}).plain is plain
    with pytest.raises(BadInput, match="TRAJECT_PLAIN"):
        read_settings(Given(), {**environment, "TRAJECT_PLAIN": "maybe"})


def test_a_value_that_may_hold_a_password_is_not_repeated(
    file: Path, environment: dict[str, str]
) -> None:
    """It is refused by its name, in whatever form it was written."""
    file.write_text('smtp_url = ["smtps://an:geheim@h"]\n')
    with pytest.raises(BadInput) as refused:
        read_settings(Given(), environment)
    assert refused.value.sentence.values["value"] == "***"


def test_settings_that_cannot_be_written_leave_nothing_behind(tmp_path: Path) -> None:
    """A draft would keep the password where nobody looks for it."""
    (tmp_path / "settings.toml").mkdir()  # which no file can take the place of
    with pytest.raises(OSError, match="directory"):
        write(tmp_path / "settings.toml", 'smtp_url = "smtps://an:geheim@h"\n')
    with pytest.raises(UnicodeEncodeError):
        write(tmp_path / "other.toml", "\ud800")
    assert [one.name for one in tmp_path.iterdir()] == ["settings.toml"]
