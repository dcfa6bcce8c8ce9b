"""Trajectories as people name them: all 285 municipalities, the merged ones, numbers, prefixes."""

from __future__ import annotations

import csv
from datetime import date
from importlib.resources import files

import pytest
from sqlalchemy import insert

from engine.domain.errors import NotFound
from engine.language import words
from engine.register import form
from engine.store import tables as t
from engine.store.database import Database
from engine.store.naming import by_number, handles, meant

pytestmark = pytest.mark.above_the_store

COLUMNS = {
    "category": "opstarten", "workflow": "0" * 64, "requested_on": date(2026, 1, 1),
    "coach": 1, "seq": 1, "version": 1, "head": b"", "followed_up": "{}", "bookings": "[]",
    "snoozes": "[]",
}  # fmt: skip


def rows(file: str) -> list[dict[str, str]]:
    """Return the rows of a table that ships with traject."""
    with (files("engine") / "data" / file).open(encoding="utf-8") as text:
        return list(csv.DictReader(text))


PRESENT = {row["nis"]: row["name"] for row in rows("municipalities.csv")}
MERGED = [row for row in rows("mergers.csv") if row["old_name"] != row["new_name"]]
NIS = {name: nis for nis, name in PRESENT.items()}


def fill(database: Database, trajectories: list[tuple[str, str, list[str]]]) -> None:
    """Write trajectories as (reference, status, NIS codes)."""
    with database.writing() as connection:
        for ref, status, codes in trajectories:
            own = {"id": f"id-{ref}", "ref": ref, "status": status, **COLUMNS}
            connection.execute(insert(t.trajectories).values(own))
            for rank, nis in enumerate(codes):
                place = {"trajectory": own["id"], "nis": nis, "rank": rank}
                joined = {"joined_on": date(2026, 1, 1)}
                connection.execute(insert(t.municipalities).values(**place, **joined))


def refs(database: Database, typed: str) -> list[str]:
    """Return the references that words may mean."""
    with database.reading() as connection:
        return [one.ref for one in meant(connection, typed)]


def refused(database: Database, typed: str) -> str:
    """Return what is said about words that mean no trajectory."""
    with pytest.raises(NotFound) as refusal, database.reading() as connection:
        meant(connection, typed)
    return words("en").say(refusal.value.sentence)


@pytest.fixture
def everywhere(database: Database) -> dict[str, str]:
    """One open trajectory in each of the 285 municipalities; return the reference by name."""
    all_of_them = [(f"2026-{n:03d}", "active", [nis]) for n, nis in enumerate(PRESENT, start=1)]
    fill(database, all_of_them)
    return {PRESENT[codes[0]]: ref for ref, _, codes in all_of_them}


def test_every_municipality_is_found_by_its_name_however_it_is_written(
    database: Database, everywhere: dict[str, str]
) -> None:
    """As it stands, in small letters, with blanks, without hyphens; As is not Asse."""
    for name, ref in everywhere.items():
        for typed in {name, name.lower(), name.upper(), name.replace("-", " "), f" {name} "}:
            assert refs(database, typed) == [ref], typed


def test_a_merged_municipality_means_the_one_it_became_part_of(
    database: Database, everywhere: dict[str, str]
) -> None:
    """Melle and Merelbeke are Merelbeke-Melle now."""
    for row in MERGED:
        assert refs(database, row["old_name"]) == [everywhere[row["new_name"]]], row["old_name"]


def test_no_beginning_of_a_name_picks_a_wrong_one(
    database: Database, everywhere: dict[str, str]
) -> None:
    """A beginning gives all that begin so, or the one whose whole name it is."""
    ways = {ref: {form(name)} for name, ref in everywhere.items()}
    for row in MERGED:
        ways[everywhere[row["new_name"]]].add(form(row["old_name"]))
    wholes = {way for own in ways.values() for way in own}
    beginnings = {name[:n].lower() for name in everywhere for n in range(2, 6)}
    for typed in sorted(beginnings):
        wanted = form(typed)
        if len(wanted) < 2:
            continue
        whole = wanted in wholes
        begins = (wanted, form(typed, abbreviated=False))  # `st`: Staden and Sint-Niklaas
        expected = {
            ref
            for ref, own in ways.items()
            if (wanted in own if whole else any(way.startswith(begins) for way in own))
        }
        assert set(refs(database, typed)) == expected, typed


