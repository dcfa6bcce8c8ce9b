"""A token server on loopback that answers like Microsoft's, over TLS, and remembers."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

TENANT, CLIENT = "example.onmicrosoft.com", "11111111-2222-3333-4444-555555555555"
Answer = tuple[int, dict[str, Any] | str]


@dataclass
class TokenServer:
    """Gives tokens that count up, unless a script says otherwise."""

    port: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)  # the forms, in order
    script: list[Answer] = field(default_factory=list)  # answers that come first
    given: list[str] = field(default_factory=list)  # the tokens
    known: bool = True  # whether there is such a tenant
    lives: int = 3600  # seconds

    @property
    def authority(self) -> str:
        """Return what a setting names."""
        return f"https://localhost:{self.port}"

    def answer(self, path: str, form: dict[str, str]) -> Answer:
        """Return what to answer to a request."""
        base = f"{self.authority}/{TENANT}"
        if path == f"/{TENANT}/v2.0/.well-known/openid-configuration" and self.known:
            return 200, {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            }
        if not form:
            return 400, {"error": "invalid_tenant", "error_description": "AADSTS90002: none."}
        self.asked.append(form)
        if self.script:
            return self.script.pop(0)
        if path.endswith("/devicecode"):
            code: dict[str, Any] = {"device_code": "d", "user_code": "ABCD1234", "interval": 1}
            return 200, {**code, "verification_uri": "https://example.org/device", "expires_in": 60}
        return self._token(form)

    def _token(self, form: dict[str, str]) -> Answer:
        token = f"canary-token-{len(self.given) + 1}"
        self.given.append(token)
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "expires_in": self.lives,
            "access_token": token,
        }
        if form["grant_type"] != "client_credentials":
            about: dict[str, Any] = {
                "oid": "o",
                "tid": "t",
                "preferred_username": "livc@example.org",
                "sub": "s",
            }
            about |= {"iss": f"{self.authority}/{TENANT}/v2.0", "aud": CLIENT, "exp": 9999999999}
            answer["id_token"] = f"e30.{_coded(about)}.x"
            answer["scope"] = "https://outlook.office.com/SMTP.Send"
            answer["client_info"] = _coded({"uid": "o", "utid": "t"})
            answer["refresh_token"] = f"canary-refresh-{len(self.given)}"
        return 200, answer


def refusal(number: int, error: str = "invalid_client") -> Answer:
    """Return how Microsoft says no."""
    return 401, {"error": error, "error_description": f"AADSTS{number}: No, not so.\r\nTrace: 1"}


def _coded(value: dict[str, Any]) -> str:
    import base64

    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@contextmanager
def token_server(context: ssl.SSLContext) -> Iterator[TokenServer]:
    """Run a token server for the length of a test."""
    served = TokenServer()

    class Talk(BaseHTTPRequestHandler):
        """One request."""

        def do_GET(self) -> None:
            self._say({})

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            self._say(dict(parse_qsl(self.rfile.read(length).decode())))

        def _say(self, form: dict[str, str]) -> None:
            code, answer = served.answer(self.path.partition("?")[0], form)
            body = answer if isinstance(answer, str) else json.dumps(answer)
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Talk)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    served.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
