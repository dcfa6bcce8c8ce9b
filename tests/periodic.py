"""Snapshots of the mails that come on a day and not because of an event: samples by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.domain.words import LANGUAGES
from engine.ports import Letter
from tests.keeping import renew
from tests.mails import body, read


@dataclass(frozen=True)
class Snapshots:
    """What a reader sees of each sample, in each language."""

    folder: Path
    names: Iterable[str]
    letter: Callable[[str, str], Letter]  # of a sample, in a language

    def path(self, name: str, lang: str) -> Path:
        """Return where a snapshot is kept."""
        return self.folder / lang / f"{name}.txt"

    def text(self, name: str, lang: str) -> str:
        """Return what a reader sees of a sample."""
        letter = self.letter(name, lang)
        mail = read(letter)
        heads = [f"{head}: {mail[head]}" for head in ("From", "Reply-To", "To", "Subject")]
        return "\n".join([*heads, "", body(letter, "plain")])

    def renew(self) -> None:
        """Write every snapshot there should be, and remove the others."""
        each = [(name, lang) for lang in LANGUAGES for name in self.names]
        renew(self.folder, {self.path(*one): self.text(*one) for one in each})
