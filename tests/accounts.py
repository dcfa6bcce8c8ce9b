"""Samples of the weekly account, and their snapshots: `python -m tests.accounts` renews them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from engine.periodic import Account, Chapter
from notifications.compose import compose
from tests.notices import COACH, LEAD
from tests.periodic import Snapshots

SNAPSHOTS = Path(__file__).parent / "snapshots" / "accounts"
WHEN = {
    "full": "on Monday, of the week before",
    "one": "one change, of an earlier week in which no round ran",
    "long": "more than fits",
}
LINES = {
    "nl": (
        "ma 22 feb om 9:31: verder naar Droomscenario; richtdatum donderdag 18 maart 2027",
        "ma 22 feb om 9:32: genoteerd: “…”",
        "wo 24 feb om 14:05: gepauzeerd tot vrijdag 5 maart 2027: drukte, in naam van Lies De Wit",
        "do 25 feb om 22:48: stopgezet: andere reden (via sudo, van account uid:1003)",
        "vr 26 feb om 11:20: contactpersoon #7 toegevoegd",
    ),
    "en": (
        "Mon 22 Feb at 9:31: moved on to Dream scenario; target date Thursday 18 March 2027",
        "Mon 22 Feb at 9:32: noted: “…”",
        "Wed 24 Feb at 14:05: paused until Friday 5 March 2027: busy, on behalf of Lies De Wit",
        "Thu 25 Feb at 22:48: stopped: another reason (through sudo, from account uid:1003)",
        "Fri 26 Feb at 11:20: contact #7 added",
    ),
}
EARLIER = {"nl": "wo 17 feb om 8:04: afgerond", "en": "Wed 17 Feb at 8:04: completed"}


def account(name: str, lang: str) -> Account:
    """Return a sample, worded in a language as the engine words it."""
    lines = LINES[lang]
    made = Account(
        to=replace(LEAD if name == "one" else COACH, lang=lang),
        lang=lang,
        first=date(2027, 2, 22),
        last=date(2027, 2, 28),
        changes=5,
        chapters=(
            Chapter("2026-014", ("Gent", "Merelbeke-Melle"), lines[:2]),
            Chapter("2027-003", ("Aalst", "Geel", "Mol", "Lier", "Gent"), lines[2:4]),
            Chapter("", (), lines[4:]),
        ),
        account="uid:1000",
        checkpoint_size=214,
        checkpoint_root="7f3a0b12c9e1" + "0" * 52,
        key="account/1/2027-03-01",
        created_at=datetime(2027, 3, 1, 7, tzinfo=UTC),
        organisation="VVSG",
    )
    values: dict[str, dict[str, Any]] = {
        "one": {
            "first": date(2027, 2, 15),
            "last": date(2027, 2, 21),
            "changes": 1,
            "chapters": (Chapter("2027-003", ("Mol",), (EARLIER[lang],)),),
            "account": "",
        },
        "long": {
            "changes": 70,
            "chapters": (Chapter("2026-014", ("Gent",), lines[:2] * 4, 12),) * 3,
            "more_changes": 10,
        },
    }
    return replace(made, **values.get(name, {}))


_KEPT = Snapshots(SNAPSHOTS, WHEN, lambda name, lang: compose(account(name, lang)))
path, snapshot = _KEPT.path, _KEPT.text


if __name__ == "__main__":
    _KEPT.renew()
