"""What the templates may know of a mail with a checkpoint, and the file that goes with it."""

from __future__ import annotations

from engine.domain.words import Words
from engine.ports import CheckpointNotice
from notifications.context import BRUSSELS, Context, first_name, hour, strings
from notifications.entity import TextFile
from notifications.headers import plain
from notifications.periodic import frame

FILE = "checkpoint.txt"


def checkpoint_context(said: CheckpointNotice, words: Words) -> Context:
    """Return the values for the templates; flags are `yes` or empty.

    Raises: BadInput when a text hides characters.
    """
    local = said.round_at.astimezone(BRUSSELS)
    context: Context = {
        **frame(said, words),
        "to_first": "" if "@" in said.to.name else first_name(said.to),  # nobody we know
        "checkpoint": list(said.lines),
        "events": str(said.checkpoint_size),
        "quiet": "yes" if said.quiet else "",
        "round_day": words.day(local.date(), year=False),
        "round_at": hour(local.time()),
        "waiting_mails": str(said.waiting),
    }
    for text in strings(context):
        plain(text)
    return context


def checkpoint_file(said: CheckpointNotice) -> TextFile:
    """Return the checkpoint as a file: its lines, each ended."""
    return TextFile(FILE, "".join(f"{line}\n" for line in said.lines).encode())
