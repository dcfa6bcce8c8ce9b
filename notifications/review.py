"""What the templates may know of the yearly review of what is kept."""

from __future__ import annotations

from engine.domain.words import Words
from engine.periodic import Review
from notifications.context import Context, strings
from notifications.headers import plain
from notifications.periodic import frame


def review_context(review: Review, words: Words) -> Context:
    """Return the values for the templates; flags are `yes` or empty.

    Raises: BadInput when a text hides characters.
    """
    context: Context = {
        **frame(review, words),
        "contacts": str(review.contacts),
        "months": str(review.months),
        "since": words.day(review.since),
    }
    for text in strings(context):
        plain(text)
    return context
