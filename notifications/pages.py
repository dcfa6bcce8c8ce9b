"""The pages of a case file: what somebody reads who has no traject."""

from __future__ import annotations

from notifications.compose import rendered
from notifications.context import Context
from notifications.layout import wrapped

LONGEST = 50_000_000  # characters; a mail must be short, a history may be long


def case_page(lang: str, context: Context) -> str:
    """Return the page of a case file in HTML, with nothing beside it that it needs."""
    return rendered(lang, "case/index.html", context, longest=LONGEST)


def case_readme(lang: str, context: Context) -> str:
    """Return what an outsider is told first, as plain text."""
    return wrapped(rendered(lang, f"case/readme_{lang}.txt", context))
