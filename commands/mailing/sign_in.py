"""Reads who we are to the mail server from the settings, the environment and systemd."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from notifications.delivery.account import Account, Application, Secret

SECRETS = ("smtp_password", "oauth_secret")  # never in the settings file, never an argument


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where the secrets are kept, and which application we are; the secrets stay out of reprs."""

    smtp_password_file: Path | None
    smtp_keyring: str | None
    oauth_tenant: str | None
    oauth_client: str | None
    oauth_secret_file: Path | None
    oauth_certificate: Path | None
    oauth_tokens: Path | None
    oauth_authority: str | None
    oauth_ends: date | None
    given: Mapping[str, str] = field(repr=False)  # secrets in the environment
    handed: Mapping[str, Path] = field(default_factory=dict)  # files in which systemd gives them

    def files(self) -> dict[str, Path]:
        """Return the files that hold something secret, by the setting that names them."""
        named = {
            "smtp_password_file": self.smtp_password_file,
            "oauth_secret_file": self.oauth_secret_file,
            "oauth_certificate": self.oauth_certificate,
            "oauth_tokens": self.oauth_tokens,
        }
        return {key: file for key, file in named.items() if file is not None}


KEYS = tuple(name for name in SignIn.__slots__ if name not in ("given", "handed"))


def read_sign_in(choose: Callable[[str], Any], environment: Mapping[str, str]) -> SignIn:
    """Return who we are to the mail server, of what was chosen for each key."""
    values = {key: choose(key) for key in KEYS}
    for key in ("smtp_password_file", "oauth_secret_file", "oauth_certificate", "oauth_tokens"):
        values[key] = Path(values[key]).expanduser() if values[key] else None
    given = {name: environment.get(f"TRAJECT_{name.upper()}", "") for name in SECRETS}
    folder = environment.get("CREDENTIALS_DIRECTORY")
    handed = {name: Path(folder) / name for name in SECRETS} if folder else {}
    return SignIn(
        **values,
        given={name: secret for name, secret in given.items() if secret},
        handed={name: file for name, file in handed.items() if file.is_file()},
    )


def account_of(own: SignIn) -> Account:
    """Return how the user of the mail server's address signs in."""
    from notifications.delivery.account import Account

    return Account(
        _secret(own, "smtp_password", own.smtp_password_file, own.smtp_keyring),
        _application(own) if own.oauth_tenant or own.oauth_client else None,
    )


def _application(own: SignIn) -> Application:
    from notifications.delivery.account import MICROSOFT, Application

    proven = own.oauth_certificate or own.oauth_tokens
    secret = None if proven else _secret(own, "oauth_secret", own.oauth_secret_file)
    return Application(
        own.oauth_tenant or "",
        own.oauth_client or "",
        secret,
        own.oauth_certificate,
        own.oauth_tokens,
        own.oauth_authority or MICROSOFT,
    )


def _secret(own: SignIn, name: str, file: Path | None, vault: str | None = None) -> Secret | None:
    """Return where a secret is: the environment, a file, the credential store, systemd."""
    from notifications.delivery.account import Secret

    if own.given.get(name):
        return Secret(own.given[name])
    if file is not None:
        return Secret(file=file)
    if vault:
        return Secret(vault=vault)
    return Secret(file=own.handed[name]) if name in own.handed else None
