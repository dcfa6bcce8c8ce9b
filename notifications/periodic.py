"""What every mail about no trajectory has: its headers, its greeting, its foot."""

from __future__ import annotations

from dataclasses import replace

from engine.domain.words import Words
from engine.ports import Notice, Periodic
from notifications.context import BRUSSELS, Context, created_at, first_name

SIGNED = "traject"  # nobody of flesh and blood writes it


def envelope(said: Periodic) -> Notice:
    """Return the notice that has the headers of a mail: each a conversation of its own."""
    return Notice(
        id=said.id,
        to=said.to,
        coach=replace(said.to, name=SIGNED, email=said.answers or said.to.email),
        lang=said.lang,
        ref="",
        trajectory=said.id,
        municipalities=(),
        category="",
        phase="",
        phase_number=0,
        phase_count=0,
        checkpoint_size=said.checkpoint_size,
        checkpoint_root=said.checkpoint_root,
        key=said.key,
        created_at=said.created_at,
        organisation=said.organisation,
        sender=said.sender,
    )


def frame(said: Periodic, words: Words) -> Context:
    """Return the values that the templates of every kind know; flags are `yes` or empty."""
    today = created_at(envelope(said)).astimezone(BRUSSELS).date()
    return {
        "to_first": first_name(said.to),
        "staff": "yes",  # signed by nobody
        "notice": said.id,
        "formal": "",
        "calendar": [],
        "organisation": said.organisation,
        "date": words.day(today),
        "date_short": words.day(today, year=False),
        "role": said.to.role,
        "control": f"{said.checkpoint_size}-{said.checkpoint_root[:12]}".rstrip("-"),
    }
