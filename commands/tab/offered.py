"""What the Tab key offers where: names of commands, and the values of which parameter.

Nothing here may fail, ask or write: who presses Tab gets offers or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from gettext import gettext
from typing import TypeAlias

import click
from click.shell_completion import CompletionItem

from commands.frame import table
from commands.frame.context import Context

Items: TypeAlias = "list[CompletionItem[str]]"  # generic since click 8.4

OPEN = ("requested", "active", "paused")
STATUSES = {
    "accept": ("requested",),
    "pause": ("active",),
    "resume": ("paused",),
    "follow-up": ("completed", "stopped"),
}
STATES = {"reopen": ("met", "waived"), "send-back": ("met", "waived")}
KINDS = {"send-back": "send_back", "pause": "pause", "stop": "stop"}  # of reasons from a list
TRIGGERS = {"advance": "advance", "send-back": "send_back"}  # the phases that these lead to
PAST = {"nl": ("vandaag", "gisteren"), "en": ("today", "yesterday")}
MEMBERS_ONLY = "scope leave"


def command_names(context: Context, group: str, incomplete: str) -> Items:
    """Return the commands of a group by the names that begin like this, from the table alone.

    Where nothing is typed yet, each by one name, in the language of this run.
    """
    own = -1 if context.words.lang == "nl" else 0
    return [
        CompletionItem(name, help=gettext(entry.summary))
        for entry in table.ENTRIES.values()
        if entry.group == group
        for name in (entry.names if incomplete else [entry.names[own]])
        if name.startswith(incomplete)
    ]


def offered(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """Return the values that an argument or an option may have, by its name."""
    known = VALUES.get(param.name or "")
    if known is None or isinstance(param.type, click.Choice):
        return param.type.shell_complete(ctx, param, incomplete)
    with suppress(Exception):
        typed = ctx.params.get(param.name or "")
        before = {*typed} if isinstance(typed, tuple) else set()
        return [one for one in known(ctx, incomplete) if one.value not in before]
    return []


def _entry(ctx: click.Context) -> str:
    return getattr(ctx.command, "entry", "")


def _asked(ctx: click.Context) -> Context:
    """Return the context, once it is sure that this account may see what is in the database."""
    context: Context = ctx.obj
    if _entry(ctx) not in table.OPEN_TO_ALL:
        from commands.frame.identity import require_enrolled

        require_enrolled(context, writes=False)
    return context


def _ref(ctx: click.Context) -> str:
    return _argument(ctx, "ref")


def _argument(ctx: click.Context, name: str) -> str:
    """Return an argument; behind an option without its value click has left them all unread."""
    if given := ctx.params.get(name):
        return str(given)
    names = (p.name for p in ctx.command.params if isinstance(p, click.Argument))
    return dict(zip(names, ctx.args, strict=False)).get(name, "")


def _trajectories(ctx: click.Context, incomplete: str) -> Items:
    from commands.tab.completing_names import trajectories

    return trajectories(_asked(ctx), incomplete, STATUSES.get(_entry(ctx), OPEN))


def _criteria(ctx: click.Context, incomplete: str) -> Items:
    from commands.tab.completing import criteria

    return criteria(_asked(ctx), _ref(ctx), incomplete, STATES.get(_entry(ctx), ("open",)))


def _phases(ctx: click.Context, incomplete: str) -> Items:
    from commands.tab.completing import phases, phases_of

    if category := _argument(ctx, "category"):
        return phases_of(_asked(ctx), category, incomplete)
    return phases(_asked(ctx), _ref(ctx), incomplete, TRIGGERS.get(_entry(ctx)))


def _reasons(ctx: click.Context, incomplete: str) -> Items:
    from commands.tab.completing import reasons

    kind = KINDS.get(_entry(ctx))
    return reasons(_asked(ctx), _ref(ctx), kind, incomplete) if kind else []


def _deadlines(ctx: click.Context, incomplete: str) -> Items:
    from commands.tab.completing import deadlines

    return deadlines(_asked(ctx), _ref(ctx), incomplete)


def _categories(_: click.Context, incomplete: str) -> Items:
    from commands.tab.completing_names import categories

    return categories(incomplete)


def _municipalities(ctx: click.Context, incomplete: str) -> Items:
    from commands.tab.completing_names import municipalities

    return municipalities(incomplete, _members(ctx) if _entry(ctx) == MEMBERS_ONLY else None)


def _member(ctx: click.Context, incomplete: str) -> Items:
    from commands.tab.completing_names import municipalities

    return municipalities(incomplete, _members(ctx))


def _members(ctx: click.Context) -> Iterable[str]:
    from commands.tab.completing import places

    return places(_asked(ctx), _ref(ctx))


def _contacts(ctx: click.Context, incomplete: str) -> Items:
    from commands.tab.completing import one_ref
    from commands.tab.completing_names import contacts

    context, ref = _asked(ctx), _ref(ctx)
    everybody = not ref or _entry(ctx) == "contact assign"
    return contacts(context, incomplete, None if everybody else one_ref(context, ref))


def _colleagues(ctx: click.Context, incomplete: str) -> Items:
    from commands.tab.completing_names import colleagues

    return colleagues(_asked(ctx), incomplete)


def _erasable(ctx: click.Context, incomplete: str) -> Items:
    return _contacts(ctx, incomplete) if ctx.params.get("kind") == "contact" else []


def _roles(ctx: click.Context, incomplete: str) -> Items:
    from commands.tab.completing import roles

    return roles(_asked(ctx), _ref(ctx), incomplete)


def _settings(_: click.Context, incomplete: str) -> Items:
    from commands.settings.file import EXPECTED

    rows = EXPECTED.items()
    return [CompletionItem(key, help=text) for key, text in rows if key.startswith(incomplete)]


def _days(ctx: click.Context, incomplete: str) -> Items:
    words = PAST[ctx.obj.words.lang]
    return [CompletionItem(word) for word in words if word.startswith(incomplete)]


VALUES: dict[str, Callable[[click.Context, str], Items]] = {
    "ref": _trajectories,
    "criteria": _criteria,
    "keep": _criteria,
    "phase": _phases,
    "to": _phases,
    "reason": _reasons,
    "deadline": _deadlines,
    "category": _categories,
    "municipalities": _municipalities,
    "place": _member,
    "contact": _contacts,
    "on_behalf_of": _colleagues,
    "who": _erasable,
    "role": _roles,
    "key": _settings,
    "on": _days,
}
