"""Sentences, dates and labels in Dutch and in English."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from engine.domain.definition import Labels
from engine.domain.words import Label, say
from engine.language import words

DAY = date(2027, 2, 4)


def test_a_day_is_written_out_in_both_languages() -> None:
    """The weekday comes first, the month has a name."""
    assert words("nl").day(DAY) == "donderdag 4 februari 2027"
    assert words("en").day(DAY) == "Thursday 4 February 2027"


def test_a_day_leaves_out_what_is_not_wanted() -> None:
    """Weekday and year are optional."""
    assert words("nl").day(DAY, weekday=False) == "4 februari 2027"
    assert words("nl").day(DAY, year=False) == "donderdag 4 februari"
    assert words("en").day(DAY, weekday=False, year=False) == "4 February"


def test_a_short_day_uses_the_usual_short_forms() -> None:
    """March is mrt in Dutch."""
    assert words("nl").short_day(DAY) == "do 4 feb 2027"
    assert words("en").short_day(DAY) == "Thu 4 Feb 2027"
    assert words("nl").short_day(date(2027, 3, 1)) == "ma 1 mrt 2027"


def test_every_day_of_a_year_has_a_dutch_name_of_its_own() -> None:
    """No month or weekday is missing from the catalogue."""
    dutch, english = words("nl"), words("en")
    days = [date(2027, month, 1) for month in range(1, 13)]
    assert len({dutch.day(day, weekday=False) for day in days}) == 12
    assert dutch.day(date(2027, 5, 3)) == "maandag 3 mei 2027"
    assert english.day(date(2027, 5, 3)) == "Monday 3 May 2027"


def test_values_are_said_by_their_type() -> None:
    """A date is written out, labels follow the language, tuples become lists."""
    sentence = say(
        "{on} {label} {labels} {map} {inner} {many} {n} {text}",
        on=DAY,
        label=Label({"nl": "Plan van aanpak", "en": "Action plan"}),
        labels=Labels(nl="Terugkoppeling", en="Feedback"),
        map={"nl": "Verkenning", "en": "Talk"},
        inner=say("Error: {message}", message="x{y}"),
        many=("Gent", DAY),
        n=3,
        text="{n}",
    )
    assert words("nl").say(sentence) == (
        "donderdag 4 februari 2027 Plan van aanpak Terugkoppeling Verkenning "
        "Fout: x{y} Gent, donderdag 4 februari 2027 3 {n}"
    )
    assert words("en").say(sentence).startswith("Thursday 4 February 2027 Action plan Feedback")


def test_an_instant_is_said_on_the_clocks_of_brussels() -> None:
    """Summer time counts; a bare hour is said as it is."""
    instant = datetime(2027, 7, 1, 7, 0, tzinfo=UTC)
    sentence = say("{at} {hour}", at=instant, hour=time(14, 30))
    assert words("nl").say(sentence) == "donderdag 1 juli 2027 09:00 14:30"


def test_an_unknown_language_gets_dutch() -> None:
    """The house language is Dutch."""
    assert words("fr").lang == "nl"
    assert words("nl") is words("nl")


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_an_empty_or_unknown_template_stays_itself(lang: str) -> None:
    """The header of the catalogue never becomes a sentence."""
    assert words(lang).text("") == ""
    assert words(lang).text("no such template {x}") == "no such template {x}"
