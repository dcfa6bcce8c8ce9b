"""Says a notice in words: renders its templates once and seals the result into a letter."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.domain.errors import BadInput, TrajectError
from engine.domain.notices import NOTICES
from engine.domain.words import N_, Words
from engine.language import words
from engine.ports import CheckpointNotice, Letter, Notice, Periodic, Said
from notifications import layout
from notifications.account import account_context
from notifications.checkpoint import checkpoint_context, checkpoint_file
from notifications.context import Context, context_of, file_names, language_of
from notifications.digest import digest_context
from notifications.entity import Bodies
from notifications.headers import header_text
from notifications.mime import sealed
from notifications.periodic import envelope
from notifications.review import review_context

TEMPLATES = Path(__file__).parent / "templates"
LONGEST = 200_000  # characters of one rendered body

ABOUT_NO_TRAJECTORY: dict[str, Callable[[Any, Words], Context]] = {
    "checkpoint": checkpoint_context,
    "coach_digest": digest_context,
    "retention_review": review_context,
    "weekly_account": account_context,
}
FILTERS = {
    "capitalised": layout.capitalised,
    "chapters": layout.chapters,
    "flat": layout.flat,
    "items": layout.items,
    "length": len,
    "listed": layout.listed,
    "paragraphs": layout.paragraphs,
    "replace": str.replace,
    "without": layout.without,
    "words": str.split,
}


def compose(notice: Notice | Periodic) -> Letter:
    """Return the frozen letter that says this in the reader's language.

    Raises: BadInput when a name, address or text does not fit a mail; TrajectError when
    the notice cannot be said.
    """
    subject, text, html = _parts(notice, "subject.txt", "body.txt", "body.html")
    head = envelope(notice) if isinstance(notice, Periodic) else notice
    files = (checkpoint_file(notice),) if isinstance(notice, CheckpointNotice) else ()
    return sealed(head, layout.flat(subject), Bodies(layout.wrapped(text), html), files)


def said(notice: Notice) -> Said:
    """Return the words of the letter that says this notice. Raises: as compose."""
    subject, text = _parts(notice, "subject.txt", "body.txt")
    return Said(header_text(layout.flat(subject)), layout.flat(text), file_names(notice))


def _parts(notice: Notice | Periodic, *names: str) -> list[str]:
    """Return these parts of a notice, rendered in the reader's language."""
    if isinstance(notice, Periodic):
        lang = language_of(envelope(notice))
        context = ABOUT_NO_TRAJECTORY[notice.id](notice, words(lang))
    elif notice.id in NOTICES:
        lang = language_of(notice)
        context = context_of(notice, words(lang))
    else:
        raise BadInput(N_("there is no notice named {notice}"), notice=notice.id)
    return [rendered(lang, f"{notice.id}/{name}", context) for name in names]


def rendered(lang: str, template: str, context: Context, *, longest: int = LONGEST) -> str:
    """Return a template of one language with its values filled in.

    Raises: TrajectError when the template is broken, names an unknown value or is too long.
    """
    try:
        result = environment(lang).get_template(template).render(context)
    except TemplateError as error:
        raise TrajectError(
            N_("the template {name} ({lang}) cannot be rendered: {error}"),
            name=template,
            lang=lang,
            error=str(error),
        ) from error
    if len(result) > longest:
        raise TrajectError(N_("the mail from {name} is too long"), name=template)
    return result


@cache
def environment(lang: str) -> ImmutableSandboxedEnvironment:
    """Return the sandbox of one language; templates compile at their first use, once."""
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([TEMPLATES / lang, TEMPLATES / "_shared"]),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.clear()
    made.filters.clear()
    made.filters.update(FILTERS)
    return made
