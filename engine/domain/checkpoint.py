"""A checkpoint: what others keep of the log, as three lines of text in the form of C2SP.

Origin, size, root: https://c2sp.org/tlog-checkpoint without signatures, as the key would lie
beside the data. What proves something is the copy in somebody else's hands.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass

NOBODY = "localhost"  # where neither a domain nor an organisation is known
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The first `size` events of a log have this root, in hex."""

    origin: str
    size: int
    root: str

    def text(self) -> str:
        """Return the three lines, the last one ended as well."""
        root = b64encode(bytes.fromhex(self.root)).decode()
        return f"{self.origin}\n{self.size}\n{root}\n"


def origin(owner: str, log: str, epoch: int) -> str:
    """Return the name under which a log is known: whose it is, its id, how often it began anew."""
    name = _NOT_IN_A_NAME.sub("-", owner).strip("-.").lower()
    return f"{name or NOBODY}/traject/{log}/{epoch}"
