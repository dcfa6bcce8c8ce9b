"""A credential store for tests: a real backend of keyring that keeps its secrets in memory."""

from __future__ import annotations

import os
from pathlib import Path

from keyring.backend import KeyringBackend


class Vault(KeyringBackend):
    """Keeps passwords by service and user."""

    priority = 0.1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return a password."""
        return self._kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password."""
        self._kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget a password."""
        del self._kept[service, username]


class Opened(KeyringBackend):
    """Knows one password, that of the file that TESTS_VAULT names: for processes of their own."""

    priority = 0.1

    def get_password(self, service: str, username: str) -> str | None:
        """Return the password."""
        return Path(os.environ["TESTS_VAULT"]).read_text("utf-8")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep nothing."""

    def delete_password(self, service: str, username: str) -> None:
        """Keep what there is."""
