"""Who runs this command: the account as the kernel or the database server knows it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.domain.errors import Refused
from engine.domain.words import N_

if TYPE_CHECKING:
    from commands.frame.context import Context
    from engine.domain.people import Actor
    from engine.store.database import Database

AUDITOR = "auditor"  # engine.domain.people has it too, and is heavier than `traject list` may be
FIRST = N_("nobody is enrolled in this database yet; run: traject init")
UNKNOWN = N_(
    "this account ({account}) is not enrolled here; a coach or team lead who is can run this, with "
    "--role auditor for who reads and no more: "
    'traject actor add "NAME" --email ADDRESS --account {account} --role coach'
)


def caller(database: Database) -> tuple[Actor, Mapping[str, int]]:
    """Return the actor behind this account, and what is noted beside it.

    Raises: Refused with the line to run when the account is not enrolled.
    """
    from engine.store.enrolment import also_known
    from engine.store.projections import read_actors

    own = account(database)
    with database.reading() as connection:
        actors = read_actors(connection).values()
        known = own, also_known(connection, own)
    for name in known:
        for actor in actors:
            if name is not None and actor.active and actor.account == name:
                return actor, via()
    raise Refused(UNKNOWN if actors else FIRST, account=own)


def require_enrolled(context: Context, *, writes: bool) -> None:
    """Refuse an account that is not enrolled, and an auditor what `writes`.

    Light, because every command asks: `caller` reads who it is when that matters.
    """
    from engine.store.enrolment import anybody, role_of

    database = context.database()
    own = account(database)
    with database.reading() as connection:
        role, begun = role_of(connection, own), anybody(connection)
    if role is None:
        raise Refused(UNKNOWN if begun else FIRST, account=own)
    if writes and role == AUDITOR:
        from engine.service.rights import READS_ONLY

        raise Refused(READS_ONLY)


def account(database: Database) -> str:
    """Return `db:LOGIN` on PostgreSQL, else the `uid:` or `sid:` that runs this process."""
    login = database.session_user()
    return local_account() if login is None else f"db:{login}"


def local_account() -> str:
    """Return the `uid:` or `sid:` that runs this process."""
    return _windows_account() if sys.platform == "win32" else f"uid:{os.getuid()}"


def via() -> Mapping[str, int]:
    """Return the account behind a sudo, where root acts; a note, it decides nothing."""
    if sys.platform == "win32" or os.getuid() != 0:
        return {}
    behind = os.environ.get("SUDO_UID", "")
    return {"sudo_uid": int(behind)} if behind.isascii() and behind.isdigit() else {}


def full_name() -> str | None:
    """Return the full name that the account has on this machine; None where it has none."""
    if sys.platform == "win32":
        return _windows_name(3)  # NameDisplay
    import pwd

    name = pwd.getpwuid(os.getuid()).pw_gecos.partition(",")[0].strip()
    return name if " " in name else None  # `root` is an account, nobody's name


def mail_address() -> str | None:
    """Return the name with which the account signs in at its organisation, mostly its address."""
    return _windows_name(8) if sys.platform == "win32" else None  # NameUserPrincipal


if sys.platform == "win32":

    def _windows_name(form: int) -> str | None:
        """Return the name of the account in one of the forms of GetUserNameExW."""
        import ctypes
        from ctypes import wintypes

        size = wintypes.ULONG(256)
        name = ctypes.create_unicode_buffer(size.value)
        found = ctypes.windll.secur32.GetUserNameExW(form, name, ctypes.byref(size))
        return name.value or None if found else None

    def _windows_account() -> str:
        """Return the SID of the process's token."""
        import ctypes
        from ctypes import wintypes

        kernel, security = ctypes.windll.kernel32, ctypes.windll.advapi32
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        security.OpenProcessToken.argtypes = [
            wintypes.HANDLE,
            wintypes.DWORD,
            ctypes.POINTER(wintypes.HANDLE),
        ]
        token, size = wintypes.HANDLE(), wintypes.DWORD()
        if not security.OpenProcessToken(
            kernel.GetCurrentProcess(), 0x0008, ctypes.byref(token)
        ):  # TOKEN_QUERY
            raise ctypes.WinError()
        security.GetTokenInformation(token, 1, None, 0, ctypes.byref(size))  # TokenUser
        buffer = ctypes.create_string_buffer(size.value)
        if not security.GetTokenInformation(token, 1, buffer, size, ctypes.byref(size)):
            raise ctypes.WinError()
        sid = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_void_p))[0]
        text = wintypes.LPWSTR()
        if not security.ConvertSidToStringSidW(ctypes.c_void_p(sid), ctypes.byref(text)):
            raise ctypes.WinError()
        return f"sid:{text.value}"

else:

    def _windows_name(form: int) -> str | None:
        raise AssertionError(f"{form}: asked on Windows only")

    def _windows_account() -> str:
        raise AssertionError("asked on Windows only")
