"""Why the system refused something: a sentence that is translated, else the system's own words."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from engine.domain.os_errors import FULL, REASONS, why
from engine.domain.words import Say
from engine.language import words


def test_a_file_that_is_not_there_is_told_in_dutch(tmp_path: Path) -> None:
    """As the system raises it."""
    with pytest.raises(OSError, match="No such file") as caught:
        (tmp_path / "nothing").open()
    reason = why(caught.value)
    assert isinstance(reason, Say)
    assert words("nl").say(reason) != words("en").say(reason) == REASONS[errno.ENOENT]


def test_a_rare_reason_is_the_systems_own() -> None:
    """In whatever language; without words the kind of the error stands in for them."""
    assert why(OSError(errno.ELOOP, "too many links")) == "too many links"
    assert why(TimeoutError()) == "TimeoutError"


def test_a_full_disk_and_a_used_up_quota_are_told_alike() -> None:
    """Both pass once there is room; whoever runs into one is told to try again."""
    assert {REASONS[number] for number in FULL} == {"the disk is full"}
    assert {number for number, told in REASONS.items() if told == "the disk is full"} == FULL
