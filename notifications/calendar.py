"""Writes what a mail does in its reader's calendar as `.ics` files.

Dates are all day and show as free; an hour is written in UTC, which every calendar shows in its
own zone, on either side of the clock change and without a table of zones in the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from engine.ports import Appointment, Notice
from notifications.context import BRUSSELS, created_at, file_names, language_of
from notifications.headers import header_text, mailbox

LASTS = timedelta(minutes=90)  # nobody records how long a feedback moment takes; this is usual
PRODUCT = "-//traject//LIVC R//{lang}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One `.ics` file; `shown`: a mail program shows it as an invitation or its withdrawal."""

    name: str
    method: str
    content: bytes
    shown: bool


def sheets(notice: Notice) -> tuple[Sheet, ...]:
    """Return the files of a notice, one a calendar entry: each has a method of its own.

    A mail program shows one invitation a mail; the others are files beside it.

    Raises: BadInput when a name, address or text does not fit.
    """
    made, shown = [], False
    for name, appointment in zip(file_names(notice), notice.calendar, strict=True):
        content = _content(notice, appointment)
        first = appointment.invited and not shown
        shown = shown or first
        made.append(Sheet(name, appointment.method.upper(), content, first))
    return tuple(made)


def _content(notice: Notice, appointment: Appointment) -> bytes:
    """Return one calendar object; folding and escaping are the library's."""
    from icalendar import Calendar, Event  # only a mail with a date in it pays for the import

    event = Event()
    for name, value in _properties(notice, appointment).items():
        event.add(name, value)
    event["organizer"] = _person(notice.coach.name, notice.coach.email)
    if appointment.invited:
        event["attendee"] = _invited(notice)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT.format(lang=language_of(notice).upper()))
    calendar.add("version", "2.0")
    calendar.add("method", appointment.method.upper())
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _properties(notice: Notice, appointment: Appointment) -> dict[str, Any]:
    """Return the plain properties of the event."""
    begins, ends = _span(appointment)
    cancelled = appointment.method == "cancel"
    return {
        "uid": appointment.uid,
        "sequence": appointment.sequence,
        "dtstamp": created_at(notice).astimezone(UTC).replace(microsecond=0),
        "dtstart": begins,
        "dtend": ends,
        "summary": header_text(appointment.summary),
        "description": header_text(appointment.description),
        "status": "CANCELLED" if cancelled else "CONFIRMED",
        "transp": "OPAQUE" if appointment.at and not cancelled else "TRANSPARENT",
    }


def _span(appointment: Appointment) -> tuple[date, date]:
    """Return begin and end: instants where there is an hour, else the day and the next."""
    if appointment.at is None:
        return appointment.day, appointment.day + timedelta(days=1)
    local = datetime.combine(appointment.day, appointment.at, BRUSSELS)
    begins = local.astimezone(UTC)
    return begins, begins + LASTS


def _person(name: str, address: str) -> Any:
    """Return a calendar address; the name without quotes, which Outlook does not decode."""
    from icalendar import vCalAddress

    known = mailbox(name, address)
    person = vCalAddress(f"mailto:{known.address}")
    if known.name:
        person.params["CN"] = known.name.replace('"', "'")
    return person


def _invited(notice: Notice) -> Any:
    """Return the reader as somebody who is asked to be there."""
    person = _person(notice.to.name, notice.to.email)
    person.params["ROLE"] = "REQ-PARTICIPANT"
    person.params["PARTSTAT"] = "NEEDS-ACTION"
    person.params["RSVP"] = "TRUE"
    return person
