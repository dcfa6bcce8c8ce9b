"""Why the system refused a file, a folder or a connection, as a sentence; it speaks English."""

from __future__ import annotations

import errno

from engine.domain.words import N_, Say, say

REASONS = {
    errno.ENOENT: N_("there is no such file or folder"),
    errno.EACCES: N_("this account may not read or write there"),
    errno.EPERM: N_("this account may not do that there"),
    errno.EISDIR: N_("that is a folder"),
    errno.ENOTDIR: N_("that is no folder"),
    errno.EEXIST: N_("that is there already"),
    errno.ENOSPC: N_("the disk is full"),
    errno.EDQUOT: N_("the disk is full"),
    errno.EROFS: N_("nothing can be written on that disk"),
    errno.ENAMETOOLONG: N_("that name is too long"),
    errno.ECONNREFUSED: N_("nothing listens there"),
    errno.ETIMEDOUT: N_("no answer in time"),
    errno.EHOSTUNREACH: N_("no connection to that network"),
    errno.ENETUNREACH: N_("no connection to that network"),
}
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})  # try again once there is room


def why(error: OSError) -> Say | str:
    """Return the reason of the system as a sentence, in its own words where it is a rare one."""
    if error.errno in REASONS:
        return say(REASONS[error.errno])
    return error.strerror or type(error).__name__
