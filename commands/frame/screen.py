"""How a run speaks: sentences in its language, harmless, and coloured where that helps."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import click

from commands.frame.hints import located
from commands.pages.colour import painted, wanted
from commands.settings.layers import Given
from engine.domain.words import Say, Words


class Screen:
    """What a run prints, on stdout as data and on stderr as talk."""

    given: Given
    environment: Mapping[str, str]

    @property
    def words(self) -> Words:
        """The language of this run."""
        raise NotImplementedError

    @property
    def plain(self) -> bool:
        """Whether somebody listens to the screen."""
        raise NotImplementedError

    def in_words(self, template: str, **values: object) -> str:
        """Return a sentence in the language of this run; wrap the template in `N_()`."""
        return self.words.say(Say(template, values))

    def hint(self, command: str) -> str:
        """Return a command to type, so that it runs on the database of this run."""
        return located(command, self.given.database)

    def say(self, template: str, **values: object) -> None:
        """Print a sentence as data; wrap the template in `N_()`."""
        self.echo(self.in_words(template, **values))

    def tell(self, template: str, **values: object) -> None:
        """Print a sentence as talk, on stderr; wrap the template in `N_()`."""
        self.talk(self.in_words(template, **values))

    def head(self, template: str, **values: object) -> None:
        """Print a heading, which a screen reader hears as `Like this:`."""
        text = self.in_words(template, **values)
        if self.plain:
            end = "." if ":" in text else ":"
            text = f"{text.capitalize() if text.isupper() else text}{end}"
        click.echo(self._seen(text, sys.stdout, heading=True), sys.stdout)

    def echo(self, text: str = "", *, heading: bool = False, late: str = "") -> None:
        """Print a text as data, on stdout; control characters are shown, not obeyed.

        `late`: the words in it that tell how late something is.
        """
        click.echo(self._seen(text, sys.stdout, heading=heading, late=late), sys.stdout)

    def talk(self, text: str = "") -> None:
        """Print a text as talk, on stderr."""
        click.echo(self._seen(text, sys.stderr), sys.stderr)

    def _seen(self, text: str, stream: Any, *, heading: bool = False, late: str = "") -> str:
        """Return a text made harmless, then coloured where that helps."""
        harmless = shown(text)
        if not harmless or not wanted(stream, self.environment, plain=self.plain):
            return harmless
        return painted(harmless, heading=heading, late=late)

    def echo_json(self, value: Any) -> None:
        """Print a value as JSON; dates and instants as ISO text."""
        import json

        plain = (getattr(sys.stdout, "encoding", None) or "ascii").lower().startswith("utf")
        click.echo(json.dumps(value, ensure_ascii=not plain, indent=2, default=_iso))


def shown(text: str) -> str:
    r"""Return the lines of a text with unseen characters as `\x1b`."""
    from engine.domain.lint import clean

    return "\n".join(clean(line) for line in text.split("\n"))


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        from engine.domain.codec import instant

        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
