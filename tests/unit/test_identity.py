"""Who runs a command, as the kernel knows it."""

from __future__ import annotations

import os

import pytest

from commands.frame import identity


@pytest.mark.parametrize(
    ("uid", "sudo", "noted"),
    [
        (0, "1000", {"sudo_uid": 1000}),
        (0, "", {}),
        (0, "root", {}),
        (0, "²", {}),
        (1000, "4242", {}),
    ],
)
def test_a_sudo_is_noted_beside_root_only(
    monkeypatch: pytest.MonkeyPatch, uid: int, sudo: str, noted: dict[str, int]
) -> None:
    """SUDO_UID is environment: it decides nothing, and beside another account it is noise."""
    monkeypatch.setattr(os, "getuid", lambda: uid)
    monkeypatch.setenv("SUDO_UID", sudo)
    assert identity.via() == noted
