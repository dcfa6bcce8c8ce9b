"""Whether an account may use a database at all: one light question before every command.

It names its table itself, for the reason that `engine.store.queries` gives.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, column, func, select, table

ACTORS = table("actors", column("account"), column("role"), column("active"))
_ROLE = select(ACTORS.c.role).where(
    ACTORS.c.account == bindparam("account"), ACTORS.c.active == bindparam("active")
)
_COUNT = select(func.count()).select_from(ACTORS)


def role_of(connection: Connection, account: str) -> str | None:
    """Return the role of the active actor with an account, None where there is none."""
    found = connection.execute(_ROLE, {"account": account, "active": True}).scalar()
    return None if found is None else str(found)


def anybody(connection: Connection) -> bool:
    """Tell whether anybody was ever enrolled."""
    return bool(connection.execute(_COUNT).scalar())
