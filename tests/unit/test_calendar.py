"""Calendar files: what another library reads in them, and what nobody can slip into them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import BadInput
from engine.ports import Appointment, Letter, Notice, Person
from notifications.calendar import LASTS, sheets
from notifications.compose import compose
from notifications.context import BRUSSELS
from tests.calendars import entries, parsed, shown
from tests.notices import COACH, COORDINATOR, MAYOR, notice

MADE = datetime(2027, 1, 21, 8, 0, tzinfo=UTC)
UID = "5f0c0f5e-0000-5000-8000-000000000001@traject.invalid"
Method = Literal["request", "publish", "cancel"]


def appointment(method: Method = "request", **values: Any) -> Appointment:
    """Return an entry of the feedback moment."""
    made = Appointment(
        about="feedback/0",
        uid=UID,
        sequence=12,
        method=method,
        day=date(2028, 3, 1),
        at=None,
        summary="Terugkoppeling LIVC R Gent en Merelbeke-Melle",
        description="We bekijken samen wat het plan heeft opgeleverd.",
        invited=method == "request",
    )
    return replace(made, **values)


def with_entries(*made: Appointment, to: Person = MAYOR, **values: Any) -> Notice:
    """Return an invitation that carries these entries."""
    return notice("feedback_invite", to, calendar=made, **values)


def parts(letter: Letter) -> list[tuple[str, str | None, str | None]]:
    """Return (type, method, file name) of every part, from the outside in."""
    message: Any = message_from_bytes(letter.mime, policy=policy.default)
    return [(p.get_content_type(), p.get_param("method"), p.get_filename()) for p in message.walk()]


def test_another_library_reads_an_invitation() -> None:
    """Day, id, number, who asks and who is asked; free all day, without an alarm."""
    letter = compose(with_entries(appointment()))
    (read,) = shown(letter)
    assert read.method == "REQUEST"
    assert (read.uid, read.sequence, read.status) == (UID, 12, "CONFIRMED")
    assert (read.begins, read.ends) == (date(2028, 3, 1), date(2028, 3, 2))
    assert (read.stamp, read.transparency) == (MADE, "TRANSPARENT")
    assert read.organizer == f"mailto:{COACH.email}"
    assert read.people == (f"mailto:{MAYOR.email}",)
    assert read.summary == "Terugkoppeling LIVC R Gent en Merelbeke-Melle"
    assert [replace(one, name="") for one in entries(letter)] == [read]
    assert b"VALARM" not in letter.mime


@pytest.mark.parametrize(
    ("day", "utc_hour"), [(date(2027, 3, 26), 13), (date(2027, 3, 29), 12)], ids=["CET", "CEST"]
)
def test_an_hour_is_right_on_either_side_of_the_clock_change(day: date, utc_hour: int) -> None:
    """Two in the afternoon in Brussels, in winter time and in summer time."""
    (sheet,) = sheets(with_entries(appointment(day=day, at=time(14))))
    read = parsed(sheet.content)
    begins = datetime(day.year, day.month, day.day, utc_hour, tzinfo=UTC)
    assert (read.begins, read.ends) == (begins, begins + LASTS)
    assert read.transparency == "OPAQUE"


def test_an_invitation_stands_beside_the_words_and_as_a_file() -> None:
    """As Outlook and Gmail recognise it; text and HTML stay as they are."""
    plain, letter = compose(with_entries()), compose(with_entries(appointment()))
    assert parts(letter) == [
        ("multipart/mixed", None, None),
        ("multipart/alternative", None, None),
        ("text/plain", None, None),
        ("text/html", None, None),
        ("text/calendar", "REQUEST", None),
        ("application/ics", None, "afspraak.ics"),
    ]
    assert [kind for kind, *_ in parts(plain)] == [
        "multipart/alternative", "text/plain", "text/html",
    ]  # fmt: skip


def test_a_date_is_a_file_only_and_nobody_is_asked_to_be_there() -> None:
    """The method stands in the file and beside it: Outlook compares them."""
    dated = appointment("publish", about="14/analysis")
    letter = compose(notice("deadline_soon", COORDINATOR, calendar=(dated,)))
    (read,) = entries(letter)
    assert (read.method, read.people, read.status) == ("PUBLISH", (), "CONFIRMED")
    assert parts(letter)[-1] == ("text/calendar", "PUBLISH", "afspraak.ics")
    assert shown(letter) == []


def test_what_falls_away_and_what_comes_are_two_files() -> None:
    """One method a file; the withdrawn invitation is the one that is shown."""
    off = appointment("cancel", invited=True)
    on = appointment("publish", about="15/dream", uid="other@traject.invalid")
    again = replace(on, about="15/step", uid="third@traject.invalid")
    letter = compose(notice("phase_started", calendar=(off, on, again)))
    assert [(read.name, read.method, read.status) for read in entries(letter)] == [
        ("vervallen.ics", "CANCEL", "CANCELLED"),
        ("afspraak.ics", "PUBLISH", "CONFIRMED"),
        ("afspraak-2.ics", "PUBLISH", "CONFIRMED"),
    ]
    assert [read.method for read in shown(letter)] == ["CANCEL"]


def test_the_same_notice_gives_the_same_bytes() -> None:
    """No boundary of chance, no hour of today."""
    made = with_entries(appointment(), appointment("publish", about="1/step", uid="b@x.invalid"))
    assert compose(made).mime == compose(made).mime


def test_the_mail_says_what_its_files_do() -> None:
    """In the reader's form and language, each in a sentence."""
    message: Any = message_from_bytes(
        compose(with_entries(appointment())).mime, policy=policy.default
    )
    text = " ".join(message.get_body(("plain",)).get_content().split())
    assert "De bijlage afspraak.ics zet de terugkoppeling in uw agenda." in text
    html = " ".join(message.get_body(("html",)).get_content().split())
    assert "De bijlage afspraak.ics zet de terugkoppeling in uw agenda." in html


