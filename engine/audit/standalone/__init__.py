"""What goes along with an export: a verifier in one file that needs no traject."""

from __future__ import annotations

from pathlib import Path

VERIFIER = Path(__file__).parent / "verify_history.py"
