"""Asks Microsoft for the tokens that sign us in to a mail server; the door to msal."""

from __future__ import annotations

import json
import logging
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.folders import make_folder
from notifications.delivery.account import OAUTH_EXTRA, Application, SignInError, read_text

OF_AN_APPLICATION = ("https://outlook.office365.com/.default",)
OF_A_PERSON = ("https://outlook.office.com/SMTP.Send",)
PATIENCE = 30  # seconds for one answer
PASSING = ("temporarily_unavailable", "server_error", "slow_down")
GARBAGE = "the token server answers something else than a token"
AGAIN = "sign in again, with traject config mail"

log = logging.getLogger("traject.delivery")

_PRIVATE_KEY = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \1-----", re.S)


class Tokens:
    """Gives the token of now; it asks for a new one when that has nearly run out."""

    def __init__(self, application: Application) -> None:
        """Keep the application; nothing is read or asked yet."""
        self._application = application
        self._client: Any = None
        self._refused = False  # the token that is kept

    def token(self, user: str) -> str:
        """Return a token that signs `user` in. Raises: SignInError."""
        if self._application.tokens is not None:
            return self._of_a_person(user)
        client = self._client = self._client or self._confidential()
        return _accepted(asked(lambda: client.acquire_token_for_client(list(OF_AN_APPLICATION))))

    def forget(self) -> None:
        """Ask anew next time: the mail server refused the token, or the secret changed."""
        self._client, self._refused = None, True
        if self._application.tokens is not None:
            with suppress(SignInError):  # who signs in next says what is wrong with it
                self._drop(self._application.tokens)

    def secrets(self) -> tuple[str, ...]:
        """Return what must never be shown of our proof; its file may have changed meanwhile."""
        secret = self._application.secret
        try:
            return (secret.read(""),) if secret is not None else ()
        except SignInError:
            return ()

    def _confidential(self) -> Any:
        own, msal = self._application, _msal()
        proof = _proof(own)
        return asked(
            lambda: msal.ConfidentialClientApplication(
                own.client, client_credential=proof, **_known(own)
            )
        )

    def _of_a_person(self, user: str) -> str:
        own, msal = self._application, _msal()
        file = own.tokens or Path()
        cache = _kept(file)
        client = asked(
            lambda: msal.PublicClientApplication(own.client, token_cache=cache, **_known(own))
        )
        known = client.get_accounts(username=user)
        if not known:
            raise SignInError(f"{file}: nobody signed in as {user}; {AGAIN}")
        found = asked(
            lambda: client.acquire_token_silent_with_error(
                list(OF_A_PERSON), account=known[0], force_refresh=self._refused
            )
        )
        if cache.has_state_changed:
            _keep_if_possible(file, cache.serialize())
        token = _accepted(found or {"error": AGAIN})
        self._refused = False
        return token

    def _drop(self, file: Path) -> None:
        """Take the refused token out of the file: the next sender may be another process."""
        cache = _kept(file)
        for token in list(cache.search(cache.CredentialType.ACCESS_TOKEN)):
            cache.remove_at(token)
        if cache.has_state_changed:
            _keep_if_possible(file, cache.serialize())


def sign_in(application: Application, show: Callable[[str, str], None]) -> str:
    """Return what to keep in the token file, once somebody agreed in a browser.

    `show` is called with the page to open and the code to type there; then this waits.
    Raises: SignInError.
    """
    msal = _msal()
    cache = msal.SerializableTokenCache()
    client = asked(
        lambda: msal.PublicClientApplication(
            application.client, token_cache=cache, **_known(application)
        )
    )
    flow = asked(lambda: client.initiate_device_flow(list(OF_A_PERSON)))
    if "user_code" not in flow:
        _accepted(flow)
    show(flow["verification_uri"], flow["user_code"])
    _accepted(asked(lambda: client.acquire_token_by_device_flow(flow)))
    return str(cache.serialize())


