"""Addresses of databases and mail servers without what must not be shown or written down."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit


def without_password(url: str) -> str:
    """Return a URL with its password blotted out, for people to read."""
    password = password_in(url)
    hidden = url.replace(f":{password}@", ":***@", 1) if password else url
    return re.sub(r"(password=)[^&]*", r"\1***", hidden)


def stripped(url: str) -> str:
    """Return a URL without its password, for a program to use that finds it elsewhere."""
    if password_in(url) is None and "password" not in url:
        return url
    parts = urlsplit(url)
    user, _, _ = parts.netloc.rpartition("@")[0].partition(":")
    host = parts.netloc.rpartition("@")[2]
    kept = [(k, v) for k, v in parse_qsl(parts.query) if "password" not in k]
    place = f"{user}@{host}" if user else host
    return urlunsplit(parts._replace(netloc=place, query=urlencode(kept)))


def password_in(url: str) -> str | None:
    """Return the password before the host of a URL, as it is written there; None without one."""
    try:
        return urlsplit(url).password
    except ValueError:
        return None


def file_of(database: str) -> Path | None:
    """Return the file of a SQLite database, absolute; None for a database server."""
    scheme, found, rest = database.partition("://")
    if not found:
        return Path(database).expanduser().absolute()
    if scheme != "sqlite":
        return None
    path = unquote(rest.partition("?")[0])
    return Path(path.removeprefix("/")).expanduser().absolute()
