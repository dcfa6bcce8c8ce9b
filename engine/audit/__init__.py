"""What an auditor asks: does the history verify, what does it say; and the rebuild from it."""

from __future__ import annotations

from engine.audit.rebuilding import Rebuilt, rebuild
from engine.audit.report import Finding, Report, Witness
from engine.audit.telling import Told, Wanted, tell
from engine.audit.verifying import verify

__all__ = ["Finding", "Rebuilt", "Report", "Told", "Wanted", "Witness", "rebuild", "tell", "verify"]
