"""The line to a relay: opens it, encrypts it, logs in; one step at a time, each noted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from ssl import SSLContext
from typing import TYPE_CHECKING, Any

from aiosmtplib import SMTP, SMTPResponse

from engine.ports import Outcome, Step
from notifications.delivery.account import SignInError
from notifications.delivery.faults import RelayError, fault_from, reason, tls_context
from notifications.delivery.relay import Relay, disguises
from notifications.delivery.replies import NO_ANSWER, tidy
from notifications.delivery.smtp import Keys, Timeouts

if TYPE_CHECKING:
    from notifications.delivery.tokens import Tokens

OURSELVES = "[127.0.0.1]"  # in EHLO; the machine's own name would be asked of the DNS and shown


class Line:
    """An SMTP client that is always in a known phase; every failure is a RelayError."""

    def __init__(self, relay: Relay, ca_file: Path | None, timeouts: Timeouts, keys: Keys) -> None:
        self.relay, self.timeouts = relay, timeouts
        self._keys = keys
        self._hidden: set[str] = set()  # what no text that leaves here may hold
        self.phase = "connect"
        self.steps: list[Step] = []  # of the last opening
        self._ca_file = ca_file
        self._client: SMTP | None = None

    @property
    def client(self) -> SMTP:
        """Return the client; raises RelayError when the line is closed."""
        if self._client is None:
            raise RelayError(self.phase, NO_ANSWER, "not connected")
        return self._client

    @property
    def is_open(self) -> bool:
        """Tell whether the relay was still there when we last looked."""
        return self._client is not None and self._client.is_connected

    async def open(self) -> None:
        """Connect, encrypt, greet and log in; raises RelayError. Before TLS only EHLO is said."""
        self.close()
        self.steps, self.phase = [], "connect"
        client = self._client = self._new_client()
        seconds, security = self.timeouts, self.relay.security
        await self._step("connect", lambda: client.connect(timeout=seconds.connect))
        await self._step("ehlo", self._greet)
        if security == "starttls":
            await self._step("tls", self._encrypt)
            await self._step("ehlo", self._greet)
        if self.relay.user and self._keys.tokens is not None:
            await self._sign_in(self._keys.tokens)
        elif self.relay.user:
            await self._step("auth", self._log_in)

    def close(self) -> None:
        """Hang up without a word."""
        if self._client is not None:
            self._client.close()
        self._client = None

    async def said(self, phase: str, saying: Awaitable[Any]) -> Any:
        """Return the relay's reply; raises RelayError for a refusal, silence or anything else."""
        self.phase = phase
        try:
            return await saying
        except RelayError:
            raise
        except Exception as error:
            raise fault_from(phase, error) from error

    def tidy(self, text: str) -> str:
        """Return a relay's words as they may be stored and shown."""
        return tidy(text, *sorted(self._hidden, key=len, reverse=True))

    async def _greet(self) -> Any:
        return await self.client.ehlo(timeout=self.timeouts.command)

    async def _encrypt(self) -> Any:
        if not self.client.supports_extension("starttls"):
            raise RelayError("tls", NO_ANSWER, "the server offers no STARTTLS", "hold")
        return await self.client.starttls(
            server_hostname=self.relay.host, timeout=self.timeouts.command
        )

    async def _log_in(self) -> Any:
        """Log in with the one best method: trying several would count as several mistakes."""
        client, user = self.client, self.relay.user
        methods = {
            "plain": client.auth_plain,
            "login": client.auth_login,
            "cram-md5": client.auth_crammd5,
        }
        for name, log_in in methods.items():
            if name in client.server_auth_methods:
                password = await self._ours("auth", lambda: self._keys.password.read(user))
                return await log_in(user, password, timeout=self.timeouts.command)
        raise RelayError("auth", NO_ANSWER, "the server offers no login that we know", "hold")

    async def _sign_in(self, tokens: Tokens) -> None:
        """Sign in with a token: after TLS, where the library's own generator comes before it."""
        user, seconds = self.relay.user, self.timeouts.command
        if "xoauth2" not in self.client.server_auth_methods:
            text = "the server offers no sign-in with OAuth (XOAUTH2)"
            self._note("auth", False, NO_ANSWER, text)
            raise RelayError("auth", NO_ANSWER, text, "hold")
        found = ""

        async def ask() -> SMTPResponse:
            nonlocal found
            self._hidden.update(tokens.secrets())
            found = await self._ours("token", lambda: tokens.token(user))
            return SMTPResponse(NO_ANSWER, "")

        await self._step("token", ask)
        try:
            await self._step("auth", lambda: self.client.auth_xoauth2(user, found, timeout=seconds))
        except RelayError:
            tokens.forget()  # the next try, in a while, shall not be with the same one
            raise

    async def _ours(self, phase: str, find: Callable[[], str]) -> str:
        """Return a secret of ours, which no text may show from now on; raises RelayError."""
        try:
            secret = await asyncio.to_thread(find)  # a file, a store or a server may take its time
        except SignInError as error:
            outcome: Outcome = "pause" if error.temporary else "hold"
            raise RelayError(phase, NO_ANSWER, error.text, outcome) from None
        self._hidden.update(disguises(self.relay.user, secret))
        return secret

    async def _step(self, name: str, action: Callable[[], Awaitable[Any]]) -> None:
        """Do one step of the opening and note how it went."""
        phase = "connect" if name == "ehlo" else name
        try:
            reply = await self.said(phase, action())
        except RelayError as fault:
            self._note(fault.phase if name == "connect" else name, False, fault.code, fault.text)
            raise
        self._note(name, True, reply.code, reply.message)

    def _note(self, name: str, ok: bool, code: int, text: str) -> None:
        self.steps.append(Step(name, ok, max(code, 0), self.tidy(text)))

    def _new_client(self) -> SMTP:
        return SMTP(
            hostname=self.relay.host,
            port=self.relay.port,
            local_hostname=OURSELVES,
            timeout=self.timeouts.command,
            use_tls=self.relay.security == "tls",
            start_tls=False,  # done by hand: nothing may happen in clear text unnoticed
            tls_context=None if self.relay.security == "none" else self._context(),
        )

    def _context(self) -> SSLContext:
        try:
            return tls_context(self._ca_file)
        except OSError as error:
            text = f"{self._ca_file}: {reason(error)}"
            self._note("tls", False, NO_ANSWER, text)
            raise RelayError("tls", NO_ANSWER, text, "hold") from error
