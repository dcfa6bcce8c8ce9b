"""Chromium over a pipe: opens a page as it is at a width and in a colour scheme, for pictures."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--font-render-hinting=none", "--remote-debugging-pipe",
)  # fmt: skip
# What the page says of itself: its width, its colours, and the weakest contrast of its words.
LOOK = """(() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => v / 255).map(
      v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const page = getComputedStyle(document.body).backgroundColor;
  const contrast = element => {
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(rgb(page))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const words = [...document.querySelectorAll("td.small, td.ink, p, li, strong")];
  const root = document.documentElement;
  return {page, contrast: Math.min(...words.map(contrast)), wide: root.scrollWidth,
          high: Math.ceil(document.querySelector("table").getBoundingClientRect().bottom)};
})()"""


@dataclass(frozen=True)
class Look:
    """How a page came out."""

    png: bytes
    wide: int  # what it needs; more than the screen is a scroll bar
    contrast: float  # of the palest words; 4.5 is what WCAG AA asks
    page: str  # the background


class Browser:
    """A running browser with one tab."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back = to, back
        self._count, self._rest = 0, b""
        self._session = ""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self._frame = self.ask("Page.getFrameTree")["frameTree"]["frame"]["id"]

    def look(self, html: str, width: int, *, dark: bool = False, picture: bool = True) -> Look:
        """Return how a page looks at a width, in the light or in the dark."""
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.ask("Emulation.setEmulatedMedia", features=scheme)
        screen = {"width": width, "height": 200, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **screen)
        self.ask("Page.setDocumentContent", frameId=self._frame, html=html)
        evaluated = self.ask("Runtime.evaluate", expression=LOOK, returnByValue=True)
        seen = evaluated["result"]["value"]
        png = b""
        if picture:
            clip = {"x": 0, "y": 0, "width": width, "height": seen["high"], "scale": 1}
            shot = self.ask(
                "Page.captureScreenshot",
                clip=clip,
                captureBeyondViewport=True,
                optimizeForSpeed=True,
            )
            png = base64.b64decode(shot["data"])
        return Look(png, seen["wide"], seen["contrast"], seen["page"])

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the browser's answer to one command."""
        self._count += 1
        order: dict[str, Any] = {"id": self._count, "method": method, "params": params}
        if self._session:
            order["sessionId"] = self._session
        os.write(self._to, json.dumps(order).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._count:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            read = os.read(self._back, 1 << 16)
            assert read, "the browser has gone"
            self._rest += read
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message


@contextmanager
def browser() -> Iterator[Browser]:
    """Yield a browser of our own with an empty profile; it ends with the block."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    assert found, f"none of {', '.join(NAMES)} is installed"
    read_orders, orders = os.pipe()
    answers, write_answers = os.pipe()
    # A shell gives the pipes the numbers 3 and 4, where a browser looks for them.
    plug = f'exec "$0" "$@" 3<&{read_orders} 4>&{write_answers}'
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        running = subprocess.Popen(
            ["bash", "-c", plug, found, *QUIET, f"--user-data-dir={profile}"],
            pass_fds=(read_orders, write_answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_orders)
        os.close(write_answers)
        try:
            yield Browser(orders, answers)
        finally:
            os.close(orders)
            os.close(answers)
            running.terminate()
            running.wait(timeout=20)
