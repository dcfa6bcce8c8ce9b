"""The 285 municipalities and the merged ones, found by whatever a coach types."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from importlib.resources import files

import pytest

from engine.domain.errors import BadInput
from engine.municipalities import by_nis, find, names, split_names
from engine.register import Match


def rows(file: str) -> list[dict[str, str]]:
    """Return the rows of a table that ships with traject."""
    with (files("engine") / "data" / file).open(encoding="utf-8") as text:
        return list(csv.DictReader(text))


PRESENT = rows("municipalities.csv")
MERGERS = rows("mergers.csv")
NAMES = {row["name"] for row in PRESENT}


def found(words: str) -> list[str]:
    """Return the names that a line of words means."""
    return [match.municipality.name for match in split_names(words.split(" "))]


def test_the_list_is_that_of_2025() -> None:
    """285 municipalities in five provinces, 28 merged into 13."""
    assert Counter(row["province"] for row in PRESENT) == {
        "Antwerpen": 67,
        "Vlaams-Brabant": 63,
        "West-Vlaanderen": 62,
        "Oost-Vlaanderen": 55,
        "Limburg": 38,
    }
    assert len({row["nis"] for row in PRESENT}) == len(NAMES) == 285
    assert len(MERGERS) == 28
    assert len({row["new_nis"] for row in MERGERS}) == 13


@pytest.mark.parametrize("change", [str, str.upper, str.lower, lambda name: name.replace("-", " ")])
def test_every_municipality_is_found_by_its_name(change: type[str]) -> None:
    """In any case, with or without hyphens."""
    for row in PRESENT:
        match = find(change(row["name"]))
        assert (match.municipality.nis, match.via) == (row["nis"], None)


def test_every_municipality_is_found_by_its_code() -> None:
    """NIS codes may stand wherever a name may."""
    for row in PRESENT:
        assert find(row["nis"]).municipality.name == row["name"]
        assert by_nis(row["nis"]).province == row["province"]


def test_every_merged_name_leads_to_its_successor() -> None:
    """Names that live on are plain matches, the others say what they were."""
    for row in MERGERS:
        match = find(row["old_name"])
        assert match.municipality.nis == row["new_nis"]
        if row["old_name"] in NAMES:
            assert match.via is None
        else:
            assert (match.via, match.since) == (row["old_name"], date(2025, 1, 1))


def test_every_old_code_can_still_be_named() -> None:
    """Events keep the code of their day."""
    for row in MERGERS:
        expected = by_nis(row["old_nis"])
        assert expected.name == row["old_name"]
        assert find(row["old_nis"]).municipality.nis == row["new_nis"]
    assert by_nis("11056").province == "Antwerpen"
    assert names(["11007", "11002", "44021"]) == ("Borsbeek", "Antwerpen", "Gent")


def test_borsbeek_is_part_of_antwerpen() -> None:
    """What the command line tells a coach who types an old name."""
    assert find("borsbeek") == Match(by_nis("11002"), "Borsbeek", date(2025, 1, 1))
    assert find("11007").via == "Borsbeek"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("  gent ", "Gent"),
        ("Gént", "Gent"),
        ("sint-niklaas", "Sint-Niklaas"),
        ("St. Niklaas", "Sint-Niklaas"),
        ("st-martens-latem", "Sint-Martens-Latem"),
        ("DEHAAN", "De Haan"),
        ("merelbeke melle", "Merelbeke-Melle"),
        ("Merel", "Merelbeke-Melle"),
        ("knokke", "Knokke-Heist"),
        ("As", "As"),
        ("Ham", "Tessenderlo-Ham"),
        ("Hamme", "Hamme"),
        ("Tielt", "Tielt"),
        ("Beveren", "Beveren-Kruibeke-Zwijndrecht"),
        ("Herent", "Herent"),
    ],
)
def test_a_name_is_found_as_people_type_it(typed: str, name: str) -> None:
    """A whole name beats a beginning, a unique beginning is enough."""
    assert find(typed).municipality.name == name


def test_a_typo_gets_suggestions() -> None:
    """At most three, the likeliest first."""
    with pytest.raises(BadInput) as refused:
        find("Mechlen")
    suggestions = refused.value.sentence.values["suggestions"]
    assert isinstance(suggestions, tuple)
    assert suggestions[0] == "Mechelen"
    assert len(suggestions) <= 3
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("typed", ["Xyzzy", "", "Q", "in", "Namur"])
def test_what_is_no_municipality_is_refused(typed: str) -> None:
    """Also beginnings that are too short to mean anything."""
    with pytest.raises(BadInput, match="not a municipality"):
        find(typed)


def test_an_ambiguous_beginning_lists_its_candidates() -> None:
    """The longer ones are cut off."""
    with pytest.raises(BadInput) as refused:
        find("Sint")
    candidates = refused.value.sentence.values["candidates"]
    assert isinstance(candidates, tuple)
    assert candidates[-1] == "…"
    assert "Sint-Amands" not in candidates
    with pytest.raises(BadInput) as refused:
        find("lin")
    assert refused.value.sentence.values == {
        "name": "lin",
        "candidates": ("Linkebeek", "Lint", "Linter"),
    }


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("De Haan", ["De Haan"]),
        ("Merelbeke-Melle Gent", ["Merelbeke-Melle", "Gent"]),
        ("Gent De Panne Aalst", ["Gent", "De Panne", "Aalst"]),
        ("Tielt Winge", ["Tielt-Winge"]),
        ("Tielt Wingene", ["Tielt", "Wingene"]),
        ("Kapelle op den Bos, Asse", ["Kapelle-op-den-Bos", "Asse"]),
        ("44021 Merel 11002", ["Gent", "Merelbeke-Melle", "Antwerpen"]),
        ("Heist op den Berg", ["Heist-op-den-Berg"]),
        ("Nazareth De Pinte", ["Nazareth-De Pinte"]),
        ("De Pinte Gent Gent", ["Nazareth-De Pinte", "Gent"]),
        ("", []),
    ],
)
def test_unquoted_words_become_names(typed: str, expected: list[str]) -> None:
    """The longest run of words that is a name counts as one."""
    assert found(typed) == expected


def test_every_name_of_two_words_survives_being_split_next_to_another() -> None:
    """No name swallows its neighbour."""
    for name in NAMES - {"Gent", "Voeren"}:
        assert found(f"Gent {name} Voeren") == ["Gent", name, "Voeren"]


def test_the_news_of_a_merger_is_kept_when_a_municipality_is_named_twice() -> None:
    """Antwerpen and Borsbeek are one municipality, and the coach hears why."""
    (match,) = split_names(["Antwerpen", "Borsbeek"])
    assert match.via == "Borsbeek"


@pytest.mark.parametrize(("typed", "name"), [("De Haen", "De Haan"), ("Gent Oud Turnhot", "Oud-")])
def test_a_typo_in_a_name_of_two_words_is_understood(typed: str, name: str) -> None:
    """The suggestion is for the words together."""
    with pytest.raises(BadInput, match=f"did you mean.*{name}"):
        found(typed)


def test_a_code_that_never_was_is_refused() -> None:
    """Five digits are not enough."""
    with pytest.raises(BadInput, match="99999"):
        by_nis("99999")


def test_two_names_after_each_other_are_those_two() -> None:
    """Every pair of names with something against it: words in common, or a name in their sum."""
    firsts = [name for name in NAMES if " " in name or "-" in name or len(name) <= 6]
    for first in sorted(firsts):
        for second in sorted(NAMES):
            if {first, second} == {"Merelbeke", "Melle"} or first == second:
                continue
            assert found(f"{first} {second}") == [first, second]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Bever en Gent", ["Bever", "Gent"]),
        ("Lier De Haan", ["Lier", "De Haan"]),
        ("Lier, De Panne; De Haan", ["Lier", "De Panne", "De Haan"]),
        ("Gent + Merelbeke-Melle", ["Gent", "Merelbeke-Melle"]),
        ("gent & melle", ["Gent", "Merelbeke-Melle"]),
        ("sint niklaas lier", ["Sint-Niklaas", "Lier"]),
        ("heist-op den berg", ["Heist-op-den-Berg"]),
        ("sint nik", ["Sint-Niklaas"]),
        ("de ha", ["De Haan"]),
    ],
)
def test_names_are_parted_as_people_write_them(typed: str, meant: list[str]) -> None:
    """By a comma, a plus, a word between them, or nothing but a blank."""
    assert found(typed) == meant
