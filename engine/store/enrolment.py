"""Whether an account may use a database at all: one light question before every command.

It names its table itself, for the reason that `engine.store.queries` gives.
"""

from __future__ import annotations

import json

from sqlalchemy import Connection, bindparam, column, func, select, table, text

ACCOUNTS = "accounts"  # the heartbeat that says which account is the same person's as another
ACTORS = table("actors", column("account"), column("role"), column("active"))
_ROLE = select(ACTORS.c.role).where(
    ACTORS.c.account == bindparam("account"), ACTORS.c.active == bindparam("active")
)
_SAME = text("SELECT state FROM heartbeat WHERE name = 'accounts'")
_COUNT = select(func.count()).select_from(ACTORS)


def role_of(connection: Connection, account: str) -> str | None:
    """Return the role of the active actor with an account, None where there is none."""
    for own in (account, also_known(connection, account)):
        found = connection.execute(_ROLE, {"account": own, "active": True}).scalar()
        if found is not None:
            return str(found)
    return None


def also_known(connection: Connection, account: str) -> str | None:
    """Return by which account a log that came from elsewhere knows this one; None: by no other."""
    return same_accounts(connection).get(account)


def same_accounts(connection: Connection) -> dict[str, str]:
    """Return the accounts under which people work in a log that came from elsewhere."""
    found = connection.execute(_SAME).scalar()
    return {} if found is None else dict(json.loads(found))


def anybody(connection: Connection) -> bool:
    """Tell whether anybody was ever enrolled."""
    return bool(connection.execute(_COUNT).scalar())
