"""Reads the calendar entries of a mail with vobject, a library that did not write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes, policy
from typing import Any

import vobject

from engine.ports import Letter

TYPES = ("text/calendar", "application/ics")


@dataclass(frozen=True)
class Read:
    """One entry as another program reads it; `people`: who is asked to be there."""

    method: str
    uid: str
    sequence: int
    begins: date | datetime
    ends: date | datetime
    stamp: datetime
    status: str
    transparency: str
    summary: str
    description: str
    organizer: str
    people: tuple[str, ...]
    name: str = ""  # of the file


def parsed(content: bytes, name: str = "") -> Read:
    """Return the one entry of a calendar file."""
    calendar: Any = vobject.readOne(content.decode("utf-8"))
    (event,) = calendar.vevent_list
    return Read(
        method=calendar.method.value,
        uid=event.uid.value,
        sequence=int(event.sequence.value),
        begins=event.dtstart.value,
        ends=event.dtend.value,
        stamp=event.dtstamp.value,
        status=event.status.value,
        transparency=event.transp.value,
        summary=event.summary.value,
        description=event.description.value,
        organizer=event.organizer.value,
        people=tuple(person.value for person in event.contents.get("attendee", ())),
        name=name,
    )


def entries(letter: Letter) -> list[Read]:
    """Return the entries in the files of a letter, in their order."""
    message: Any = message_from_bytes(letter.mime, policy=policy.default)
    return [
        parsed(part.get_payload(decode=True), part.get_filename())
        for part in message.walk()
        if part.get_content_type() in TYPES and part.get_filename()
    ]


def shown(letter: Letter) -> list[Read]:
    """Return the entries that a mail program shows as an invitation or its withdrawal."""
    message: Any = message_from_bytes(letter.mime, policy=policy.default)
    return [
        parsed(part.get_payload(decode=True))
        for part in message.walk()
        if part.get_content_type() == "text/calendar" and not part.get_filename()
    ]
