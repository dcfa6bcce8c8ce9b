"""Reads the settings file and checks each value in it; nothing here knows what it is used for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from engine.domain.errors import BadInput
from engine.domain.words import LANGUAGES, N_

LISTS = frozenset({"checkpoint_to", "closing_days"})  # several values, typed with commas
SECRET = frozenset({"database", "smtp_url"})  # may hold a password, in whatever form
UNREADABLE = N_("the settings file {file} cannot be read: {reason}")


def read_file(file: Path) -> dict[str, Any]:
    """Return what the settings file holds, every value in its checked form.

    Raises: BadInput with the file and the key.
    """
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (UnicodeDecodeError, OSError) as error:
        raise BadInput(UNREADABLE, file=str(file), reason=str(error)) from None
    return checked_text(text, file)


def checked_text(text: str, file: Path) -> dict[str, Any]:
    """Return what the text of a settings file holds, checked. Raises: BadInput."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(UNREADABLE, file=str(file), reason=str(error)) from None
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
            value="***" if key in SECRET else _shown(value),
            expected=EXPECTED[key],
        ) from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _shown(value: Any) -> str:
    """Return a value as a message may show it."""
    from engine.domain.lint import clean

    return clean(str(value))


def _sender(value: Any) -> str:
    """Return the one address that may stand in From; empty where there is none."""
    from engine.domain.addresses import address

    return _fitting(address, value) if value else ""


def _organisation(value: Any) -> str:
    """Return a name that may stand in a mail header."""
    from engine.domain.addresses import safe

    return _fitting(safe, value)


def _fitting(rule: Callable[[str], str], value: Any) -> str:
    """Return what a rule for headers makes of a text."""
    try:
        return rule(_text(value))
    except BadInput as error:
        raise ValueError from error


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


def _flag(value: Any) -> bool:
    words = {"true": True, "1": True, "false": False, "0": False}
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    if not isinstance(value, bool):
        raise TypeError
    return value


def _count(value: Any) -> int:
    if isinstance(value, str):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 100_000:
        raise ValueError
    return value


def _months(value: Any) -> int:
    """Return a number of months; 0 is no term at all."""
    if isinstance(value, str):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1200:
        raise ValueError
    return value


def _days(value: Any) -> frozenset[date]:
    if not isinstance(value, list):
        raise TypeError
    return frozenset(day if type(day) is date else date.fromisoformat(_text(day)) for day in value)


def _addresses(value: Any) -> tuple[str, ...]:
    """Return bare addresses, each once."""
    from engine.domain.addresses import address

    if not isinstance(value, list | tuple):
        raise TypeError
    return tuple(dict.fromkeys(_fitting(address, one) for one in value))


def _day(value: Any) -> date:
    return value if type(value) is date else date.fromisoformat(_text(value))


def _identifier(value: Any) -> str:
    """Return a name or number of Microsoft's, which becomes part of an address on the web."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}", _text(value)):
        raise ValueError
    return str(value)


def _https(value: Any) -> str:
    if not re.fullmatch(r"https://[A-Za-z0-9.-]+(:\d{1,5})?/?", _text(value)):
        raise ValueError
    return str(value)


KEYS: dict[str, Callable[[Any], Any]] = {
    "database": _text,
    "lang": _language,
    "smtp_url": _text,
    "smtp_ca": _text,
    "smtp_password_file": _text,
    "smtp_keyring": _text,
    "oauth_tenant": _identifier,
    "oauth_client": _identifier,
    "oauth_secret_file": _text,
    "oauth_certificate": _text,
    "oauth_tokens": _text,
    "oauth_authority": _https,
    "oauth_ends": _day,
    "hold_back": _minutes,
    "most_an_hour": _count,
    "most_a_day_each": _count,
    "most_at_once": _count,
    "digest": _flag,
    "weekly_account": _flag,
    "retention_months": _months,
    "mail_folder": _text,
    "organisation": _organisation,
    "sender": _sender,
    "checkpoint_to": _addresses,
    "closing_days": _days,
    "plain": _flag,
}
EXPECTED = {
    "database": "sqlite:///FILE | postgresql://HOST/NAME",
    "lang": "nl | en",
    "smtp_url": "smtp+starttls://USER@HOST:587",
    "smtp_ca": "FILE.pem",
    "smtp_password_file": "FILE",
    "smtp_keyring": "NAME",
    "oauth_tenant": "example.onmicrosoft.com | 00000000-0000-0000-0000-000000000000",
    "oauth_client": "00000000-0000-0000-0000-000000000000",
    "oauth_secret_file": "FILE",
    "oauth_certificate": "FILE.pem",
    "oauth_tokens": "FILE",
    "oauth_authority": "https://login.microsoftonline.com",
    "oauth_ends": "2028-05-07",
    "hold_back": "0 … 10080",
    "most_an_hour": "1 … 100000",
    "most_a_day_each": "1 … 100000",
    "most_at_once": "1 … 100000",
    "digest": "true | false",
    "weekly_account": "true | false",
    "retention_months": "0 … 1200",
    "mail_folder": "FOLDER",
    "organisation": 'TEXT (one line, without "=?")',
    "sender": "name@example.org",
    "checkpoint_to": '["auditor@example.org"]',
    "closing_days": '["2027-05-07"]',
    "plain": "true | false",
}
