"""The parts of a mail are byte for byte what the standard library's classes would write."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from notifications.calendar import Sheet
from notifications.entity import Bodies, entity, file_type
from tests.notices import MAYOR, notice

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
LINES = st.lists(WORDS, max_size=6).map("\n".join)
SHEETS = st.lists(
    st.builds(
        Sheet,
        st.sampled_from(["afspraak.ics", "vervallen-2.ics"]),
        st.sampled_from(["REQUEST", "PUBLISH", "CANCEL"]),
        st.binary(min_size=1, max_size=200),
        st.booleans(),
    ),
    max_size=3,
).map(tuple)


@given(LINES, LINES, SHEETS)
def test_the_parts_are_what_the_library_would_write(
    text: str, html: str, files: tuple[Sheet, ...]
) -> None:
    """Whatever the words and the files, not one byte differs."""
    made = notice("start", MAYOR)
    written = entity(made, Bodies(text, html), files)
    message = message_from_bytes(written)
    boundaries = [p.get_boundary() or "" for p in message.walk() if p.is_multipart()]
    assert written == _by_the_library(Bodies(text, html), files, boundaries)


def _by_the_library(bodies: Bodies, files: tuple[Sheet, ...], boundaries: list[str]) -> bytes:
    message = EmailMessage(policy=policy.SMTP)
    message.set_content(bodies.text, cte="quoted-printable")
    message.add_alternative(bodies.html, subtype="html", cte="quoted-printable")
    for file in files:
        if file.shown:
            message.add_alternative(file.content, "text", "calendar", params=_params(file))
    message.set_boundary(boundaries[-1])
    if files:
        message.make_mixed(boundaries[0])
    for file in files:
        params = {} if file.shown else _params(file)
        kind = file_type(file).split("/")
        message.add_attachment(file.content, *kind, filename=file.name, params=params)
    for part in message.walk():
        if part is not message:
            del part["MIME-Version"]
    return message.as_bytes()


def _params(file: Sheet) -> dict[str, Any]:
    return {"charset": "utf-8", "method": file.method}