def test_a_mail_about_something_else_says_what_becomes_of_the_moment() -> None:
    """In a sentence; at the end of it all the moment may have been held."""
    off = appointment("cancel", invited=True)
    said = {}
    for name in ("stopped", "completed"):
        message: Any = message_from_bytes(
            compose(notice(name, MAYOR, calendar=(off,))).mime, policy=policy.default
        )
        said[name] = " ".join(message.get_body(("plain",)).get_content().split())
    assert (
        "De terugkoppeling van woensdag 1 maart 2028 gaat niet door. De bijlage vervallen.ics "
        "haalt ze uit uw agenda." in said["stopped"]
    )
    assert (
        "De bijlage vervallen.ics haalt de terugkoppeling van woensdag 1 maart 2028 uit uw agenda."
        in said["completed"]
    )
    assert "gaat niet door" not in said["completed"]


@pytest.mark.parametrize(
    ("change", "subject", "opening"),
    [
        (
            {"method": "cancel", "invited": True},
            "Gaat niet door: terugkoppeling LIVC R op woensdag 1 maart 2028",
            "Geachte burgemeester, de terugkoppeling van woensdag 1 maart 2028 gaat niet door.",
        ),
        (
            {"was": date(2028, 2, 23)},
            "Verplaatst: terugkoppeling LIVC R op woensdag 1 maart 2028",
            "Geachte burgemeester, de terugkoppeling van woensdag 23 februari 2028 is verplaatst "
            "naar woensdag 1 maart 2028.",
        ),
        (
            {"was": date(2028, 3, 1), "at": time(14)},
            "Terugkoppeling LIVC R op woensdag 1 maart 2028 om 14.00 uur",
            "Geachte burgemeester, de terugkoppeling van woensdag 1 maart 2028 begint om 14.00 "
            "uur.",
        ),
    ],
    ids=["off", "moved", "hour"],
)
def test_a_changed_moment_is_the_first_thing_said(
    change: dict[str, Any], subject: str, opening: str
) -> None:
    """What changed, before anything else."""
    letter = compose(notice("feedback_changed", MAYOR, calendar=(appointment(**change),)))
    message: Any = message_from_bytes(letter.mime, policy=policy.default)
    assert letter.subject == subject
    assert " ".join(message.get_body(("plain",)).get_content().split()).startswith(opening)


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)


@given(
    name=names
    | st.sampled_from(['An "de coach" Peeters; x=y:z', "An\r\nATTENDEE:mailto:x@example.org"]),
    words=names | st.just("Gent\r\nEND:VEVENT\r\nBEGIN:VALARM"),
    day=st.dates(date(2020, 1, 1), date(2060, 12, 31)),
    at=st.none() | st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    sequence=st.integers(0, 2**31 - 1),
    method=st.sampled_from(("request", "publish", "cancel")),
)
def test_whatever_people_typed_is_read_back_and_adds_no_line(
    name: str, words: str, day: date, at: time | None, sequence: int, method: Method
) -> None:
    """Refused, or read back by the other library as it was meant; never a property more."""
    made = with_entries(
        appointment(method, day=day, at=at, sequence=sequence, summary=words),
        coach=replace(COACH, name=name),
    )
    try:
        (sheet,) = sheets(made)
    except BadInput:
        return
    lines = sheet.content.replace(b"\r\n ", b"").split(b"\r\n")
    asked = [b"ATTENDEE"] if method == "request" else []
    assert sorted(line.partition(b":")[0].partition(b";")[0] for line in lines if line) == sorted(
        [b"BEGIN", b"VERSION", b"PRODID", b"METHOD", b"BEGIN", b"SUMMARY", b"DTSTART", b"DTEND",
         b"DTSTAMP", b"UID", b"SEQUENCE", b"DESCRIPTION", b"ORGANIZER", b"STATUS", b"TRANSP",
         b"END", b"END", *asked]
    )  # fmt: skip
    assert max(map(len, sheet.content.split(b"\r\n"))) <= 75
    read = parsed(sheet.content)
    assert (read.uid, read.sequence, read.method) == (UID, sequence, method.upper())
    assert read.summary == " ".join(words.split())
    begins: date = day if at is None else datetime.combine(day, at, BRUSSELS).astimezone(UTC)
    lasts = timedelta(days=1) if at is None else LASTS
    assert (read.begins, read.ends) == (begins, begins + lasts)


def test_a_mail_without_a_date_does_not_load_the_library() -> None:
    """Its import takes as long as ten mails."""
    code = (
        "import sys; from notifications.compose import compose; from tests.notices import notice; "
        "compose(notice('overdue')); sys.exit('icalendar' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
