"""The entry of the command `traject`, and the composition root that ties everything together."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from commands.frame.context import Context
    from commands.settings.layers import Settings
    from engine.ports import Notifier
    from engine.service.starting import Published
    from engine.store.database import Database


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    typed = list(sys.argv[1:] if arguments is None else arguments)
    refuse_strangers()
    from commands.settings.layers import early_language

    lang = early_language(typed, os.environ)
    bind(lang)
    from commands.frame.root import run

    return run(typed, build(lang))


def bind(lang: str) -> None:
    """Make this the language of gettext, for our words and for click's."""
    import gettext

    from engine.language import DOMAIN, LOCALE_DIR

    os.environ["LANGUAGE"] = lang  # gettext asks the environment at every message
    gettext.bindtextdomain(DOMAIN, str(LOCALE_DIR))
    gettext.textdomain(DOMAIN)


def build(lang: str) -> Context:
    """Return the context of a run: which service stands behind which seam."""
    from commands.frame.context import Context, Wiring
    from engine.clock import SystemClock

    wiring = Wiring(SystemClock(), _database, _notifier, _published, _categories)
    return Context(wiring, lang, os.environ)


def refuse_strangers() -> None:
    """Stop when another program's `engine` has taken the place of ours."""
    import engine

    ours = Path(__file__).resolve().parent
    theirs = Path(engine.__file__ or "").resolve().parent.parent
    if theirs != ours:
        raise SystemExit(
            f"traject in {ours} would run with the package 'engine' in {theirs}, which is not "
            "its own. Install traject in an environment of its own."
        )


def _database(url: str, *, older: bool = False, wait: float | None = None) -> Database:
    from engine.store.database import WAIT, open_database

    wait = WAIT if wait is None else wait
    return open_database(url, older=older, guarded=True, wait=wait)


def _notifier(settings: Settings) -> Notifier:
    from commands.mailing.sign_in import account_of
    from notifications.delivery import notifier_for

    account = account_of(settings.sign_in)
    return notifier_for(settings.smtp_url, settings.mail_folder, settings.smtp_ca, account)


def _published(category: str) -> Published:
    from engine.service.starting import Published
    from workflows.loader import load_category

    found = load_category(category)
    return Published(found.document, found.digest)


def _categories() -> tuple[str, ...]:
    from workflows.loader import shipped

    return tuple(path.stem for path in shipped())


if __name__ == "__main__":
    sys.exit(main())
