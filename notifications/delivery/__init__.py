"""Letters to receipts: through a mail server, or as files; the door to aiosmtplib and msal.

The libraries and asyncio are imported when the first connection is made, not before.
"""

from __future__ import annotations

from pathlib import Path

from engine.ports import Notifier, Step
from notifications.delivery.account import Account, Application, Secret
from notifications.delivery.files import FileNotifier
from notifications.delivery.relay import is_loopback, relay_from
from notifications.delivery.smtp import SmtpNotifier, Timeouts

__all__ = [
    "Account",
    "Application",
    "FileNotifier",
    "Secret",
    "SmtpNotifier",
    "Step",
    "Timeouts",
    "is_local",
    "notifier_for",
]


def notifier_for(
    smtp_url: str | None,
    mail_folder: Path,
    ca_file: Path | None = None,
    account: Account | None = None,
) -> Notifier:
    """Return the notifier for the settings: with no mail server, letters become files.

    Raises: BadInput for a URL or an account that must not be used.
    """
    if not smtp_url:
        return FileNotifier(mail_folder)
    return SmtpNotifier(smtp_url, ca_file=ca_file, account=account)


def is_local(smtp_url: str | None) -> bool:
    """Tell whether mail would go to a server on this machine; without a server it would not."""
    return bool(smtp_url) and is_loopback(relay_from(smtp_url or "").host)
