"""The verifier that goes along with an export, loaded as it lies there: alone in its file."""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import Any

from engine.audit.standalone import VERIFIER


@cache
def verifier() -> Any:
    """Return the program as a module."""
    spec = importlib.util.spec_from_file_location("verify_history", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
