"""The difference between two states of a projection, written on both databases."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from engine.store.database import Database
from engine.store.differences import write_difference
from engine.store.tables import municipalities
from tests.drivers import watching

DAY = date(2027, 3, 1)


def member(nis: str, rank: int, left_on: date | None = None) -> dict[str, Any]:
    """Return a row of the municipalities."""
    return {
        "trajectory": "t", "nis": nis, "rank": rank, "joined_on": DAY, "left_on": left_on
    }  # fmt: skip


def test_rows_are_added_changed_and_removed(database: Database) -> None:
    """What stands there afterwards is the new state."""
    first, second, third = (member(nis, rank) for rank, nis in enumerate("123"))
    left = {**second, "left_on": DAY}
    with database.writing() as connection:
        write_difference(connection, municipalities, [first, second])
        write_difference(connection, municipalities, [third], [(second, left)], [first])
        rows = connection.execute(select(municipalities).order_by(municipalities.c.nis)).mappings()
        assert [dict(row) for row in rows] == [left, third]


def test_an_update_touches_only_the_columns_that_differ(sqlite_database: Database) -> None:
    """And rows that do not differ are not written at all."""
    said: list[str] = []
    sqlite_database.close()
    rows = [member(nis, rank) for rank, nis in enumerate("12")]
    watched = watching(lambda when, sql, *_: said.append(sql) if when == "before" else None)
    with watched, sqlite_database.writing() as connection:
        write_difference(connection, municipalities, rows)
        said.clear()
        moved = {**rows[1], "rank": 5}
        write_difference(connection, municipalities, [], [(rows[0], rows[0]), (rows[1], moved)])
    updates = [sql.split("WHERE")[0].strip() for sql in said if sql.startswith("UPDATE")]
    assert updates == ["UPDATE municipalities SET rank=?"]
