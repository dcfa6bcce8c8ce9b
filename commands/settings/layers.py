"""The settings: the settings file with the environment above it and the options on top."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from commands.mailing.sign_in import SignIn, read_sign_in
from commands.settings.file import KEYS, LISTS, checked, read_file
from engine.domain.errors import BadInput
from engine.domain.words import LANGUAGES

FROM_ENVIRONMENT = frozenset(KEYS) - LISTS - {"organisation", "sender"}
OPTION, ENVIRONMENT, FILE, LOCALE, DEFAULT = "option", "environment", "file", "locale", "default"


@dataclass(slots=True)
class Given:
    """The global options as they were typed, before or after the command."""

    database: str | None = None
    lang: str | None = None
    now: str | None = None
    debug: bool = False
    json: bool = False
    plain: bool | None = None
    on_behalf_of: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for this run; `origins` tells for each name where its value came from."""

    file: Path
    database: str
    lang: str
    smtp_url: str | None = field(repr=False)
    smtp_ca: Path | None
    sign_in: SignIn
    hold_back: int  # minutes
    most_an_hour: int  # mails
    most_a_day_each: int  # mails to one address
    most_at_once: int  # mails of one round
    digest: bool  # a mail a working day to each coach, about all their trajectories
    weekly_account: bool  # a mail a week to each person, about what was done in their name
    retention_months: int  # a contact is due for review so long after the last role; 0: never
    mail_folder: Path
    organisation: str
    sender: str
    checkpoint_to: tuple[str, ...]  # addresses outside, which a checkpoint is mailed to
    closing_days: frozenset[date]
    plain: bool  # sentences, for a screen reader
    origins: Mapping[str, str]

    @property
    def owner(self) -> str:
        """Whose log it is: the sender's domain, else the organisation."""
        return self.sender.rpartition("@")[2] or self.organisation

    def value(self, key: str) -> Any:
        """Return the value of a key of the settings file."""
        return getattr(self.sign_in if hasattr(self.sign_in, key) else self, key)


def settings_file(environment: Mapping[str, str]) -> Path:
    """Return where the settings file is, or would be."""
    if named := environment.get("TRAJECT_SETTINGS"):
        return Path(named).expanduser()
    from platformdirs import user_config_dir

    return Path(user_config_dir("traject", appauthor=False)) / "settings.toml"


def read_settings(given: Given, environment: Mapping[str, str]) -> Settings:
    """Return the settings of this run.

    Raises: BadInput for a key that is unknown or a value that does not fit, naming both.
    """
    file = settings_file(environment)
    read = Reading(given, environment, file, read_file(file))
    database = read.choose("database") or str(data_folder() / "traject.db")
    folder = read.choose("mail_folder")
    return Settings(
        file=file,
        database=database,
        lang=read.choose("lang") or _locale(read),
        smtp_url=read.choose("smtp_url"),
        smtp_ca=_path(read.choose("smtp_ca")),
        sign_in=read_sign_in(read.choose, environment),
        hold_back=_whole(read.choose("hold_back"), 30),
        most_an_hour=_whole(read.choose("most_an_hour"), 200),
        most_a_day_each=_whole(read.choose("most_a_day_each"), 5),
        most_at_once=_whole(read.choose("most_at_once"), 50),
        digest=read.choose("digest") is not False,
        weekly_account=read.choose("weekly_account") is not False,
        retention_months=_whole(read.choose("retention_months"), 0),
        mail_folder=_path(folder) or _beside(database),
        organisation=read.choose("organisation") or "",
        sender=read.choose("sender") or "",
        checkpoint_to=read.choose("checkpoint_to") or (),
        closing_days=read.choose("closing_days") or frozenset(),
        plain=bool(read.choose("plain")),
        origins=read.origins,
    )


def early_language(arguments: list[str], environment: Mapping[str, str]) -> str:
    """Return the language to begin in, before anything is checked; faults are told later."""
    typed = [a for i, a in enumerate(arguments) if i and arguments[i - 1] == "--lang"]
    typed += [a.partition("=")[2] for a in arguments if a.startswith("--lang=")]
    try:
        stored = read_file(settings_file(environment)).get("lang")
    except BadInput:
        stored = None
    wanted = (*typed, environment.get("TRAJECT_LANG"), stored, locale_language(environment))
    return next((lang for lang in wanted if lang in LANGUAGES), "nl")


class Reading:
    """Chooses each value by its precedence and remembers where it came from."""

    def __init__(
        self, given: Given, environment: Mapping[str, str], file: Path, stored: Mapping[str, Any]
    ) -> None:
        self.environment = environment
        self.origins: dict[str, str] = {}
        self._given = given
        self._stored = stored

    def choose(self, key: str) -> Any:
        """Return the value of a key, None where nobody gave one."""
        variable = f"TRAJECT_{key.upper()}"
        option = getattr(self._given, key, None)
        if option is not None:
            self.origins[key] = OPTION
            return checked(key, option, f"--{key}")
        if self.environment.get(variable) and key in FROM_ENVIRONMENT:
            self.origins[key] = ENVIRONMENT
            return checked(key, self.environment[variable], variable)
        self.origins[key] = FILE if key in self._stored else DEFAULT
        return self._stored.get(key)


def _locale(read: Reading) -> str:
    found = locale_language(read.environment)
    read.origins["lang"] = LOCALE if found else DEFAULT
    return found or "nl"


def locale_language(environment: Mapping[str, str]) -> str | None:
    """Return the locale's language where it is one of ours."""
    names = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    name = next((name for name in names if name), None)
    if name is None and os.name == "nt":
        import locale

        name = locale.getlocale()[0]
    lang = (name or "").replace("Dutch", "nl").replace("English", "en")[:2].lower()
    return lang if lang in LANGUAGES else None


def data_folder() -> Path:
    """Return the platform's folder for data."""
    from platformdirs import user_data_dir

    return Path(user_data_dir("traject", appauthor=False))


def _beside(database: str) -> Path:
    """Return the folder of the mails: beside a SQLite file, else among the platform's data."""
    scheme, found, rest = database.partition("://")
    if not found:
        return Path(database).expanduser().absolute().parent / "mails"
    if scheme == "sqlite":
        return Path(rest.removeprefix("/")).expanduser().absolute().parent / "mails"
    return data_folder() / "mails"


def _path(value: str | None) -> Path | None:
    return Path(value).expanduser() if value else None


def _whole(value: int | None, default: int) -> int:
    return default if value is None else value
