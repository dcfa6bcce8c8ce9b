"""Puts sentences into Dutch or English with the stdlib's gettext and our own catalogue."""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import cache
from pathlib import Path

from engine.domain.words import LANGUAGES, N_, Label, Labelled, Say, Words

DOMAIN = "traject"
LOCALE_DIR = Path(__file__).parent / "locale"

WEEKDAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"),
    N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip
SHORT_WEEKDAYS = (
    N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"),
)  # fmt: skip
MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"),
    N_("July"), N_("August"), N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip
SHORT_MONTHS = (
    N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
    N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
)  # fmt: skip


class CatalogueWords:
    """The words of one language: templates through the catalogue, dates written out."""

    def __init__(self, lang: str, translate: Callable[[str], str]) -> None:
        self.lang = lang
        self._translate = translate

    def text(self, template: str) -> str:
        """Return the translation of a template, its places untouched."""
        # gettext answers an empty msgid with the header of the catalogue
        return self._translate(template) if template else ""

    def day(self, value: date, *, weekday: bool = True, year: bool = True) -> str:
        """Return a date written out: `donderdag 4 februari 2027`."""
        parts = [str(value.day), self.text(MONTHS[value.month - 1])]
        if weekday:
            parts.insert(0, self.text(WEEKDAYS[value.weekday()]))
        if year:
            parts.append(str(value.year))
        return " ".join(parts)

    def short_day(self, value: date, *, year: bool = True) -> str:
        """Return a date in short: `do 4 feb 2027`."""
        weekday = self.text(SHORT_WEEKDAYS[value.weekday()])
        day = f"{weekday} {value.day} {self.text(SHORT_MONTHS[value.month - 1])}"
        return f"{day} {value.year}" if year else day

    def label(self, label: Labelled | Label | Mapping[str, str]) -> str:
        """Return the text of a label in this language."""
        return (Label(label) if isinstance(label, Mapping) else label).in_language(self.lang)

    def say(self, sentence: Say) -> str:
        """Return the sentence in words, each value rendered by its type."""
        values = {name: self._value(value) for name, value in sentence.values.items()}
        return self.text(sentence.template).format_map(values)

    def _value(self, value: object) -> str:
        if isinstance(value, str):
            return str(value)
        if isinstance(value, Say):
            return self.say(value)
        if isinstance(value, (tuple, list)):
            return ", ".join(self._value(part) for part in value)
        if isinstance(value, (Labelled, Mapping)):
            return self.label(value)
        return self._moment(value) if isinstance(value, (date, time)) else str(value)

    def _moment(self, value: date | time) -> str:
        if isinstance(value, time):
            return f"{value:%H:%M}"
        if isinstance(value, datetime):
            return f"{self.day(_in_brussels(value))} {_in_brussels(value):%H:%M}"
        return self.day(value)


def _in_brussels(instant: datetime) -> datetime:
    """Return an aware instant on the clocks of Brussels; a naive one as it stands."""
    if instant.tzinfo is None:
        return instant
    from zoneinfo import ZoneInfo  # --help needs no time zones

    return instant.astimezone(ZoneInfo("Europe/Brussels"))


@cache
def words(lang: str) -> Words:
    """Return the words of a language; any other than ours gets Dutch, the house language."""
    if lang not in LANGUAGES:
        return words("nl")
    if lang == "en":
        return CatalogueWords(lang, str)  # the templates are English
    return CatalogueWords(lang, gettext.translation(DOMAIN, LOCALE_DIR, [lang]).gettext)
