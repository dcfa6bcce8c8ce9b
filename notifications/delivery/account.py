"""Who we are to the mail server: where the password is kept, or how a token is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

LONGEST = 65_536  # bytes of a file with a secret; more is another file
MICROSOFT = "https://login.microsoftonline.com"
OAUTH_EXTRA = "pip install 'livc-traject[oauth]'"
KEYRING_EXTRA = "pip install 'livc-traject[keyring]'"


class SignInError(Exception):
    """Our side of a sign-in is not in order: no secret, or no token; its words hold neither.

    `temporary` when waiting may help.
    """

    def __init__(self, text: str, *, temporary: bool = False) -> None:
        super().__init__(text)
        self.text, self.temporary = text, temporary


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is kept; it is read at each sign-in, so that it can be changed any time."""

    value: str = field(default="", repr=False)  # from the environment
    file: Path | None = None
    vault: str = ""  # the service under which the credential store of this account has it

    def read(self, user: str) -> str:
        """Return the secret. Raises: SignInError."""
        if self.value:
            return self.value
        return _from_file(self.file) if self.file is not None else _from_vault(self.vault, user)


@dataclass(frozen=True, slots=True)
class Application:
    """The application that Microsoft knows us as; it proves itself by one of three.

    A secret and a certificate sign in the application itself, for the mailboxes that were
    given to it; a token file signs in as the person who once agreed to it.
    """

    tenant: str
    client: str
    secret: Secret | None = None
    certificate: Path | None = None  # PEM, with its private key
    tokens: Path | None = None
    authority: str = MICROSOFT

    def proofs(self) -> tuple[str, ...]:
        """Return the settings that say what it proves itself by; exactly one must."""
        found = {
            "oauth_secret_file": self.secret,
            "oauth_certificate": self.certificate,
            "oauth_tokens": self.tokens,
        }
        return tuple(name for name, value in found.items() if value is not None)


@dataclass(frozen=True, slots=True)
class Account:
    """How the user of the mail server's address signs in, when its password is not in there."""

    password: Secret | None = None
    application: Application | None = None


def read_text(file: Path) -> str:
    """Return what a small file holds. Raises: SignInError."""
    try:
        with file.open("rb") as opened:
            found = opened.read(LONGEST + 1)
        if len(found) > LONGEST:
            raise SignInError(f"{file}: too large for a secret")
        return found.decode("utf-8")
    except OSError as error:
        raise SignInError(f"{file}: {error.strerror or type(error).__name__}") from None
    except UnicodeDecodeError:
        raise SignInError(f"{file}: not text") from None


def _from_file(file: Path) -> str:
    """Return the one line of a file; the end of a line is not part of it."""
    secret = read_text(file).removesuffix("\n").removesuffix("\r")
    if not secret or "\n" in secret or "\r" in secret:
        raise SignInError(f"{file}: must hold one line, the secret")
    return secret


def _from_vault(service: str, user: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise SignInError(f"the credential store needs a library: {KEYRING_EXTRA}") from None
    try:
        found = keyring.get_password(service, user)
    except KeyringError as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SignInError(f"the credential store cannot be read: {reason}") from None
    if not found:
        raise SignInError(f"the credential store has no password of {user} for {service}")
    return found
