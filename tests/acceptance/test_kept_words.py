"""What the writing commands say beside the outcome: days that are closed, words that stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import Program

pytestmark = pytest.mark.above_the_store

CLOSED = "is not a working day, or lies in a holiday period; it was kept."
STAYS = "This stays and auditors read it"
NOW = "2027-03-01T09:30"


class Clerk(Program):
    """The program on a Monday in March 2027, with a trajectory in its first phase."""

    def do(self, *arguments: str, expect: int = 0) -> str:
        """Run a command; return what it told on stderr."""
        return self.call(*arguments, "--now", NOW, expect=expect).stderr


@pytest.fixture
def clerk(tmp_path: Path, empty_url: str) -> Clerk:
    """A log with one trajectory, on either database."""
    made = Clerk(tmp_path, empty_url)
    made.do("init", "--name", "An Peeters", "--email", "an@example.org", "--simulated-clock")
    made.do("start", "reactiveren", "Gent")
    return made


@pytest.mark.parametrize("day", ["2027-03-28", "2027-05-01", "2027-07-20"])
def test_an_appointment_on_a_closed_day_is_kept_with_a_warning(clerk: Clerk, day: str) -> None:
    """A weekend, a holiday, the summer: a person said so, and hears that it is odd."""
    assert CLOSED in clerk.do("meet", "1", "intake_talk_held", "--planned", f"{day} 14:30")
    assert CLOSED in clerk.do("meet", "1", "intake_talk_held", "--planned", day, "--json")


def test_a_value_on_a_closed_day_is_kept_with_a_warning(clerk: Clerk) -> None:
    """The date that a criterion carries is no other date than an appointment."""
    assert CLOSED in clerk.do("meet", "1", "last_meeting", "--value", "2026-07-20")


def test_a_working_day_needs_no_warning(clerk: Clerk) -> None:
    """Nor does a criterion without a date."""
    assert clerk.do("meet", "1", "last_meeting", "--value", "2027-02-26") == ""
    assert clerk.do("meet", "1", "intake_talk_held", "--planned", "2027-03-30") == ""
    assert clerk.do("meet", "1", "intake_talk_held") == ""


KEEPING = [
    ("note", "1", "a talk about the next step"),
    ("meet", "1", "intake_talk_held", "--note", "by phone"),
    ("waive", "1", "scope_confirmed", "--reason", "checked last year, and it still runs"),
    ("reschedule", "1", "2027-06-01", "--reason", "the council meets later this year"),
]


@pytest.mark.parametrize("command", KEEPING, ids=lambda command: command[0])
def test_words_that_stay_are_spoken_of_once_they_are_kept(
    clerk: Clerk, command: tuple[str, ...]
) -> None:
    """Not when the command is refused, only tried, or read by a script."""
    refused = (command[0], "99", *command[2:])
    assert STAYS not in clerk.do(*refused, expect=3)
    assert STAYS not in clerk.do(*command, "--if-version", "999", expect=6)
    assert STAYS not in clerk.do(*command, "--dry-run")
    told = clerk.do(*command)
    assert told.count(STAYS) == 1


def test_words_for_what_was_so_already_are_not_kept(clerk: Clerk) -> None:
    """Nothing had to change, so nothing stays."""
    waiver = ("waive", "1", "scope_confirmed", "--reason", "checked last year, and it still runs")
    assert STAYS in clerk.do(*waiver)
    again = clerk.call(*waiver, "--now", NOW, expect=None)
    assert (STAYS in again.stderr) == (again.code == 0 and "Nothing had to" not in again.stdout)


@pytest.mark.parametrize(
    "command",
    [("start", "reactivern", "Gent"), ("follow-up", "1", "nazorg"), ("workflow", "show", "nazorg")],
)
def test_an_unknown_category_is_a_fault_in_the_words_typed(
    clerk: Clerk, command: tuple[str, ...]
) -> None:
    """It ends with 2, as every unknown code does."""
    assert "there is no category" in clerk.do(*command, expect=2)


def test_workflow_check_tells_a_folder_from_a_file_that_is_not_there(clerk: Clerk) -> None:
    """The one is the wrong thing to name, the other may come."""
    assert "is a folder" in clerk.do("workflow", "check", str(clerk.home), expect=2)
    clerk.do("workflow", "check", str(clerk.home / "none.yaml"), expect=3)
