"""What words mean among a few things, over every workflow that ships, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.typed.choosing import Choice, matching
from engine.domain.definition import Workflow
from workflows.loader import load, shipped

WORKFLOWS: list[Workflow] = [load(path).workflow for path in shipped()]


def labelled(labels: dict[str, object], lang: str) -> list[Choice]:
    """Return things with labels as choices in one language."""
    return [
        Choice(code, label.in_language(lang), number)  # type: ignore[attr-defined]
        for number, (code, label) in enumerate(labels.items(), start=1)
    ]


def lists() -> Iterator[list[Choice]]:
    """Yield every list from which people choose: criteria, phases and reasons."""
    for workflow in WORKFLOWS:
        for lang in ("nl", "en"):
            yield labelled({n: p.label for n, p in workflow.phases.items()}, lang)
            for phase in workflow.phases.values():
                yield labelled({n: c.label for n, c in phase.criteria.items()}, lang)
            for kind in ("pause", "stop", "send_back"):
                yield labelled(dict(getattr(workflow.reasons, kind)), lang)


LISTS = list(lists())


def codes(typed: str, choices: list[Choice]) -> list[str]:
    """Return the codes that words may mean."""
    return [one.code for one in matching(typed, choices)]


def test_a_number_a_code_and_a_whole_label_are_that_one() -> None:
    """In every list of every workflow, whatever else begins alike."""
    tried = 0
    for choices in LISTS:
        for one in choices:
            same = [c.code for c in choices if c.label == one.label]
            assert codes(str(one.number), choices) == [one.code]
            assert codes(one.code, choices) == [one.code]
            assert one.code in codes(one.label, choices)
            assert codes(one.label.upper(), choices) == same
            tried += 3
    assert tried > 1000


def test_a_word_of_a_label_never_picks_a_wrong_one() -> None:
    """It picks the one that holds it; where several do, all of them are there to ask about."""
    for choices in LISTS:
        ids = {one.code for one in choices}  # an id is that one
        for one in choices:
            for word in one.label.replace("(", "").replace(")", "").split():
                found = codes(word, choices)
                if len(word.strip(".,:'\"-")) >= 2 and not word.isdecimal() and word not in ids:
                    assert one.code in found, (word, one.label)


EXAMPLES = [
    Choice("intake_talk_held", "verkenningsgesprek gehouden", 1),
    Choice("sponsor_known", "burgemeester steunt het traject", 2),
    Choice("coordinator_named", "coördinator aangeduid, met tijd ervoor", 3),
    Choice("coordinator_trained", "coördinator opgeleid", 4),
]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("verkenning", ["intake_talk_held"]),
        ("Burgemeester", ["sponsor_known"]),
        ("steunt burgemeester", ["sponsor_known"]),
        ("coordinator", ["coordinator_named", "coordinator_trained"]),
        ("coördinator opgeleid", ["coordinator_trained"]),
        ("coord tijd", ["coordinator_named"]),
        ("sponsor", ["sponsor_known"]),
        ("talk held", ["intake_talk_held"]),
        ("3", ["coordinator_named"]),
        ("5", []),
        ("0", []),
        ("v", []),
        ("", []),
        ("...", []),
        ("iets anders", []),
        ("het het", []),
    ],
)
def test_words_mean_what_they_begin(typed: str, meant: list[str]) -> None:
    """Accents and capitals do not matter; one letter is too little."""
    assert codes(typed, EXAMPLES) == meant


@given(st.text(max_size=30), st.sampled_from(LISTS))
def test_any_text_means_some_of_the_choices_or_none(typed: str, choices: list[Choice]) -> None:
    """Nothing that is typed breaks it, and nothing is meant twice."""
    found = codes(typed, choices)
    assert len(found) == len(set(found))
    assert set(found) <= {one.code for one in choices}
