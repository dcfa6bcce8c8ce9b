"""What the templates may know of a digest."""

from __future__ import annotations

from datetime import date

from engine.domain.words import Words
from engine.ports import Digest, Line
from notifications.context import (
    BRUSSELS,
    Context,
    Value,
    created_at,
    hour,
    short,
    strings,
)
from notifications.headers import plain
from notifications.layout import uncapitalised
from notifications.periodic import envelope, frame

PARTS = ("overdue", "today", "soon", "pauses", "waiting", "requests", "undelivered")


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
        **frame(digest, words),
        "standing_in": list(digest.standing_in),
        "active": str(digest.active),
        "paused": str(digest.paused),
        "requested": str(digest.requested),
        "on_schedule": str(digest.on_schedule),
        **{name: [] for name in PARTS},
        **{part.id: [told(line) for line in part.lines] for part in digest.parts},
        "more_of": more,
        "late": str(sum(len(p.lines) + p.more for p in digest.parts if p.id == "overdue")),
    }
    for text in strings(context):
        plain(text)
    return context
