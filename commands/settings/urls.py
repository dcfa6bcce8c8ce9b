"""Addresses of databases and mail servers without what must not be shown or written down.

They are not read as a parser of URLs reads them: one that meets a `/`, `#` or `?` in a
password sees no password at all. What cannot be told apart is hidden as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, unquote_plus

from engine.domain.errors import BadInput
from engine.domain.words import N_

HIDDEN = "***"
SECRETS = ("password", "passwd", "pwd", "secret", "token")
# What may be seen of a query: the words of PostgreSQL that hold no secret. What else stands
# there may be the rest of a password with an ampersand in it.
PLAIN = frozenset(
    {
        *("application_name", "channel_binding", "client_encoding", "connect_timeout", "dbname"),
        *("gssencmode", "host", "hostaddr", "krbsrvname", "load_balance_hosts", "options"),
        *("passfile", "port", "require_auth", "service", "sslcert", "sslcrl", "sslcrldir"),
        *("sslkey", "sslmode", "sslnegotiation", "sslrootcert", "target_session_attrs", "user"),
        *("keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval"),
    }
)
UNCLEAR = N_(
    "this address cannot be written without its password, as it is not clear where that ends: "
    "write special characters in the password as %XX (a @ as %40)"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_PATH = re.compile(r"[/~.]|\\\\|[A-Za-z]:[\\/]")  # how a path begins that is no URL


@dataclass(frozen=True, slots=True)
class _Address:
    """The pieces of an address; the account ends at the last @, its user at the first colon."""

    scheme: str  # with its `://`
    user: str | None
    password: str | None
    place: str  # host, port, path
    query: tuple[str, ...]  # name=value
    clear: bool  # the account is surely one, and no query with a password that holds a @

    def written(self, password: str, query: Iterable[str]) -> str:
        """Return the address with something else for the password and the query."""
        account = "" if self.user is None else f"{self.user}{password}@"
        kept = "&".join(query)
        return f"{self.scheme}{account}{self.place}{'?' if kept else ''}{kept}"


def without_password(url: str) -> str:
    """Return an address with its password blotted out, for people to read."""
    if _names_file(url):
        return url
    address = _pieces(url)
    if not address.clear:
        return f"{address.scheme}{HIDDEN}"
    password = "" if address.password is None else f":{HIDDEN}"
    return address.written(password, map(_shown, address.query))


def stripped(url: str) -> str:
    """Return an address without its password, for a program to use that finds it elsewhere.

    Raises: BadInput where it is not clear what the password is.
    """
    if _names_file(url):
        return url
    address = _pieces(url)
    if not address.clear or "@" in f"{address.user}{address.password}":
        raise BadInput(UNCLEAR)
    return address.written("", [one for one in address.query if _name(one) in PLAIN])


def password_in(url: str) -> str | None:
    """Return the password before the host of an address, as it is written there; or None."""
    return None if _names_file(url) else _pieces(url).password


def holds_account(url: str) -> bool:
    """Tell whether an address holds a user or a password, also one that cannot be understood."""
    return "@" in url or any(word in unquote(url).casefold() for word in SECRETS)


def file_of(database: str) -> Path | None:
    """Return the file of a SQLite database, absolute; None for a database server."""
    scheme, found, rest = database.partition("://")
    if not found:
        return Path(database).expanduser().absolute()
    if scheme != "sqlite":
        return None
    path = unquote(rest.partition("?")[0])
    return Path(path.removeprefix("/")).expanduser().absolute()


def _names_file(url: str) -> bool:
    """Tell whether this is the path of a file or its URL, in which a @ and a colon are letters."""
    if _PATH.match(url) or url.startswith("sqlite:///"):
        return True
    return "://" not in url and ":" not in url.rpartition("@")[0]


def _pieces(url: str) -> _Address:
    scheme, found, rest = url.partition("://")
    if not _SCHEME.fullmatch(scheme):
        scheme, found, rest = "", "", url
    account, at, place = rest.rpartition("@")
    user, colon, password = account.partition(":")
    query = place.partition("?")[2]
    asks = re.search(r"\?.*=", account, re.DOTALL)
    return _Address(
        scheme + found,
        user if at else None,
        password if colon else None,
        place.partition("?")[0],
        tuple(query.split("&")) if query else (),
        clear=not asks and (bool(colon) or not re.search(r"[/?#@]", user)),
    )


def _name(parameter: str) -> str:
    return unquote_plus(parameter.partition("=")[0])


def _shown(parameter: str) -> str:
    """Return a parameter of a query as people may see it."""
    name, _, _ = parameter.partition("=")
    if _name(parameter) in PLAIN:
        return parameter
    secret = any(word in _name(parameter).casefold() for word in SECRETS)
    return f"{name}={HIDDEN}" if secret and "=" in parameter else HIDDEN