def test_what_is_printed_in_a_command_means_that_trajectory(
    database: Database, everywhere: dict[str, str]
) -> None:
    """In one word, without quotes."""
    with database.reading() as connection:
        known = handles(connection)
    assert set(known) == set(everywhere.values())
    for ref, handle in known.items():
        assert not set(handle) - set("abcdefghijklmnopqrstuvwxyz-"), handle
        assert refs(database, handle) == [ref]


def test_a_name_beats_the_beginning_of_another_even_where_it_has_no_trajectory(
    database: Database,
) -> None:
    """Whoever types Lier does not get Lierde."""
    fill(database, [("2026-001", "active", [NIS["Lierde"]])])
    assert refused(database, "lier") == ("there is no trajectory lier; did you mean lierde?")
    assert refs(database, "lierd") == ["2026-001"]
    assert refused(database, "Gent") == "Gent has no trajectory; see: traject list"


def test_open_beats_closed_and_a_lone_closed_one_is_found(database: Database) -> None:
    """The one that runs is meant; its predecessor goes by its number."""
    gent, lier = NIS["Gent"], NIS["Lier"]
    fill(
        database,
        [
            ("2026-001", "completed", [gent]),
            ("2027-001", "active", [gent]),
            ("2026-002", "stopped", [lier]),
        ],
    )
    assert refs(database, "gent") == ["2027-001"]
    assert refs(database, "lier") == ["2026-002"]
    assert refs(database, "1") == ["2027-001"]  # the one that runs
    assert refs(database, "2026-1") == ["2026-001"]
    with database.reading() as connection:
        assert handles(connection) == {"2027-001": "gent"}
        assert by_number(connection, "2026-001") == "2026-001"
        assert by_number(connection, "2026-002") == "002"
        assert by_number(connection, "2028-009") == "2028-009"


def test_several_that_may_be_meant_are_all_given(database: Database) -> None:
    """Two that run in one municipality, or two whose names begin alike."""
    gent, geel, melle = NIS["Gent"], NIS["Geel"], NIS["Merelbeke-Melle"]
    fill(
        database,
        [
            ("2026-001", "active", [gent, melle]),
            ("2026-002", "paused", [gent]),
            ("2026-003", "requested", [geel]),
        ],
    )
    assert refs(database, "gent") == ["2026-001", "2026-002"]
    assert refs(database, "ge") == ["2026-001", "2026-002", "2026-003"]
    assert refs(database, "melle") == ["2026-001"]
    with database.reading() as connection:
        assert handles(connection) == {"2026-001": "merelbeke-melle", "2026-003": "geel"}


def test_a_municipality_that_left_is_no_name_of_the_trajectory_any_more(
    database: Database,
) -> None:
    """It may start one of its own."""
    fill(database, [("2026-001", "active", [NIS["Gent"], NIS["Lier"]])])
    with database.writing() as connection:
        left = t.municipalities.update().where(t.municipalities.c.nis == NIS["Lier"])
        connection.execute(left.values(left_on=date(2026, 6, 1)))
    assert refused(database, "lier") == "lier has no trajectory; see: traject list"
    assert refs(database, "gent") == ["2026-001"]


def test_a_misspelt_name_is_told_what_looks_like_it(database: Database) -> None:
    """Among the names that are in use."""
    fill(database, [("2026-001", "active", [NIS["Gent"]])])
    assert refused(database, "gnet") == "there is no trajectory gnet; did you mean gent?"
    assert refused(database, "xyz") == "there is no trajectory xyz; see: traject list"
    assert refused(database, "g") == "there is no trajectory g; did you mean gent?"
    assert refused(database, "") == "there is no trajectory ; see: traject list"


def test_a_hyphen_at_the_end_says_that_more_is_to_come(database: Database) -> None:
    """Only Tielt-Winge begins with `tielt-`."""
    fill(
        database,
        [("2026-001", "active", [NIS["Tielt"]]), ("2026-002", "active", [NIS["Tielt-Winge"]])],
    )
    assert refs(database, "tielt-") == ["2026-002"]
    assert refs(database, "tielt") == ["2026-001"]
