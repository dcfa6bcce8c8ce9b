"""Sentences as data: a template with values, put into words of one language at the edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, runtime_checkable

LANGUAGES = ("nl", "en")


def N_(template: str) -> str:
    """Return the template unchanged; marks it for the message catalogue."""
    return template


@dataclass(frozen=True, slots=True)
class Label:
    """A name in several languages, as a workflow file gives it."""

    texts: Mapping[str, str]

    def in_language(self, lang: str) -> str:
        """Return the text in `lang`, else in Dutch, else any."""
        return self.texts.get(lang) or self.texts.get("nl") or next(iter(self.texts.values()))


@dataclass(frozen=True, slots=True)
class Say:
    """One sentence: an English template with `{name}` places and their values.

    A value may be a str, int, date (written out in full), Label, Say, or a tuple of
    these (joined with commas).
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)


def say(template: str, **values: object) -> Say:
    """Return a sentence; wrap the template in `N_()` so that the catalogue finds it."""
    return Say(template, values)


@runtime_checkable
class Labelled(Protocol):
    """Anything with a name in several languages, such as the labels of a workflow."""

    def in_language(self, lang: str) -> str:
        """Return the text in `lang`, or the nearest there is."""


class Words(Protocol):
    """What puts sentences into one language; `engine.language` implements it."""

    lang: str

    def text(self, template: str) -> str:
        """Return the translation of a template, its places untouched."""

    def day(self, value: date, *, weekday: bool = True, year: bool = True) -> str:
        """Return a date written out: `donderdag 4 februari 2027`."""

    def short_day(self, value: date, *, year: bool = True) -> str:
        """Return a date in short: `do 4 feb 2027`."""

    def label(self, label: Labelled | Mapping[str, str]) -> str:
        """Return the text of a label in this language."""

    def say(self, sentence: Say) -> str:
        """Return the sentence in words."""
