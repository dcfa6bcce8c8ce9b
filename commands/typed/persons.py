"""Who is meant by a command on contacts: a person, a role, a municipality; asked where left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.frame import terms
from commands.pages.wording import coach, person, places
from commands.typed.asking import ask, can_ask
from commands.typed.choosing import Choice, pick, words_of
from engine.domain.errors import BadInput, NotFound, TrajectError
from engine.domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterable

    from commands.frame.context import Context
    from engine.domain.definition import Workflow
    from engine.domain.people import Actor, Contact
    from engine.domain.trajectory import Trajectory


def contact_of(context: Context, typed: str | None, own: Trajectory | None = None) -> int:
    """Return the number of the contact that a number, an address or words of a name mean.

    With a trajectory its own people come first. Raises: NotFound; BadInput with the list where
    it was left out or may be several, and nobody can be asked.
    """
    known = context.people().contacts
    number = _exactly(typed or "", known.values())
    if number is not None:
        return number
    here = {contact for contact, _, _ in _held(own)} if own else set(known)
    if whole := _wholly(typed or "", known.values()):
        # a whole name beats the beginning of another, also of somebody who takes part here
        known = {one.id: one for one in whole}
    if own and not here:
        raise NotFound(N_("nobody has a role in {ref}"), ref=own.ref)
    # who was erased has no name to choose by; the number alone means them still
    known = {id_: one for id_, one in known.items() if one.name or one.email}
    near = [_choice(context, contact) for contact in known.values() if contact.id in here]
    far = [_choice(context, contact) for contact in known.values() if contact.id not in here]

    def refusal(word: str, possible: str) -> TrajectError:
        if not word:
            return BadInput(N_("say who:{possible}"), possible=possible)
        return NotFound(
            N_("there is no contact {contact}; see: traject contact list"), contact=word
        )

    question = context.in_words(N_("Who?"))
    try:
        return int(pick(context, typed, near, question, refusal).code)
    except NotFound:
        return int(pick(context, typed, far, question, refusal).code)


def _wholly(typed: str, contacts: Iterable[Contact]) -> list[Contact]:
    """Return the contacts whose whole name was typed."""
    wanted = words_of(typed)
    return [one for one in contacts if wanted and one.name and words_of(one.name) == wanted]


def given_person(context: Context, typed: str | None) -> tuple[str, str]:
    """Return the name and address of somebody new, asked for one by one where left out."""
    from engine.domain import addresses

    if typed is not None:
        return addresses.parse(typed)
    if not can_ask(context):
        raise BadInput(N_('say who it is: "NAME <ADDRESS>"'))
    name = ask(context.in_words(N_("Name:")), context, named)
    address = ask(context.in_words(N_("Mail address:")), context, addresses.address)
    return name, address


def named(typed: str) -> str:
    """Return a name fit for a mail. Raises: BadInput."""
    from engine.domain import addresses

    return addresses.parse(f"{typed} <a@example.org>")[0]


def corrected(context: Context, number: int) -> tuple[str | None, str | None]:
    """Return the new name and address that a person types; None for what stays."""
    from engine.domain import addresses

    known = context.people().contacts[number]
    name = ask(context.in_words(N_("Name:")), context, named, default=known.name)
    address = context.in_words(N_("Mail address:"))
    email = ask(address, context, addresses.address, default=known.email)
    return name if name != known.name else None, email if email != known.email else None


def role_of(context: Context, own: Trajectory, typed: str | None) -> str:
    """Return the role that a code or a label means; asks, those nobody has yet first."""
    workflow = context.workflow(own.workflow).workflow
    roles = [name for name, role in workflow.roles.items() if not role.actor]
    ordered = sorted(roles, key=lambda name: not _vacant(own, workflow, name))
    choices = [
        Choice(name, _role_label(context, own, workflow, name), number)
        for number, name in enumerate(ordered, start=1)
    ]

    def refusal(word: str, possible: str) -> TrajectError:
        if not word:
            return BadInput(N_("say in which role, with --role ROLE:{possible}"), possible=possible)
        template = N_("unknown role {role}; say it with --role ROLE:{possible}")
        return BadInput(template, role=word, possible=possible)

    return pick(context, typed, choices, context.in_words(N_("In which role?")), refusal).code


def place_of(context: Context, own: Trajectory, role: str, typed: str | None) -> str | None:
    """Return the NIS code for a role that is held per municipality; None where there is no choice.

    Asks where several take part, those without anybody in the role first.
    """
    workflow = context.workflow(own.workflow).workflow
    present = own.current_municipalities()
    if typed is not None or workflow.roles[role].per is None or len(present) == 1:
        return terms.place_of(context, typed, present)
    filled = {place for _, place in own.people(role)}
    choices = [
        Choice(nis, places([nis]), number)
        for number, nis in enumerate(sorted(present, key=lambda nis: nis in filled), start=1)
    ]

    def refusal(_: str, possible: str) -> TrajectError:
        return BadInput(
            N_("say of which municipality, with --for NAME:{possible}"), possible=possible
        )

    question = context.in_words(N_("Of which municipality?"))
    return pick(context, None, choices, question, refusal).code


def actor_of(context: Context, typed: str | None) -> int:
    """Return the number of the actor that a number, an address, an account or a name mean.

    Raises: NotFound; BadInput with the list where it may be several and nobody can be asked.
    """
    return _actor(context, typed, context.people().actors.values(), N_("Who?"))


def coach_of(context: Context, typed: str | None, own: Trajectory) -> int:
    """Return the number of the actor who is to coach; asks among those who may."""
    others = (a for a in context.people().actors.values() if a.may_coach and a.id != own.coach)
    return _actor(context, typed, others, N_("Who coaches from now on?"))


def substitute_of(context: Context, typed: str | None, away: int) -> int:
    """Return the number of the actor who is to stand in; asks among those who may."""
    others = (a for a in context.people().actors.values() if a.may_coach and a.id != away)
    return _actor(context, typed, others, N_("Who stands in?"))


def colleague_of(context: Context, typed: str | None) -> Actor:
    """Return the actor for whom another acts. Raises: NotFound; Refused for who cannot be."""
    from engine.service.rights import require_represented

    own, actors = context.actor(), context.people().actors
    fit = [one for one in actors.values() if one.may_coach and one.id != own.id]
    question = N_("On behalf of whom?")
    try:
        number = _actor(context, typed, fit, question)
    except NotFound:  # rather told why not, where it is somebody after all
        number = _actor(context, typed, actors.values(), question)
    require_represented(own, actors[number])
    return actors[number]


def _actor(context: Context, typed: str | None, among: Iterable[Actor], question: str) -> int:
    """Return the number of an actor, who is looked for among some of them by name."""
    for actor in context.people().actors.values():
        if typed and typed.casefold() in {
            str(actor.id), (actor.email or "").casefold(), (actor.account or "").casefold(),
        }:  # fmt: skip
            return actor.id
    choices = [
        Choice(str(actor.id), coach(context, actor.name, actor.id), actor.id) for actor in among
    ]

    def refusal(word: str, possible: str) -> TrajectError:
        if not word:
            return BadInput(N_("say who:{possible}"), possible=possible)
        return NotFound(N_("there is no actor {actor}; see: traject actor list"), actor=word)

    return int(pick(context, typed, choices, context.in_words(question), refusal).code)


def _exactly(typed: str, contacts: Iterable[Contact]) -> int | None:
    """Return the number of the contact with that number or whole address."""
    for contact in contacts:
        if typed in (str(contact.id), f"#{contact.id}"):
            return contact.id
        if contact.email is not None and contact.email.casefold() == typed.casefold():
            return contact.id
    return None


def _held(own: Trajectory) -> list[tuple[int, str, str]]:
    """Return (contact, role, NIS or "") of the roles that are held now."""
    return [key for key, held in own.assignments.items() if held.until_on is None]


def _choice(context: Context, contact: Contact) -> Choice:
    """Return a contact as something to choose: the number is the one of the contact list."""
    return Choice(str(contact.id), person(context, contact.name, contact.id), contact.id)


def _vacant(own: Trajectory, workflow: Workflow, role: str) -> bool:
    """Tell whether nobody has a role, in one of the municipalities where it is one for each."""
    filled = {place for _, place in own.people(role)}
    wanted = own.current_municipalities() if workflow.roles[role].per else ("",)
    return not filled >= set(wanted)


def _role_label(context: Context, own: Trajectory, workflow: Workflow, role: str) -> str:
    """Return a role in words, and that nobody has it yet where that is so."""
    label = context.words.label(workflow.roles[role].label)
    if not _vacant(own, workflow, role):
        return label
    return context.in_words(N_("{role} (nobody yet)"), role=label)
