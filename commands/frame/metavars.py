"""The words in capitals that stand for what is typed, such as DATE, in the language of this run."""

from __future__ import annotations

import re
from gettext import gettext

from engine.domain.words import N_

# Each stands in a metavar, alone or with brackets, dots and others; small letters are typed as
# they stand, and so is what is not in this list.
WORDS = frozenset({
    N_("ACTOR"), N_("ADDRESS"), N_("ARGS"), N_("CATEGORY"), N_("CODE"), N_("COACH"), N_("COMMAND"),
    N_("CONTACT"), N_("CRITERION"), N_("DATE"), N_("FILE"), N_("FILES"),
    N_("FOLDER"), N_("HH:MM"), N_("INSTANT"), N_("KEY"), N_("LOGIN"), N_("MUNICIPALITY"),
    N_("NAME"), N_("NUMBER"), N_("OPTIONS"), N_("PHASE"), N_("PLACE"), N_("REF"), N_("ROLE"),
    N_("SECONDS"), N_("TEXT"), N_("TRAJECTORY"), N_("VALUE"),
})  # fmt: skip
AS_THEY_ARE = frozenset({"ID", "N", "URL"})  # the same in every language
_WORD = re.compile(r"[A-Z]+(?::[A-Z]+)?")


def in_words(metavar: str) -> str:
    """Return a metavar with its words in the language that is bound."""
    return _WORD.sub(lambda found: _translated(found[0]), metavar)


def _translated(word: str) -> str:
    return gettext(word) if word in WORDS else word
