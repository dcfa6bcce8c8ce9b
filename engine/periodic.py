"""What the mails about no trajectory say that are no digest, as it crosses to who writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.ports import Periodic


@dataclass(frozen=True, slots=True)
class Chapter:
    """What was recorded about one trajectory; without a reference, outside of all."""

    ref: str
    places: tuple[str, ...]  # names of the municipalities
    lines: tuple[str, ...]  # in the reader's language
    more: int = 0  # lines that are left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Periodic):
    """How many were kept for longer than the settings say, for the look of once a year."""

    contacts: int
    months: int  # the term in the settings
    since: date  # of the first: when the term was over
    id: str = "retention_review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Periodic):
    """What was recorded in the name of one person in a week."""

    first: date
    last: date
    changes: int
    chapters: tuple[Chapter, ...]
    more_changes: int = 0  # in chapters that are left out
    account: str = ""  # that the person acts from: uid:1000
    id: str = "weekly_account"
