"""The settings on the command line: show them with where they came from, change one."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from commands.frame.context import Context
from commands.frame.shape import argument, command, option
from commands.pages.columns import width, wrapped
from commands.settings import file as settings_file
from commands.settings import layers
from commands.settings.urls import HIDDEN, without_password
from engine.domain.errors import BadInput
from engine.domain.words import N_
from engine.folders import make_folder

ORIGINS = {
    layers.OPTION: N_("given with {source}"),
    layers.ENVIRONMENT: N_("from {source}"),
    layers.FILE: N_("from the settings file"),
    layers.LOCALE: N_("from the locale"),
    layers.DEFAULT: N_("the default"),
}
SHOWN_TO_OTHERS = N_(
    "a password on the command line can be read by others and stays in its history: type it in "
    "with traject config mail, or leave it out here (smtp+starttls://USER@HOST:587) and name a "
    "file with it: traject config set smtp_password_file FILE"
)
HEADING = "# The settings of traject; see: traject config show\n"


@command(json=True)
def config_show(context: Context) -> None:
    """Show every setting and where its value came from."""
    own = context.settings
    values = {key: shown_setting(key, own.value(key)) for key in settings_file.KEYS}
    if context.json:
        shown = {
            key: {"value": v, "origin": own.origins[key], "source": _source(own, key)}
            for key, v in values.items()
        }
        context.echo_json({"file": str(own.file), "settings": shown})
        return
    context.say(N_("Settings file: {file}"), file=str(own.file))
    widest = max(map(len, values))
    for key, value in values.items():
        template = ORIGINS[own.origins[key]]
        origin = f"({context.in_words(template, source=_source(own, key))})"
        for line in _row(f"{key:<{widest}}", _as_text(value), origin):
            context.echo(line)
    for line in _secrets(context, own, widest):
        context.echo(line)


def _secrets(context: Context, own: layers.Settings, widest: int) -> Iterator[str]:
    """Yield where secrets come from that no settings file holds; never what they are."""
    handed = {name: str(file) for name, file in own.sign_in.handed.items()}
    given = {name: f"TRAJECT_{name.upper()}" for name in own.sign_in.given}
    for name, source in (handed | given).items():
        origin = context.in_words(ORIGINS[layers.ENVIRONMENT], source=source)
        yield from _row(f"{name:<{widest}}", "***", f"({origin})")


def _source(own: layers.Settings, key: str) -> str | None:
    """Return which option, variable or file a value came from; None for a default."""
    sources = {
        layers.OPTION: f"--{key.replace('_', '-')}",
        layers.ENVIRONMENT: f"TRAJECT_{key.upper()}",
        layers.FILE: str(own.file),
    }
    return sources.get(own.origins[key])


def _row(key: str, value: str, origin: str) -> list[str]:
    """Return a setting on one line; where that is too wide, its origin stands below it."""
    margin = len(key) + 4
    whole = f"  {key}  {value}  {origin}"
    if len(whole) <= width():
        return [whole]
    first, *more = wrapped(value, margin) or [""]
    return [f"  {key}  {first.strip()}", *more, *wrapped(origin, margin)]


@command(
    details=N_(
        "Example: traject config set hold_back 60. A list is given as closing_days "
        "2027-05-07,2027-05-28; an empty value takes the setting out of the file. Without a "
        "value a terminal asks for it."
    )
)
@argument("key")
@argument("value", required=False)
@option("--dry-run", is_flag=True, help=N_("Only show what would happen."))
def config_set(context: Context, key: str, *, value: str | None, dry_run: bool) -> None:
    """Change one setting in the settings file."""
    if key not in settings_file.KEYS:
        raise BadInput(
            N_("there is no setting {key}; known are {possible}"),
            key=key,
            possible=tuple(settings_file.KEYS),
        )
    if value is None:
        value = _asked(context, key)
    file = context.settings_file()
    stored = {k: v for k, v in settings_file.read_file(file).items() if k != key}
    if value and key == "smtp_url":
        from notifications.delivery.relay import relay_from

        if relay_from(value).password:  # which refuses now what a round would refuse
            raise BadInput(SHOWN_TO_OTHERS)
    if value:
        stored[key] = settings_file.checked(key, _typed(key, value), "config set")
    if not dry_run:
        write(file, edited(file, (key,), stored))
    context.say(N_("{key} = {value}"), key=key, value=_as_text(shown_setting(key, stored.get(key))))
    if dry_run:
        context.say(N_("Only tried: {file} was not changed."), file=str(file))
    else:
        context.say(N_("Kept in {file}."), file=str(file))


def keep(context: Context, values: Mapping[str, str]) -> None:
    """Keep settings in the settings file, all or none; an empty value takes one out."""
    file = context.settings_file()
    stored = settings_file.read_file(file)
    for key, value in values.items():
        stored.pop(key, None)
        if value:
            stored[key] = settings_file.checked(key, value, "config")
    write(file, edited(file, tuple(values), stored))
    vars(context).pop("settings", None)  # they are read afresh when next asked for


def edited(file: Path, keys: Sequence[str], values: Mapping[str, Any]) -> str:
    """Return the text of the settings file with some keys as in `values`, the rest as it stands.

    Where the file is written in a way that this does not understand, it is written anew.
    """
    text = file.read_text("utf-8") if file.exists() else HEADING
    own = re.compile(rf"\s*({'|'.join(keys)})\s*=")
    kept = [line for line in text.splitlines() if not own.match(line)]
    added = [f"{key} = {_toml(values[key])}" for key in keys if key in values]
    changed = "\n".join([*kept, *added, ""])
    anew = [f"{name} = {_toml(values[name])}\n" for name in settings_file.KEYS if name in values]
    try:
        understood = settings_file.checked_text(changed, file) == dict(values)
    except BadInput:
        understood = False
    return changed if understood else HEADING + "".join(anew)


def write(file: Path, text: str) -> None:
    """Write the settings file, whole or not at all; it may hold a password, so only for us."""
    make_folder(file.parent)
    draft = tempfile.NamedTemporaryFile(  # noqa: SIM115  # closed below, taken away on failure
        "w", encoding="utf-8", dir=file.parent, prefix=".settings-", delete=False
    )
    try:
        with draft:
            draft.write(text)
        Path(draft.name).replace(file)
    except BaseException:
        Path(draft.name).unlink(missing_ok=True)
        raise


def _asked(context: Context, key: str) -> str:
    """Return the value that a person types. Raises: BadInput where nobody can be asked."""
    from commands.typed.asking import ask, can_ask

    expected = settings_file.EXPECTED[key]
    if not can_ask(context):
        raise BadInput(N_("{key} needs a value: {expected}"), key=key, expected=expected)
    if key in settings_file.LISTS:
        question = N_("{key}, several with a comma between them ({expected}):")
    else:
        question = N_("{key} ({expected}):")

    def fitting(typed: str) -> str:
        settings_file.checked(key, _typed(key, typed), "config set")
        return typed

    return ask(context.in_words(question, key=key, expected=expected), context, fitting)


def _typed(key: str, value: str) -> Any:
    return [part.strip() for part in value.split(",")] if key in settings_file.LISTS else value


def _toml(value: Any) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, frozenset | tuple):
        listed = sorted(value) if isinstance(value, frozenset) else value
        return "[" + ", ".join(f'"{one}"' for one in listed) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda m: f"\\u{ord(m.group()):04x}", escaped) + '"'


def shown_setting(key: str, value: Any) -> Any:
    """Return the value of a setting as it may be shown: no passwords."""
    if isinstance(value, frozenset):
        return [day.isoformat() for day in sorted(value) if isinstance(day, date)]
    if isinstance(value, tuple):
        return list(value)
    if key == "smtp_url" and value and "://" not in value:
        return HIDDEN  # no address of a server, so nobody knows what it is
    if key in ("smtp_url", "database") and value:
        return without_password(str(value))
    return str(value) if isinstance(value, Path | date) else value


def _as_text(value: Any) -> str:
    if value in (None, "", []):
        return "–"
    if isinstance(value, bool):
        return _toml(value)
    return ", ".join(value) if isinstance(value, list) else str(value)
