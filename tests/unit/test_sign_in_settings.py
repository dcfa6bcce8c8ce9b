"""Where the secrets of the mail server come from: the settings, the environment, systemd."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.mailing.sign_in import account_of
from commands.settings.layers import Given, read_settings
from engine.domain.errors import BadInput
from notifications.delivery import Account, Secret


def account(file: Path, text: str = "", **environment: str) -> Account:
    """Return as whom traject would sign in with such settings."""
    file.write_text(text)
    settings = read_settings(Given(), {"TRAJECT_SETTINGS": str(file), **environment})
    assert "canary" not in repr(settings)
    return account_of(settings.sign_in)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A settings file."""
    return tmp_path / "settings.toml"


def test_a_password_is_looked_for_in_this_order(file: Path, tmp_path: Path) -> None:
    """The environment, a file, the credential store, systemd; else it is nowhere but in the URL."""
    handed = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    (tmp_path / "smtp_password").write_text("canary-1\n")
    store = 'smtp_keyring = "traject"\n'
    named = f'{store}smtp_password_file = "{tmp_path / "own"}"\n'
    given = {"TRAJECT_SMTP_PASSWORD": "canary-2"}
    assert account(file) == Account()
    assert account(file, **handed).password == Secret(file=tmp_path / "smtp_password")
    assert account(file, store, **handed).password == Secret(vault="traject")
    assert account(file, named, **handed).password == Secret(file=tmp_path / "own")
    assert account(file, named, **handed, **given).password == Secret("canary-2")
    found = account(file, **handed).password
    assert found is not None
    assert found.read("jo") == "canary-1"


def test_an_application_proves_itself_by_what_is_named(file: Path, tmp_path: Path) -> None:
    """A secret that systemd hands over gives way to a certificate."""
    known = 'oauth_tenant = "example.org"\noauth_client = "1-2"\n'
    handed = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    (tmp_path / "oauth_secret").write_text("canary")
    cases = {
        "": ("oauth_secret_file",),
        'oauth_certificate = "c.pem"\n': ("oauth_certificate",),
        'oauth_tokens = "t"\n': ("oauth_tokens",),
    }
    for text, proofs in cases.items():
        application = account(file, known + text, **handed).application
        assert application is not None
        assert application.proofs() == proofs
    assert account(file, known).application is not None
    assert account(file).application is None


@pytest.mark.parametrize(
    "text",
    ['oauth_tenant = "../common"', 'oauth_client = "a b"', 'oauth_authority = "http://x.org"',
     'oauth_ends = "soon"', "smtp_password_file = 3", 'smtp_password = "x"'],
)  # fmt: skip
def test_what_does_not_fit_is_refused(file: Path, text: str) -> None:
    """No password in the settings file beside the address, and no clear text to Microsoft."""
    with pytest.raises(BadInput, match=text.partition(" ")[0]):
        account(file, text)
