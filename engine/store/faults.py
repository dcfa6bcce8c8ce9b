"""What a driver's error means to a person: try again, not allowed, damaged, or our own fault."""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError

from engine.domain.errors import LedgerBroken, Refused, TrajectError, TryAgain
from engine.domain.words import N_

LOCKED = N_(
    "The database is in use: another writer kept it locked. Nothing was changed; "
    "try again in a moment."
)
DISK_FULL = N_("The disk is full. Nothing was changed; make room and try again.")
DISK_FAULT = N_("The disk gave an error ({reason}). Nothing was changed; try again later.")
UNREACHABLE = N_(
    "The database {where} cannot be reached ({reason}). Nothing was changed; try again later."
)
LOST_WHILE_SAVING = N_(
    "The connection to the database was lost while it was saving. Look first whether it was "
    "saved, then try again."
)
TURNED_AWAY = N_(
    "The database server does not let us into {where}: {reason}. Nothing was changed; look at "
    "the login, the password and the name of the database, in --database or in the settings."
)
MAY_MAKE_NO_TABLES = N_(
    "The database {where} does not let this login make tables ({reason}). Let another login own "
    "them, with --owner-url URL, or let it grant CREATE on the schema."
)
NO_RIGHT = N_(
    "The database {where} does not let this login do that ({reason}). Who owns the tables gives "
    "each login what its work asks: traject roles --help"
)
NOT_ALLOWED = N_("The database {where} does not let this account do that ({reason}).")
CANNOT_OPEN = N_("The database {where} cannot be opened ({reason}). Is its folder readable?")
DAMAGED = N_("The database {where} is damaged ({reason}). Put a backup back.")
LACKS = N_(
    "The database {where} lacks something that traject needs ({reason}). What is missing, and what "
    "to do, is told by: traject verify"
)
NOT_OURS = N_("The file {where} is not a SQLite database.")

# https://sqlite.org/rescode.html, primary codes
SQLITE_FAULTS: dict[int, tuple[type[TrajectError], str]] = {
    5: (TryAgain, LOCKED),
    6: (TryAgain, LOCKED),
    8: (Refused, NOT_ALLOWED),
    10: (TryAgain, DISK_FAULT),
    11: (TrajectError, DAMAGED),
    13: (TryAgain, DISK_FULL),
    14: (TrajectError, CANNOT_OPEN),
    23: (Refused, NOT_ALLOWED),
    26: (TrajectError, NOT_OURS),
}

_NO_PART = re.compile(r"no such table|no such column|table \S+ has no column named")

# https://www.postgresql.org/docs/current/errcodes-appendix.html: whole code or class
POSTGRES_FAULTS: dict[str, tuple[type[TrajectError], str]] = {
    "40001": (TryAgain, LOCKED),  # serialization failure
    "40P01": (TryAgain, LOCKED),  # deadlock
    "55P03": (TryAgain, LOCKED),  # lock timeout
    "57014": (TryAgain, LOCKED),  # statement timeout
    "53100": (TryAgain, DISK_FULL),
    "42501": (Refused, NO_RIGHT),
    "42P01": (LedgerBroken, LACKS),  # no such table
    "42703": (LedgerBroken, LACKS),  # no such column
    "3F000": (Refused, MAY_MAKE_NO_TABLES),  # no schema to make them in
    "28": (TrajectError, TURNED_AWAY),
    "3D000": (TrajectError, TURNED_AWAY),
    "25006": (Refused, NOT_ALLOWED),  # a read-only server or transaction
    "08": (TryAgain, UNREACHABLE),
    "25P03": (TryAgain, UNREACHABLE),  # idle in transaction for too long
    "53": (TryAgain, UNREACHABLE),
    "57P": (TryAgain, UNREACHABLE),
    "58": (TryAgain, DISK_FAULT),
}

# The server answered, and trying again changes nothing; psycopg gives no code for these.
_TURNED_AWAY = re.compile(
    r'password|role "|database ".*" does not exist|authentication|pg_hba\.conf|not permitted'
    r"|permission denied"
)


def translated(error: DBAPIError, where: str, *, saving: bool = False) -> TrajectError | None:
    """Return the error in our family that says this to a person, or None for a fault of ours."""
    found = _sqlite_fault(error) or _postgres_fault(error)
    if found is None:
        return None
    family, template = found
    if saving and template == UNREACHABLE:
        template = LOST_WHILE_SAVING
    return family(template, where=where, reason=_reason(error))


def lost(error: BaseException) -> bool:
    """Return whether the connection is gone, so that a new one is worth a try."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def missing_table(error: DBAPIError) -> bool:
    """Return whether the statement named a table that does not exist."""
    state = getattr(error.orig, "sqlstate", None)
    return bool(state == "42P01" or str(error.orig).startswith("no such table"))


def _sqlite_fault(error: DBAPIError) -> tuple[type[TrajectError], str] | None:
    if str(error.orig).startswith("Could not decode to UTF-8"):  # the driver gives no code
        return LedgerBroken, DAMAGED
    if _NO_PART.match(str(error.orig)):  # its code says no more than that something is wrong
        return LedgerBroken, LACKS
    code = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else SQLITE_FAULTS.get(code & 0xFF)


def _postgres_fault(error: DBAPIError) -> tuple[type[TrajectError], str] | None:
    driver: object = error.orig
    if not hasattr(driver, "sqlstate"):
        return None
    state: str | None = driver.sqlstate
    if state is None:  # psycopg gives no code when the connection fails or breaks
        if "OperationalError" not in {kind.__name__ for kind in type(driver).__mro__}:
            return None
        return POSTGRES_FAULTS["28" if _TURNED_AWAY.search(str(driver)) else "08"]
    if state == "42501" and "for schema" in str(driver):
        return Refused, MAY_MAKE_NO_TABLES
    for length in (5, 3, 2):
        if state[:length] in POSTGRES_FAULTS:
            return POSTGRES_FAULTS[state[:length]]
    return None


def _reason(error: DBAPIError) -> str:
    lines = [line.strip() for line in str(error.orig).splitlines() if line.strip()]
    return lines[0] if lines else type(error.orig).__name__
