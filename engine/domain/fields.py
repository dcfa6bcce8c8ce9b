"""What the details of events are called in sentences: a name, a mail address, a note."""

from __future__ import annotations

from engine.domain.words import N_, Say, say

FIELDS = {
    "name": N_("name"),
    "email": N_("mail address"),
    "organisation": N_("organisation"),
    "account": N_("account"),
    "reply": N_("answer of the mail server"),
    "note": N_("note"),
    "reason": N_("reason"),
    "text": N_("text"),
}


def called(field: str) -> Say:
    """Return the words for a detail; one that nobody knows is shown as it is."""
    return say(FIELDS[field]) if field in FIELDS else say(N_("{name}"), name=field)
