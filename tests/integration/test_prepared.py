"""Tests of statements that run on the driver's own cursor."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.store.database import Database
from engine.store.prepared import Prepared
from engine.store.tables import heartbeat, municipalities

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

BEAT = Prepared(insert(heartbeat))
JOIN = Prepared(insert(municipalities), "trajectory", "nis", "rank", "joined_on")
LEAVE = Prepared(
    update(municipalities)
    .where(municipalities.c.nis == bindparam("who"))
    .values(left_on=bindparam("day"), rank=0)
)
MEMBERS = Prepared(
    select(municipalities.c.nis, municipalities.c.rank)
    .where(municipalities.c.trajectory == bindparam("which"))
    .order_by(municipalities.c.rank)
)
FORGET = Prepared(delete(municipalities).where(municipalities.c.left_on.is_not(None)))


def test_values_are_converted_as_core_converts_them(database: Database) -> None:
    """Instants and dates become what each database stores, and Core reads them back."""
    with database.writing() as connection:
        assert BEAT.run(connection, {"name": "tick", "at": NOON, "state": "{}"}) == 1
        row = connection.execute(select(heartbeat)).one()
    assert tuple(row) == ("tick", NOON, "{}")


def test_all_rows_are_written_in_order_and_counted(database: Database) -> None:
    """No rows, one row and many rows; then a change of some, and their removal."""
    day = date(2026, 11, 20)
    rows = [
        {"trajectory": "t", "nis": str(number), "rank": number, "joined_on": day}
        for number in range(1, 6)
    ]
    with database.writing() as connection:
        JOIN.run_all(connection, [])
        JOIN.run_all(connection, rows[:1])
        JOIN.run_all(connection, rows[1:])
        assert [tuple(one) for one in MEMBERS.all(connection, {"which": "t"})][:2] == [
            ("1", 1),
            ("2", 2),
        ]
        assert LEAVE.run(connection, {"who": "5", "day": day}) == 1
        assert tuple(MEMBERS.first(connection, {"which": "t"})) == ("5", 0)
        assert (
            connection.execute(
                select(municipalities.c.left_on).where(municipalities.c.nis == "5")
            ).scalar()
            == day
        )
        assert FORGET.run(connection) == 1
        assert MEMBERS.first(connection, {"which": "none"}) is None
        assert len(MEMBERS.all(connection, {"which": "t"})) == 4


def test_errors_are_of_cores_family_and_name_no_values(database: Database) -> None:
    """Whoever catches a broken constraint need not know how the statement ran."""
    beat = {"name": "geheim", "at": NOON, "state": "{}"}
    with pytest.raises(IntegrityError) as caught, database.writing() as connection:
        BEAT.run(connection, beat)
        BEAT.run(connection, beat)
    assert "{}" not in str(caught.value.statement) + str(caught.value.params)
    with database.reading() as connection:
        assert connection.execute(select(heartbeat)).all() == []


def test_rows_come_back_as_the_columns_values(database: Database) -> None:
    """Instants, dates and nothing are read as Core reads them."""
    beats = Prepared(select(heartbeat.c.name, heartbeat.c.at))
    days = Prepared(select(municipalities.c.joined_on, municipalities.c.left_on))
    day = date(2026, 11, 20)
    with database.writing() as connection:
        BEAT.run(connection, {"name": "tick", "at": NOON, "state": "{}"})
        JOIN.run(connection, {"trajectory": "t", "nis": "1", "rank": 1, "joined_on": day})
        assert beats.all(connection) == [("tick", NOON)]
        assert days.first(connection) == (day, None)
