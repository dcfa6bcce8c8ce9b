"""The settings: the settings file with the environment above it and the options on top."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from engine.domain.errors import BadInput
from engine.domain.words import LANGUAGES, N_

OPTION, ENVIRONMENT, FILE, LOCALE, DEFAULT = "option", "environment", "file", "locale", "default"


@dataclass(slots=True)
class Given:
    """The global options as they were typed, before or after the command."""

    database: str | None = None
    lang: str | None = None
    now: str | None = None
    debug: bool = False
    json: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for this run; `origins` tells for each name where its value came from."""

    file: Path
    database: str
    lang: str
    smtp_url: str | None = field(repr=False)
    smtp_ca: Path | None
    hold_back: int  # minutes
    mail_folder: Path
    organisation: str
    sender: str
    closing_days: frozenset[date]
    origins: Mapping[str, str]


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
        hold_back=_whole(read.choose("hold_back"), 30),
        mail_folder=_path(folder) or _beside(database),
        organisation=read.choose("organisation") or "",
        sender=read.choose("sender") or "",
        closing_days=read.choose("closing_days") or frozenset(),
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


def read_file(file: Path) -> dict[str, Any]:
    """Return what the settings file holds, every value in its checked form.

    Raises: BadInput with the file and the key.
    """
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadInput(
            N_("the settings file {file} cannot be read: {reason}"),
            file=str(file),
            reason=str(error),
        ) from None
    for key in data:
        if key not in KEYS:
            raise BadInput(
                N_("{file} has an unknown key {key}; known are {possible}"),
                file=str(file),
                key=key,
                possible=tuple(KEYS),
            )
    return {key: checked(key, value, str(file)) for key, value in data.items()}


def checked(key: str, value: Any, where: str) -> Any:
    """Return a value in the form that its key asks for. Raises: BadInput."""
    try:
        return KEYS[key](value)
    except (ValueError, TypeError):
        raise BadInput(
            N_("{where}: {key} cannot be {value}; it is {expected}"),
            where=where,
            key=key,
            value=str(value),
            expected=EXPECTED[key],
        ) from None


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


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _language(value: Any) -> str:
    if value not in LANGUAGES:
        raise ValueError
    return str(value)


def _minutes(value: Any) -> int:
    if isinstance(value, str):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 10_080:
        raise ValueError
    return value


def _days(value: Any) -> frozenset[date]:
    if not isinstance(value, list):
        raise TypeError
    return frozenset(day if type(day) is date else date.fromisoformat(_text(day)) for day in value)


KEYS: dict[str, Callable[[Any], Any]] = {
    "database": _text,
    "lang": _language,
    "smtp_url": _text,
    "smtp_ca": _text,
    "hold_back": _minutes,
    "mail_folder": _text,
    "organisation": _text,
    "sender": _text,
    "closing_days": _days,
}
FROM_ENVIRONMENT = frozenset(KEYS) - {"organisation", "sender", "closing_days"}
EXPECTED = {
    "database": "sqlite:///FILE | postgresql://HOST/NAME",
    "lang": "nl | en",
    "smtp_url": "smtp+starttls://USER:PASSWORD@HOST:587",
    "smtp_ca": "FILE.pem",
    "hold_back": "0 … 10080",
    "mail_folder": "FOLDER",
    "organisation": "TEXT",
    "sender": "name@example.org",
    "closing_days": '["2027-05-07"]',
}