def ready(application: Application) -> None:
    """Do nothing when the application can prove itself; nobody is asked. Raises: SignInError."""
    _msal()
    if application.tokens is not None:
        read_text(application.tokens)
    else:
        _proof(application)


def certificate_ends(file: Path) -> datetime:
    """Return until when a certificate is valid. Raises: SignInError."""
    _msal()  # which brings cryptography along
    from cryptography import x509

    try:
        ends: datetime = x509.load_pem_x509_certificate(
            read_text(file).encode()
        ).not_valid_after_utc
    except ValueError:
        raise SignInError(f"{file}: holds no certificate in PEM") from None
    return ends.astimezone(UTC)


def keep_private(file: Path, text: str) -> None:
    """Write a file whole or not at all, for this account alone."""
    make_folder(file.parent)
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
        Path(draft).replace(file)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _keep_if_possible(file: Path, text: str) -> None:
    """Keep the tokens for a next time; where that cannot be, mail leaves with those of now."""
    try:
        keep_private(file, text)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        log.warning("%s cannot be written (%s): a token is asked for each time", file, reason)


def asked(question: Callable[[], Any]) -> Any:
    """Return Microsoft's answer; raises SignInError, temporary where nobody answered."""
    from requests.exceptions import RequestException, SSLError

    try:
        return question()
    except SSLError:
        raise SignInError("the certificate of the token server does not check") from None
    except RequestException as error:
        name = type(error).__name__
        raise SignInError(f"the token server cannot be reached ({name})", temporary=True) from None
    except json.JSONDecodeError:
        raise SignInError(GARBAGE, temporary=True) from None
    except ValueError as error:
        first = str(error).partition(" Authority would ")[0]
        raise SignInError(" ".join(first.split())) from None
    except Exception as error:  # noqa: BLE001  msal raises a bare one for an HTTP error
        raise SignInError(f"{GARBAGE} ({type(error).__name__})", temporary=True) from None


def _accepted(answer: Mapping[str, Any]) -> str:
    """Return the token of an answer; raises SignInError, in Microsoft's words, without one."""
    token = answer.get("access_token")
    if isinstance(token, str) and token:
        return token
    error, more = str(answer.get("error", "no_token")), str(answer.get("error_description", ""))
    first = more.splitlines()[0] if more else ""
    text = ": ".join(part for part in (error, first) if part)
    raise SignInError(text, temporary=error in PASSING)


def _kept(file: Path) -> Any:
    """Return the tokens of a file. Raises: SignInError."""
    cache = _msal().SerializableTokenCache()
    try:
        cache.deserialize(read_text(file))
    except ValueError:
        raise SignInError(f"{file}: not what was kept there; {AGAIN}") from None
    return cache


def _known(application: Application) -> dict[str, Any]:
    """Return what both kinds of application are told."""
    return {
        "authority": f"{application.authority.rstrip('/')}/{application.tenant}",
        "instance_discovery": False,  # who may answer for the tenant is in our settings
        "timeout": PATIENCE,
    }


def _proof(application: Application) -> Any:
    """Return what the application proves itself by. Raises: SignInError."""
    if application.secret is not None:
        return application.secret.read("")
    pem = read_text(application.certificate or Path())
    key = _PRIVATE_KEY.search(pem)
    if key is None or not _is_rsa(key.group()) or "BEGIN CERTIFICATE" not in pem:
        raise SignInError(
            f"{application.certificate}: must hold a certificate and its RSA key, both in PEM"
        )
    return {"private_key": key.group(), "public_certificate": pem}


def _is_rsa(pem: str) -> bool:
    """Tell whether this is a key that Microsoft's sign-in takes."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return isinstance(load_pem_private_key(pem.encode(), None), RSAPrivateKey)
    except (ValueError, TypeError):  # broken, or locked with a password
        return False


def _msal() -> Any:
    try:
        import msal
    except ImportError:
        raise SignInError(f"signing in with OAuth needs a library: {OAUTH_EXTRA}") from None
    logging.getLogger("msal").setLevel(logging.CRITICAL)  # it would log whole answers
    return msal
