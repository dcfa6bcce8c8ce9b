"""Keeps mails from leaving, and from becoming files, while something is done that they must not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from engine.dispatch.post import Post
from engine.domain.errors import TryAgain
from engine.domain.words import N_

TURNS, PAUSE = 60, 0.25  # looks at whether the round has ended, and the seconds between two
BUSY = N_("A round is writing mails at this moment; nothing was changed. Try again in a minute.")


@contextmanager
def no_letter_written(post: Post) -> Iterator[None]:
    """Hold the sender's place where mails become files, once the round that has it is over.

    A file is written between two commits. Who takes a mail back meanwhile would look for its
    file before it is there. Raises: TryAgain where the round takes long.
    """
    if not post.notifier.writes_files:
        yield
        return
    for turn in range(TURNS):
        with post.database.sender_lock() as tenure:
            if tenure is not None:
                yield
                return
        if turn < TURNS - 1:
            time.sleep(PAUSE)
    raise TryAgain(BUSY)
