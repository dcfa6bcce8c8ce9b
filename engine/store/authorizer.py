"""What SQLite may be asked by the connections of the daily commands: no change of the schema.

The triggers guard the history against statements; this guards the triggers. Whoever opens the
file with another program is not stopped by it: for that there are the witnesses.
"""

from __future__ import annotations

import sqlite3
from typing import Any

_ALLOW, _DENY = sqlite3.SQLITE_OK, sqlite3.SQLITE_DENY

# https://sqlite.org/c3ref/c_alter_table.html: create and drop of everything, temporary ones
# too (a temporary table would be taken for ours), attach and detach, reindex, analyse.
SCHEMA_CHANGES = frozenset({*range(1, 9), *range(10, 18), *range(24, 31)})
INSERT, DELETE, UPDATE = sqlite3.SQLITE_INSERT, sqlite3.SQLITE_DELETE, sqlite3.SQLITE_UPDATE

NO_DELETE = frozenset({"events", "details", "workflow_versions", "mails", "head"})
NO_INSERT = frozenset({"head"})
# Of these tables nothing changes but what is named; of the others everything may.
CHANGES = {
    "events": frozenset[str](),
    "workflow_versions": frozenset[str](),
    "details": frozenset({"salt", "value"}),
    "head": frozenset({"size", "frontier"}),
}
MAIL_FIXED = frozenset({"id", "key", "message_id", "sha256"})
NOT_OURS = ("sqlite_", "alembic_version")  # nobody writes there but a migration

# Pragmas that only tell something, although they have an argument; and one that only forbids.
TELLING = frozenset(
    {
        *("table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo"),
        *("foreign_key_list", "integrity_check", "quick_check", "query_only", "busy_timeout"),
    }
)
ACTING = frozenset({"optimize", "incremental_vacuum", "wal_checkpoint", "shrink_memory"})
FUNCTIONS = frozenset({"load_extension", "writefile", "readfile", "edit"})


def guard(connection: Any) -> None:
    """Let a connection of the driver refuse what no daily command asks."""
    connection.set_authorizer(verdict)


def lift(connection: Any) -> None:
    """Let a connection do everything, as a migration must."""
    connection.set_authorizer(None)


def verdict(
    action: int, first: str | None, second: str | None, _schema: str | None, _trigger: str | None
) -> int:
    """Return whether SQLite may do an action: as its authorizer is asked, and answers."""
    if action in SCHEMA_CHANGES:
        return _DENY
    if action in (INSERT, DELETE, UPDATE):
        return _ALLOW if _may_write(action, first or "", second or "") else _DENY
    if action == sqlite3.SQLITE_PRAGMA:
        return _ALLOW if _may_ask(first or "", second) else _DENY
    if action == sqlite3.SQLITE_FUNCTION and second in FUNCTIONS:
        return _DENY
    return _ALLOW


def _may_write(action: int, table: str, column: str) -> bool:
    if table.startswith(NOT_OURS):
        return False
    if action == DELETE:
        return table not in NO_DELETE
    if action == INSERT:
        return table not in NO_INSERT
    if table == "mails":
        return column not in MAIL_FIXED
    return table not in CHANGES or column in CHANGES[table]


def _may_ask(pragma: str, argument: str | None) -> bool:
    name = pragma.casefold()
    return name in TELLING if argument else name not in ACTING
