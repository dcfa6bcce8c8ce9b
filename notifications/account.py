"""What the templates may know of a weekly account."""

from __future__ import annotations

from datetime import timedelta

from engine.domain.words import Words
from engine.periodic import Account
from notifications.context import BRUSSELS, Context, Value, created_at, strings
from notifications.headers import plain
from notifications.periodic import envelope, frame


def account_context(account: Account, words: Words) -> Context:
    """Return the values for the templates; flags are `yes` or empty.

    Raises: BadInput when a text hides characters.
    """
    today = created_at(envelope(account)).astimezone(BRUSSELS).date()
    years = {today.year, account.first.year, account.last.year}
    chapters: list[dict[str, Value]] = [
        {
            "ref": chapter.ref,
            "places": list(chapter.places),
            "lines": list(chapter.lines),
            "more": str(chapter.more or ""),
        }
        for chapter in account.chapters
    ]
    context: Context = {
        **frame(account, words),
        "first": words.day(account.first, year=len(years) > 1),
        "last": words.day(account.last, year=len(years) > 1),
        "last_week": "yes" if today - account.last <= timedelta(weeks=1) else "",
        "changes": str(account.changes),
        "chapters": chapters,
        "more_changes": str(account.more_changes or ""),
        "account": account.account,
        "person": account.to.key,
    }
    for text in strings(context):
        plain(text)
    return context
