"""Characters that a console lacks, as plain ones that say the same: ✔ as v, é as e."""

from __future__ import annotations

import codecs
import unicodedata

NAME = "traject"
ALIKE = {
    "✔": "v", "●": ">", "○": "o", "–": "-", "—": "-", "…": "...", "·": "-", "’": "'",
    "\u2018": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "→": "->", "←": "<-",
    "\u2212": "-", "×": "x", "•": "-", "≤": "<=", "≥": ">=", "€": "EUR", "ß": "ss", "ẞ": "SS",
    "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "\u0131": "i",
}  # fmt: skip


def registered() -> str:
    """Return the name of the codec error handler that writes likenesses, registering it."""
    codecs.register_error(NAME, _instead)
    return NAME


def likeness(character: str) -> str:
    """Return ASCII that says what a character says, a question mark where nothing does."""
    if character in ALIKE:
        return ALIKE[character]
    split = unicodedata.normalize("NFKD", character)
    plain = "".join(ALIKE.get(c, c) for c in split if not unicodedata.combining(c))
    return plain if plain.isascii() and plain else "?"


def _instead(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(map(likeness, missing)), error.end
