"""Dumps of a PostgreSQL database: made by its own tools, read back without a server."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import (
    URL,
    Boolean,
    Connection,
    Date,
    Integer,
    LargeBinary,
    Table,
    insert,
)

from engine.domain.errors import Refused, TrajectError
from engine.domain.words import N_
from engine.store import tables as t
from engine.store.addresses import SECRETS
from engine.store.trigger_texts import POSTGRES_TRIGGERS

MAGIC = b"PGDMP"
DUMP, RESTORE = "pg_dump", "pg_restore"
PACKAGE = "postgresql-client"  # on Debian and Ubuntu
ROWS = 1000

NO_TOOL = N_(
    "{tool} is needed for a back-up of PostgreSQL, and is not there. On Debian and Ubuntu it is in "
    "the package {package}; it must be at least as new as the server."
)
FAILED = N_("{tool} did not succeed: {reason}")

_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_TABLES = {table.name: table for table in t.metadata.sorted_tables}


def dump(url: URL, schema: str, target: Path) -> None:
    """Write a schema into a file that is there already, in PostgreSQL's own archive format."""
    quoted = '"' + schema.replace('"', '""') + '"'
    words = ["--format=custom", f"--schema={quoted}", "--no-password", "--encoding=UTF8"]
    command = [tool(DUMP), *words, f"--file={target}", f"--dbname={conninfo(url)}"]
    done = subprocess.run(  # noqa: S603 (no shell reads it)
        command, env=_environment(url), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise TrajectError(FAILED, tool=DUMP, reason=_reason(done.stderr))


def triggers_in(file: Path) -> frozenset[str]:
    """Return which of our triggers a dump holds."""
    with _restored(file, "--list") as lines:
        found = [line.split() for line in lines]
    return frozenset(
        name for words in found for name in words[4:] if "TRIGGER" in words[:5]
    ) & frozenset(POSTGRES_TRIGGERS)


def revision_in(file: Path) -> str | None:
    """Return the revision of the tables in a dump; None where there are none of ours."""
    with _restored(file, "--data-only", "--table=alembic_version") as lines:
        found = [line for _, _, rows in _copies(lines) for line in rows]
    return found[0] if found else None


def load(file: Path, target: Connection) -> None:
    """Put all rows of a dump into tables of the same revision, which nothing guards yet."""
    with _restored(file, "--data-only") as lines:
        for name, columns, rows in _copies(lines):
            table = _TABLES.get(name)
            if table is None:
                for _ in rows:
                    pass
                continue
            if table is t.head:
                target.execute(t.head.delete())
            _fill(target, table, columns, rows)


def tool(name: str) -> str:
    """Return where a tool of PostgreSQL is. Raises: Refused, with the package that holds it."""
    found = shutil.which(name)
    if found is None:
        raise Refused(NO_TOOL, tool=name, package=PACKAGE)
    return found


def conninfo(url: URL) -> str:
    """Return the words by which the tools find a database: no password among them."""
    given = {
        name: ",".join(values)
        for name, values in url.normalized_query.items()
        if not any(word in name.casefold() for word in SECRETS)
    }
    # What the dump holds does not depend on the settings of a login.
    given["options"] = f"{given.get('options', '')} -c bytea_output=hex -c timezone=UTC".strip()
    named = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database}
    words = {**{name: value for name, value in named.items() if value is not None}, **given}
    return " ".join(f"{name}='{_escaped(str(value))}'" for name, value in words.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def _environment(url: URL) -> dict[str, str]:
    """Return the environment of a tool; only its own account can read it."""
    password = {} if url.password is None else {"PGPASSWORD": str(url.password)}
    return {**_undisclosed(), "LC_ALL": "C", **password}


def _undisclosed() -> dict[str, str]:
    """Return our environment as another program may know it: without our settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TRAJECT_")}


def _reason(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[0] if lines else "?"


@contextmanager
def _restored(file: Path, *words: str) -> Iterator[Iterator[str]]:
    """Yield the lines that pg_restore makes of a dump. Raises: TrajectError when it fails."""
    output = () if "--list" in words else ("--file=-",)
    process = subprocess.Popen(  # noqa: S603 (no shell reads it)
        [tool(RESTORE), *words, *output, str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**_undisclosed(), "LC_ALL": "C"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        yield (line.removesuffix("\n") for line in process.stdout)
        process.stdout.close()
        _require_success(process, process.stderr)
    finally:
        process.kill()
        process.wait()


def _require_success(process: subprocess.Popen[str], errors: IO[str]) -> None:
    said = errors.read()
    if process.wait():
        raise TrajectError(FAILED, tool=RESTORE, reason=_reason(said))


def _copies(lines: Iterator[str]) -> Iterator[tuple[str, list[str], Iterator[str]]]:
    """Yield each table of a dump: its name, its columns, its rows as they stand there."""
    for line in lines:
        if line.startswith("COPY ") and line.endswith(" FROM stdin;"):
            where, _, rest = line.removeprefix("COPY ").partition(" (")
            name = where.rpartition(".")[2].strip('"')
            columns = rest.removesuffix(") FROM stdin;").split(", ")
            rows = iter(lambda: next(lines, "\\."), "\\.")
            yield name, [column.strip('"') for column in columns], rows


def _fill(target: Connection, table: Table, columns: Sequence[str], rows: Iterator[str]) -> None:
    kinds = [table.c[name].type for name in columns]
    batch: list[dict[str, Any]] = []
    for row in rows:
        values = map(_value, row.split("\t"), kinds)
        batch.append(dict(zip(columns, values, strict=True)))
        if len(batch) == ROWS:
            target.execute(insert(table), batch)
            batch = []
    if batch:
        target.execute(insert(table), batch)


def _value(text: str, kind: Any) -> Any:
    """Return the value that a field of COPY stands for."""
    if text == "\\N":
        return None
    plain = _unescaped(text) if "\\" in text else text
    if isinstance(kind, LargeBinary):
        return bytes.fromhex(plain.removeprefix("\\x"))
    if isinstance(kind, t.Instant):
        return datetime.fromisoformat(plain)
    if isinstance(kind, Boolean):
        return plain == "t"
    if isinstance(kind, Integer):
        return int(plain)
    return date.fromisoformat(plain) if isinstance(kind, Date) else plain


def _unescaped(text: str) -> str:
    parts = iter(text.split("\\"))
    plain = [next(parts)]
    for part in parts:
        if part:
            plain.append(_ESCAPES.get(part[0], part[0]) + part[1:])
        else:  # a backslash of its own: what follows it is plain
            plain.append("\\" + next(parts, ""))
    return "".join(plain)
