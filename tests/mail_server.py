"""A real mail server on loopback, aiosmtpd, that keeps what it took."""

from __future__ import annotations

import base64
import socket
import ssl
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

SECRET = "s3cr3t wôrd/@"
ACCOUNT = "jo%40example.org:s3cr3t%20w%C3%B4rd%2F%40"


@dataclass
class Mailboxes:
    """Keeps what aiosmtpd took, and who logged in over what."""

    taken: list[Envelope]
    logins: list[tuple[bytes, bytes, bool]]
    tokens: Container[str] = ()  # those that sign somebody in
    bearers: list[tuple[str, str, bool]] = field(default_factory=list)  # user, token, over TLS

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        """Take a letter."""
        self.taken.append(envelope)
        return "250 2.0.0 queued as 1"

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        """Take a token, or say why not and wait for the empty line, as Microsoft does."""
        said = base64.b64decode(args[1]).decode().split("\1")
        user, token = said[0].removeprefix("user="), said[1].removeprefix("auth=Bearer ")
        assert server.session is not None
        self.bearers.append((user, token, server.session.ssl is not None))
        if token in self.tokens:
            return AuthResult(success=True, auth_data=user)
        await server.challenge_auth('{"status":"401"}', encode_to_b64=True)
        await server.push("535 5.7.3 Authentication unsuccessful")
        return AuthResult(success=False, handled=True)

    def authenticate(
        self, server: SMTP, session: Any, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Let the one account in."""
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password, session.ssl is not None))
        return AuthResult(success=data.password == SECRET.encode(), handled=False)


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def real_server(
    context: ssl.SSLContext, implicit: bool, tokens: Container[str] = ()
) -> Iterator[tuple[Mailboxes, int]]:
    """Run aiosmtpd on loopback, with AUTH over TLS only, by password or by one of the tokens."""
    boxes = Mailboxes([], [], tokens)
    port = free_port()  # aiosmtpd cannot say which one it was given
    starttls = {"tls_context": context, "require_starttls": True}
    controller = Controller(
        boxes,
        hostname="127.0.0.1",
        port=port,
        authenticator=boxes.authenticate,
        auth_required=True,
        auth_require_tls=not implicit,  # it does not see that implicit TLS is TLS
        **({"ssl_context": context} if implicit else starttls),
    )
    controller.start()
    try:
        yield boxes, port
    finally:
        controller.stop()


@dataclass
class PostOffice:
    """Takes letters in the clear for all but the addresses that nobody has."""

    unknown: frozenset[str]
    taken: list[Envelope] = field(default_factory=list)

    async def handle_RCPT(
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse an address that nobody has."""
        if address in self.unknown:
            return f"550 5.1.1 <{address}>: user unknown"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        """Take a letter."""
        self.taken.append(envelope)
        return "250 2.0.0 queued as 1"


@contextmanager
def post_office(*unknown: str) -> Iterator[tuple[PostOffice, str]]:
    """Run aiosmtpd on loopback without accounts; give it and its URL."""
    office, port = PostOffice(frozenset(unknown)), free_port()
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield office, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()
