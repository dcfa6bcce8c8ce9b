"""What an audit found: problems and remarks, each with the event where it shows."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.domain.words import N_, Say, say

NOBODY = say(N_("nobody"))
# A witness of another log says nothing of this one; a restore explains why another disagrees.
OTHER_LOG, RESTORED, DISAGREES = "other_log", "restored", "disagrees"
MOST = 100  # a log that was rewritten as a whole needs no line for each event


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be; `position` is 0 where no event is to blame.

    `witness` tells what became of one that was kept elsewhere, where the finding is of such a one.
    """

    position: int
    sentence: Say
    witness: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    """What was kept elsewhere, such as in a mail: size, and root or its start, in hex.

    `source` names the file it stands in; `log` the log it is of and `epoch` how often that had
    begun, where it says so.
    """

    size: int
    root: str
    source: str = ""
    log: str = ""
    epoch: int = 0


@dataclass(slots=True)
class Findings:
    """Collects findings, and counts those that would only repeat the same."""

    found: list[Finding] = field(default_factory=list)
    count: int = 0

    def add(self, position: int, template: str, witness: str = "", /, **values: object) -> None:
        """Add a finding; wrap the template, which may name the position, in `N_()`."""
        self.count += 1
        if len(self.found) < MOST:
            sentence = Say(template, {"position": position, **values})
            self.found.append(Finding(position, sentence, witness))


def listed(*parts: Findings) -> tuple[Finding, ...]:
    """Return the findings as they were made, and a last line for those beyond the limit."""
    found = tuple(one for part in parts for one in part.found)[:MOST]
    count = sum(part.count for part in parts)
    if count <= MOST:
        return found
    return (*found, Finding(0, say(N_("and {count} more"), count=count - MOST)))


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of an audit: counts, the ledger's size and root, problems, remarks."""

    events: int
    trajectories: int
    size: int
    root: str
    problems: tuple[Finding, ...]
    remarks: tuple[Finding, ...]
    witnessed: tuple[Witness, ...] = ()  # those that the ledger agrees with
    left_out: tuple[str, ...] = ()  # tables that an earlier version made, which cannot be compared
    mendable: bool = False  # only what is derived from the events is otherwise: rebuild
    count: int = 0  # of all problems, also of those that are not listed
    compared: bool = True  # False where parts of the tables are missing: then nothing else was

    @property
    def first_broken(self) -> int | None:
        """Return the position of the first event where a problem shows."""
        return min((one.position for one in self.problems if one.position), default=None)

    @property
    def doubts(self) -> frozenset[str]:
        """Return what became of the witnesses, where nothing else is wrong; empty otherwise."""
        kinds = frozenset(one.witness for one in self.problems)
        return frozenset() if "" in kinds else kinds

    @property
    def ok(self) -> bool:
        """Return whether nothing is missing and nothing was changed."""
        return not self.problems
