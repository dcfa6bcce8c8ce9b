"""The table of replies: what a code means depends on the phase it came in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ports import Outcome
from notifications.delivery.replies import GARBAGE, NO_ANSWER, judge, tidy

TABLE: list[tuple[str, int, str, Outcome]] = [
    ("connect", NO_ANSWER, "", "pause"), ("connect", GARBAGE, "", "pause"),
    ("connect", 421, "", "pause"), ("connect", 554, "5.7.1", "hold"),
    ("tls", NO_ANSWER, "", "pause"), ("tls", 454, "", "pause"), ("tls", 502, "", "hold"),
    ("auth", NO_ANSWER, "", "pause"), ("auth", 454, "4.7.0", "pause"), ("auth", 535, "", "hold"),
    ("auth", 534, "", "hold"), ("auth", 530, "", "hold"), ("auth", 538, "", "hold"),
    ("auth", 550, "5.7.30 Basic authentication is not supported", "hold"),
    ("mail", NO_ANSWER, "", "pause"), ("mail", 421, "", "pause"), ("mail", 451, "4.4.5", "pause"),
    ("mail", 452, "", "pause"), ("mail", 552, "5.3.4 too big", "dead"),
    ("mail", 552, "", "hold"), ("mail", 550, "5.7.60", "hold"), ("mail", 553, "", "hold"),
    ("rcpt", 450, "4.2.0 greylisted", "retry"), ("rcpt", 421, "", "retry"),
    ("rcpt", 452, "", "retry"), ("rcpt", 552, "mailbox full", "retry"),
    ("rcpt", 552, "5.2.2 mailbox full", "dead"), ("rcpt", 550, "5.1.1 unknown", "dead"),
    ("rcpt", 556, "5.1.10 null MX", "dead"), ("rcpt", 550, "5.7.1 no", "dead"),
    ("rcpt", NO_ANSWER, "", "retry"), ("rcpt", GARBAGE, "", "retry"),
    ("data", 451, "", "retry"), ("data", 554, "", "dead"), ("data", NO_ANSWER, "", "retry"),
    ("data", 250, "out of place", "retry"),
    ("dot", 250, "queued", "sent"), ("dot", 451, "", "retry"), ("dot", 421, "", "retry"),
    ("dot", 554, "5.7.1 spam", "dead"), ("dot", NO_ANSWER, "", "uncertain"),
    ("dot", GARBAGE, "", "uncertain"), ("dot", 354, "", "uncertain"),
]  # fmt: skip


@pytest.mark.parametrize(("phase", "code", "text", "outcome"), TABLE)
def test_each_reply_has_its_meaning(phase: str, code: int, text: str, outcome: str) -> None:
    """Row by row."""
    assert judge(phase, code, text) == outcome


@given(
    st.sampled_from(["connect", "tls", "auth", "mail", "rcpt", "data"]),
    st.integers(-1, 999),
    st.text(),
)
def test_only_an_answer_after_the_dot_is_ever_sent_or_uncertain(
    phase: str, code: int, text: str
) -> None:
    """Before the dot nothing can have been accepted."""
    assert judge(phase, code, text) not in ("sent", "uncertain")


@given(st.integers(-1, 999))
def test_nothing_is_sent_without_a_clear_yes(code: int) -> None:
    """2xx after the dot, and nothing else."""
    assert (judge("dot", code) == "sent") == (200 <= code < 300)


def test_a_reply_is_stored_on_one_printable_line_without_secrets() -> None:
    """Relays put anything into their replies, even what we said."""
    assert tidy("no\r\n\x1b[31m password\thunter2 \udcff", "hunter2") == "no ?[31m password *** ?"
    assert len(tidy("x" * 9000)) == 500


def test_a_very_short_password_leaves_the_code_alone() -> None:
    """Blotting out two letters would garble every word and show where they stood."""
    assert tidy("535 not authenticated", "no") == ""
    assert tidy("535 bad credentials", "no") == "535 bad credentials"
    assert tidy("535 pass is wrong", "pass") == "535 *** is wrong"
