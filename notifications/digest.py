"""What the templates may know of a digest, and what its headers say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from engine.domain.words import Words
from engine.ports import Digest, Line, Notice
from notifications.context import (
    BRUSSELS,
    Context,
    Value,
    created_at,
    first_name,
    hour,
    short,
    strings,
)
from notifications.headers import plain
from notifications.layout import uncapitalised

PARTS = ("overdue", "today", "soon", "pauses", "waiting", "requests", "undelivered")
SIGNED = "traject"  # nobody of flesh and blood writes it


def envelope(digest: Digest) -> Notice:
    """Return the notice that has the headers of a digest: each a conversation of its own."""
    return Notice(
        id=digest.id,
        to=digest.to,
        coach=replace(digest.to, name=SIGNED),
        lang=digest.lang,
        ref="",
        trajectory=digest.id,
        municipalities=(),
        category="",
        phase="",
        phase_number=0,
        phase_count=0,
        checkpoint_size=digest.checkpoint_size,
        checkpoint_root=digest.checkpoint_root,
        key=digest.key,
        created_at=digest.created_at,
        organisation=digest.organisation,
        sender=digest.sender,
    )


def digest_context(digest: Digest, words: Words) -> Context:
    """Return the values for the templates; flags are `yes` or empty.

    Raises: BadInput when a text hides characters.
    """
    today = created_at(envelope(digest)).astimezone(BRUSSELS).date()

    def day(value: date | None) -> str:
        return words.day(value, year=value.year != today.year) if value else ""

    def told(line: Line) -> dict[str, Value]:
        return {
            "places": list(line.places),
            "what": uncapitalised(line.what),
            "phase": short(line.what),
            "support": line.what,
            "day": "" if line.on == today else day(line.on),
            "at": hour(line.at),
            "days": str(line.days),
            "points": str(line.points),
            "who": list(line.who),
            "kind": line.kind,
        }

    more: dict[str, Value] = dict.fromkeys(PARTS, "")
    more |= {part.id: str(part.more or "") for part in digest.parts}
    context: Context = {
        "to_first": first_name(digest.to),
        "staff": "yes",  # signed by nobody
        "notice": digest.id,
        "formal": "",
        "calendar": [],
        "organisation": digest.organisation,
        "date": words.day(today),
        "date_short": words.day(today, year=False),
        "role": digest.to.role,
        "standing_in": list(digest.standing_in),
        "active": str(digest.active),
        "paused": str(digest.paused),
        "requested": str(digest.requested),
        "on_schedule": str(digest.on_schedule),
        **{name: [] for name in PARTS},
        **{part.id: [told(line) for line in part.lines] for part in digest.parts},
        "more_of": more,
        "late": str(sum(len(p.lines) + p.more for p in digest.parts if p.id == "overdue")),
        "control": f"{digest.checkpoint_size}-{digest.checkpoint_root[:12]}".rstrip("-"),
    }
    for text in strings(context):
        plain(text)
    return context
