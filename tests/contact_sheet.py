"""Writes `docs/mails.md` and its pictures: `python -m tests.contact_sheet`, which needs Chromium.

With `--words` it writes the page only: enough where a word changed and no browser is at hand.
Every mail is opened in both languages, at 320 and 700 pixels, in the light and in the dark;
one that needs a wider screen, or whose words are too pale, ends the run.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

from engine.domain.words import LANGUAGES
from engine.ports import Letter
from notifications.compose import compose
from tests import accounts, checkpoints, digests, reviews
from tests.browser import Browser, browser
from tests.mails import body, said
from tests.palette import shrunk
from tests.samples import SAMPLES

DOCS = Path(__file__).parent.parent / "docs"
PAGE, PICTURES = DOCS / "mails.md", DOCS / "mails"
WIDTHS = (320, 700)
READABLE = 4.5  # the contrast that WCAG AA asks of ordinary text
ROLES = {
    "coach": "coach", "lead": "team lead", "coordinator": "coordinator", "mayor": "mayor",
    "socio_partner": "partner of the LIVC R", "auditor": "auditor",
}  # fmt: skip
CHECKPOINTS = {f"checkpoint-{name}": name for name in checkpoints.WHEN}
DIGESTS = {f"coach_digest-{name}": name for name in digests.WHEN}
ACCOUNTS = {f"weekly_account-{name}": name for name in accounts.WHEN}
REVIEWS = {f"retention_review-{name}": name for name in reviews.WHEN}
NAMES = (*(sample.name for sample in SAMPLES), *DIGESTS, *ACCOUNTS, *REVIEWS, *CHECKPOINTS)
# Also shown on a telephone and in the dark.
SMALL = ("start-mayor", "deadline_soon-several", "feedback_invite-mayor-hour", "coach_digest-full")
DARK = ("deadline_soon-several", "overdue-last", "lead_escalation-lead")
HEAD = """\
# The mails

Every mail that traject writes, in Dutch, as a browser shows it at 700 pixels; made by
`python -m tests.contact_sheet`, and a test compares the words. All of them in both languages, as
plain text: `tests/snapshots`. The mails about a phase have one
subject and are one conversation; the first mail, a handover, an invitation and a request for
consent each begin one of their own.
"""


def page() -> str:
    """Return the contact sheet as Markdown."""
    lines = [HEAD]
    title = ""
    for sample in SAMPLES:
        if sample.notice != title:
            title = sample.notice
            lines.append(f"## {title}\n")
        lines += _entry(sample.name, sample.to.role, sample.when)
    lines.append("## coach_digest\n")
    for name, own in DIGESTS.items():
        lines += _entry(name, digests.digest(own, "nl").to.role, digests.WHEN[own])
    lines.append("## weekly_account\n")
    for name, own in ACCOUNTS.items():
        lines += _entry(name, accounts.account(own, "nl").to.role, accounts.WHEN[own])
    lines.append("## retention_review\n")
    for name, own in REVIEWS.items():
        lines += _entry(name, reviews.review(own, "nl").to.role, reviews.WHEN[own])
    lines.append("## checkpoint\n")
    for name, own in CHECKPOINTS.items():
        lines += _entry(name, "auditor", checkpoints.WHEN[own])
    lines.append("## On a telephone, and in the dark\n")
    lines += [_image(file, name) for name, file in _extra()]
    return "\n".join(lines)


def pictures(tab: Browser) -> dict[str, bytes]:
    """Return the pictures by file name; opens every mail in every way first."""
    wanted = {(name, 700, False): _file(name) for name in NAMES}
    wanted |= {(name, 320, False): _file(name, "-320") for name in SMALL}
    wanted |= {(name, 700, True): _file(name, "-dark") for name in DARK}
    found = {}
    for name, lang, width, dark in product(NAMES, LANGUAGES, WIDTHS, (False, True)):
        file = wanted.get((name, width, dark)) if lang == "nl" else None
        html = body(_letter(name, lang), "html")
        look = tab.look(html, width, dark=dark, picture=file is not None)
        where = f"{name} in {lang} at {width} pixels{', dark' if dark else ''}"
        assert look.wide <= width, f"{where} needs {look.wide}"
        assert look.contrast >= READABLE, f"{where} has a contrast of {look.contrast:.1f}"
        if file is not None:
            found[file] = shrunk(look.png)
    return found


def files() -> set[str]:
    """Return the names of the pictures there should be."""
    return {_file(name) for name in NAMES} | {file for _, file in _extra()}


def _entry(name: str, role: str, when: str) -> list[str]:
    return [
        f"**{_letter(name, 'nl').subject}**",
        f"to the {ROLES[role]}, {when}\n",
        _image(_file(name), name),
    ]


def _image(file: str, name: str) -> str:
    """Return a picture; its description is the first paragraph, for those who do not see it."""
    first = body(_letter(name, "nl"), "plain").partition("\n\n")[0]
    return f"![{' '.join(first.split())}](mails/{file})\n"


def _extra() -> list[tuple[str, str]]:
    small = [(name, _file(name, "-320")) for name in SMALL]
    return small + [(name, _file(name, "-dark")) for name in DARK]


def _file(name: str, suffix: str = "") -> str:
    return f"{name}{suffix}.png"


def _letter(name: str, lang: str) -> Letter:
    if name in DIGESTS:
        return compose(digests.digest(DIGESTS[name], lang))
    if name in ACCOUNTS:
        return compose(accounts.account(ACCOUNTS[name], lang))
    if name in REVIEWS:
        return compose(reviews.review(REVIEWS[name], lang))
    if name in CHECKPOINTS:
        return compose(checkpoints.checkpoint(CHECKPOINTS[name], lang))
    return compose(said(next(sample for sample in SAMPLES if sample.name == name), lang))


def _write(made: dict[str, bytes]) -> None:
    PICTURES.mkdir(exist_ok=True)
    for stale in {path.name for path in PICTURES.iterdir()} - set(made):
        (PICTURES / stale).unlink()
    for name, png in made.items():
        (PICTURES / name).write_bytes(png)


if __name__ == "__main__":
    if "--words" not in sys.argv:
        with browser() as opened:
            _write(pictures(opened))
    PAGE.write_text(page(), encoding="utf-8")
