"""What a coach reads about calendars that no mail puts right, and about reminders that move."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.domain.workdays import BRUSSELS
from engine.service import criteria, starting
from engine.store.database import Database
from tests.program import Program
from tests.world import GENT, JO, MERELBEKE_MELLE, RITA, World, at

DAY = timedelta(days=1)
SAM = starting.Involved("socio_partner", "Sam Wouters", "sam@example.org")
WIM = starting.Involved("mayor", "Wim Aerts", "wim@example.org", MERELBEKE_MELLE)
STAYS = "Het terugkoppelingsmoment van maandag 22 maart 2027 blijft in de agenda van {}"
ALL = "Jo Maes, Rita Claes, Wim Aerts, Sam Wouters"
WHY = ("--reason", "past voor niemand meer")


class Coached:
    """A trajectory in coaching whose invitations left, and the program at that moment."""

    def __init__(self, folder: Path, database: Database, url: str) -> None:
        self.program, self.world = Program(folder, url, lang="nl"), World(database)
        world = self.world
        self.ref = world.start(places=(GENT, MERELBEKE_MELLE), involved=(JO, RITA, WIM, SAM))
        world.walk(self.ref, "action_plan")
        world.meet(self.ref, but=["feedback_date_set"])
        self.day = world.desk().today + 21 * DAY
        criteria.meet(world.desk(), self.ref, ["feedback_date_set"], value=self.day)
        world.walk(self.ref, "coaching")
        world.tick_at(world.now + timedelta(hours=1))
        world.tick_daily(at(world.calendar.rung_before(self.day, 10), 12))

    def do(self, *words: str, minutes: int = 1) -> str:
        """Return what a command says, a minute later, as one line."""
        self.world.now += timedelta(minutes=minutes)
        now = self.world.now.astimezone(BRUSSELS).strftime("%Y-%m-%dT%H:%M")
        return " ".join(self.program.call(*words, "--now", now).stdout.split())

    def until(self, day: date, hour: int = 15) -> None:
        """Do a round a day up to an hour of a day."""
        self.world.tick_daily(at(day, hour))


@pytest.fixture
def coached(tmp_path: Path, sqlite_database: Database, sqlite_url: str) -> Coached:
    """A trajectory of Gent and Merelbeke-Melle; four people have the moment in their calendar."""
    return Coached(tmp_path, sqlite_database, sqlite_url)


def test_who_is_released_keeps_the_moment_and_the_coach_is_told(coached: Coached) -> None:
    """Who left gets no mail; once said, it is not said again until the day moves."""
    said = coached.do("contact", "release", "gent", "rita")
    assert STAYS.format("Rita Claes") + " staan." in said
    assert "Er vertrekt geen mail over: laat het zelf weten waar nodig." in said
    assert "agenda van" not in coached.do("note", "gent", "De sfeer is goed.")
    said = coached.do("reschedule", "gent", "26/4", "--deadline", "feedback", *WHY)
    assert STAYS.format("Rita Claes") + " staan." in said
    assert "agenda van Jo" not in said
    coached.world.tick_at(coached.world.now + timedelta(hours=1))
    assert "rita@example.org" not in {
        mail.envelope_to for mail in coached.world.mails(coached.ref)
        if mail.notice == "feedback_changed"
    }  # fmt: skip


def test_who_is_replaced_keeps_the_moment_and_who_comes_does_not_have_it(coached: Coached) -> None:
    """The old holder is named, never the new one."""
    said = coached.do("contact", "replace", "gent", "jo", "Lien Baert <lien@example.org>")
    assert STAYS.format("Jo Maes") + " staan." in said


def test_the_mayor_of_a_municipality_that_leaves_keeps_the_moment(coached: Coached) -> None:
    """With the municipality its people go."""
    said = coached.do("scope", "leave", "gent", "Merelbeke-Melle")
    assert STAYS.format("Wim Aerts") + " staan." in said


def test_who_has_another_role_still_is_not_named(coached: Coached) -> None:
    """One of two roles ends: the mails go on."""
    coached.do("contact", "assign", "gent", "rita", "--role", "socio_partner")
    assert "agenda van" not in coached.do("contact", "release", "gent", "rita", "--role", "mayor")


@pytest.mark.parametrize(
    "words",
    [
        ("stop", "gent", "--reason", "other", "--silent"),
        ("stop", "gent", "--reason", "other", "--no-mail"),
        ("pause", "gent", "--reason", "merger", "--until", "1/6/2027", "--no-mail"),
        ("reschedule", "gent", "26/4", "--deadline", "feedback", *WHY, "--no-mail"),
        ("send-back", "gent", "action_plan", "--reason", "registration_error"),
        ("stop", "gent", "--reason", "other", "--silent", "--dry-run"),
    ],
    ids=["silent", "stop", "pause", "reschedule", "slip", "dry run"],
)
def test_who_is_not_mailed_keeps_the_moment_and_is_named(
    coached: Coached, words: tuple[str, ...]
) -> None:
    """Nobody is told; the coach knows of whom."""
    assert STAYS.format(ALL) + " staan." in coached.do(*words)


@pytest.mark.parametrize(
    "words",
    [
        ("stop", "gent", "--reason", "other"),
        ("pause", "gent", "--reason", "merger", "--until", "1/6/2027"),
        ("reschedule", "gent", "26/4", "--deadline", "feedback", *WHY),
        ("send-back", "gent", "action_plan", "--reason", "context_changed"),
        ("send-back", "gent", "action_plan", "--reason", "context_changed", "--dry-run"),
        ("reschedule", "gent", "1/9", "--deadline", "restart", *WHY, "--no-mail"),
    ],
    ids=["stop", "pause", "reschedule", "send back", "dry run", "another date"],
)
def test_who_is_mailed_is_not_named(coached: Coached, words: tuple[str, ...]) -> None:
    """The mail says it, or there is nothing to say."""
    assert "agenda van" not in coached.do(*words)


def test_a_silent_stop_names_those_whose_mail_it_withdraws(coached: Coached) -> None:
    """The pause would have told them; now nothing does."""
    coached.do("pause", "gent", "--reason", "merger", "--until", "1/6/2027")
    assert STAYS.format(ALL) in coached.do("stop", "gent", "--reason", "other", "--silent")


def test_a_move_to_today_lists_no_invitation_that_comes_too_late(coached: Coached) -> None:
    """It would be found on the next morning, when the moment is over, and never leave."""
    coached.do("reschedule", "gent", "1/6", "--deadline", "feedback", *WHY, "--no-mail")
    said = coached.do("reschedule", "gent", "8/3", "--deadline", "feedback", *WHY, "--no-mail")
    rows = said.partition("Herinneringen die mee verschuiven:")[2]
    assert "→ di 9 mrt Jo Maes" in rows  # what comes after the date, does come
    assert "di 18 mei → –" in rows  # the invitation that would have come
    assert "di 9 mrt Rita" not in rows
