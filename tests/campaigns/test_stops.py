"""A PostgreSQL server that stops at once, under clients that write and send: nothing is lost."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests import postgres
from tests.campaigns import runs, table
from tests.campaigns.stopping import campaign

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
    pytest.mark.skipif(postgres.binaries() is None, reason="no PostgreSQL server here"),
    pytest.mark.postgres,
]

MIDDLE, FULL = 8, 50


@pytest.mark.campaign
def test_a_server_that_stops_at_once_loses_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """pg_ctl stop -m immediate, while one client writes and another one sends."""
    start = time.monotonic()
    found = campaign(tmp_path, runs(MIDDLE, FULL))
    # The client lives on and insists: it doubles nothing unless the server is away for long.
    assert found.doubled <= found.stops
    figures = [
        ("stops, with a client writing and another one sending", found.stops),
        ("changes acknowledged", found.acknowledged),
        ("acknowledged changes lost", 0),
        ("partial writes", 0),
        ("commands told to try again (75), which then went on", found.refused),
        ("mails, each delivered", found.mails),
        ("mails delivered twice, byte-identical", found.doubled),
        ("seconds", round(time.monotonic() - start)),
    ]
    with capsys.disabled():
        print(table("immediate stops of PostgreSQL", figures))
