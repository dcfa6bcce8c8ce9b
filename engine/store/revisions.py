"""Which schema this program expects, and what it says about another one.

Alembic is not imported here: it costs half a second, and every command asks this question.
"""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from engine.domain.errors import NotFound, TrajectError
from engine.domain.words import N_
from engine.store.faults import missing_table

REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
)  # in order; a test holds them against the migration scripts
HEAD = REVISIONS[-1]

NO_DATABASE = N_("There is no database yet at {where}. Make one with: traject init")
OLDER = N_(
    "The database {where} was made by an older version of traject ({found}). "
    "Bring it up to date with: traject upgrade"
)
NEWER = N_(
    "The database {where} was made by a newer version of traject ({found}). "
    "Install that version to go on."
)

_FOUND = text("SELECT version_num FROM alembic_version")


def revision(connection: Connection) -> str | None:
    """Return the revision of the schema, or None where there are no tables of ours yet.

    Ask it first in a transaction: on PostgreSQL the failed question ends the transaction.
    """
    try:
        return connection.execute(_FOUND).scalar()
    except DBAPIError as error:
        if missing_table(error):
            return None
        raise


def require_head(found: str | None, where: str, known: tuple[str, ...] = REVISIONS) -> None:
    """Refuse a database without tables, with a pending migration, or newer than the program."""
    if found is None:
        raise NotFound(NO_DATABASE, where=where)
    refuse_newer(found, where, known)
    if found != known[-1]:
        raise TrajectError(OLDER, where=where, found=found)


def require_known(found: str | None, where: str) -> None:
    """Refuse a database without tables or newer than the program; an older one will do."""
    if found is None:
        raise NotFound(NO_DATABASE, where=where)
    refuse_newer(found, where)


def refuse_newer(found: str | None, where: str, known: tuple[str, ...] = REVISIONS) -> None:
    """Refuse a revision that this program does not know."""
    if found is not None and found not in known:
        raise TrajectError(NEWER, where=where, found=found)
