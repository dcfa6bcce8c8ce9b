"""Tells what a change did: the event in words, the date that holds now, the mails that leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commands.effects.previews import tell_previews
from commands.effects.redated import tell_redated
from commands.effects.shifted import tell_shifted
from commands.effects.untold import tell_untold
from commands.frame.context import Context
from commands.pages import wording
from commands.pages.columns import columns, wrapped
from engine.domain.words import N_

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.trajectory import Trajectory
    from engine.service.desk import Outcome
    from engine.service.mailing import Mailing

DRY = N_("Only tried: nothing was changed and no mail leaves. It would go like this:")


def tell(context: Context, outcome: Outcome, *sentences: str) -> None:
    """Print an outcome: the sentences that tell it, then the date and the mails."""
    if context.json:
        context.echo_json(as_json(outcome))
        return
    if outcome.dry_run:
        context.say(DRY)
    for sentence in filter(None, sentences):
        for line in wrapped(sentence, hanging=4):
            context.echo(line)
    if not outcome.events:
        context.say(N_("Nothing had to change."))
    _tell_date(context, outcome)
    tell_shifted(context, outcome)
    _tell_asked_before(context, outcome)
    _tell_withdrawn(context, outcome)
    _tell_mails(context, outcome)
    tell_untold(context, outcome)
    tell_redated(context, outcome)
    tell_previews(context, outcome.previews)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome with the keys that scripts rely on; a dry run adds the mails."""
    after = outcome.after
    previews = [{"to": p.to, "subject": p.subject, "text": p.text} for p in outcome.previews]
    return {
        "ref": after.ref,
        "version": after.version,
        "status": after.status,
        "phase": after.phase,
        "due_on": after.due_on(),
        "dry_run": outcome.dry_run,
        "mails": [
            {
                "notice": mail.notice,
                "role": mail.role,
                "name": mail.name or None,
                "email": mail.email or None,
                "municipality": mail.nis or None,
                "leaves_at": mail.leaves_at if mail.name else None,
            }
            for mail in outcome.mailings
        ],
        "withdrawn": [{"notice": w.notice, "name": w.name} for w in outcome.withdrawn],
        **({"previews": previews} if outcome.dry_run else {}),
    }


def title(trajectory: Trajectory) -> str:
    """Return `2026-001 Gent + Merelbeke-Melle`."""
    return f"{trajectory.ref} {wording.places(trajectory.current_municipalities())}"


def phase_name(context: Context, trajectory: Trajectory) -> str:
    """Return the label of the current phase, "" where there is none yet."""
    if trajectory.phase is None:
        return ""
    workflow = context.workflow(trajectory.workflow).workflow
    return context.words.label(workflow.phases[trajectory.phase].label)


def criterion_name(context: Context, trajectory: Trajectory, criterion: str) -> str:
    """Return the label of a criterion."""
    found = context.workflow(trajectory.workflow).workflow.criterion(criterion)
    return context.words.label(found.label) if found else criterion


def deadline_name(context: Context, trajectory: Trajectory, deadline: str | None) -> str:
    """Return the label of an open deadline, of the phase's own where none is named."""
    standing = [d.deadline for d in trajectory.open_deadlines()]
    found = next((d for d in standing if deadline in (None, d.deadline)), None)
    if found is None:
        return deadline or ""
    phase = context.workflow(trajectory.workflow).workflow.phases[found.phase]
    return context.words.label(phase.deadlines[found.deadline].label or phase.label)


def _tell_date(context: Context, outcome: Outcome) -> None:
    """Print the date of the phase where it is a new one, and the one it replaced."""
    after, before = outcome.after, outcome.before
    due = after.due_on()
    if due is None or after.status != "active":
        return
    same_phase = before is not None and before.entry == after.entry
    if before is not None and same_phase and before.due_on() not in (None, due):
        context.say(N_("Target date: {due} (was {before})."), due=due, before=before.due_on())
    elif before is None or not same_phase or before.status != after.status:
        context.say(N_("Target date: {due}."), due=due)


def _tell_withdrawn(context: Context, outcome: Outcome) -> None:
    """Print which mails of earlier commands do not leave any more, by reader."""
    for mail in outcome.withdrawn:
        template = N_("Withdrawn: {notice} to {name}.")
        if mail.doubtful:
            template = N_("Not tried again, but it may have arrived: {notice} to {name}.")
        notice = wording.notice(context, mail.notice)
        _say(context, template, notice=notice, name=mail.name)


def _tell_mails(context: Context, outcome: Outcome) -> None:
    """Print who gets what when, who cannot be reached, and how to keep it from leaving."""
    leaving = [mail for mail in outcome.mailings if mail.name]
    for moment in sorted({mail.leaves_at for mail in leaving}):
        context.say(N_("Mails that leave {when}:"), when=moment_in_words(context, moment))
        _rows(context, outcome, [mail for mail in leaving if mail.leaves_at == moment])
    for mail in outcome.mailings:
        if not mail.name:
            template = N_("{role}: no address known, nothing leaves: traject contact add {ref}")
            if outcome.dry_run or outcome.after.closed_on:  # it may not exist yet, or takes nobody
                template = N_("{role}: no address known, nothing leaves.")
            handle = context.handle(outcome.after.ref)
            _say(context, template, role=_role(context, outcome, mail), ref=handle)
    if leaving and not outcome.dry_run:
        context.say(wording.HOLD, ref=context.handle(outcome.after.ref))


def _tell_asked_before(context: Context, outcome: Outcome) -> None:
    """Print when a mayor was asked before, who is now asked once more."""
    from engine.domain.events import ConsentAsked

    for event in outcome.events:
        if outcome.before is None or not isinstance(event.fact, ConsentAsked):
            continue
        before = outcome.before.criterion(event.fact.criterion).asked
        for nis in event.fact.municipalities:
            if nis in before:
                again = N_("{place} was asked before, on {on}, and is asked again.")
                _say(context, again, place=wording.places([nis]), on=before[nis])


def _rows(context: Context, outcome: Outcome, mails: list[Mailing]) -> None:
    rows = [
        (mail.name, _role(context, outcome, mail), wording.notice(context, mail.notice))
        for mail in mails
    ]
    for line in columns(rows, cut=((2,), (0, 1)), indent=2):
        context.echo(line)


def _say(context: Context, template: str, **values: object) -> None:
    """Print a sentence on lines that fit."""
    for line in wrapped(context.in_words(template, **values), hanging=4):
        context.echo(line)


def _role(context: Context, outcome: Outcome, mail: Mailing) -> str:
    """Return the role of a mail in words."""
    return role_name(context, outcome.after, mail.role, mail.nis)


def role_name(context: Context, trajectory: Trajectory, role: str, nis: str) -> str:
    """Return a role in words, with its municipality where it is held for one."""
    label = context.words.label(context.workflow(trajectory.workflow).workflow.roles[role].label)
    return f"{label} {wording.places([nis])}" if nis else label


def moment_in_words(context: Context, instant: datetime) -> str:
    """Return an instant as people say it: `today at 14:52`, `maandag 1 februari 2027 om 09:00`."""
    from engine.domain.workdays import BRUSSELS, brussels_day

    local = instant.astimezone(BRUSSELS)
    if brussels_day(instant) == context.today():
        return context.in_words(N_("today at {time}"), time=local.time())
    return context.in_words(N_("{day} at {time}"), day=local.date(), time=local.time())
