"""Export: the history for others, in a form that a machine, a spreadsheet or a court can read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from commands.frame.context import Context
from commands.frame.shape import argument, command, option
from commands.pages.columns import wrapped
from engine.domain.errors import BadInput
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.audit.exporting import Extent

FORMS = ("jsonl", "csv", "xlsx", "xes")
PRIVATE = N_("It holds names and texts: keep it where only those can read it who must.")
PARTLY = N_("Without names, free texts and mails; whose a number is, only the log knows.")


@command(
    details=N_(
        "Without a reference: everything. jsonl is the whole truth, with the chain of hashes; csv "
        "and xlsx are the history as a table, xes the course of the phases for process mining. "
        "--case-file makes a folder, or a zip, for somebody who has no traject: the history, the "
        "criteria, the mails as they left, a page to read and a program that checks it. --redacted "
        "leaves out names, free texts and mails. "
        "Example: traject export gent --case-file gent.zip"
    )
)
@argument("ref", required=False)
@option("--format", "form", type=click.Choice(FORMS), help=N_("How; jsonl where left out."))
@option("--output", "-o", metavar="FILE", help=N_("Into a new file; the screen where left out."))
@option("--case-file", metavar="FOLDER|FILE.zip", help=N_("All that belongs together, in there."))
@option("--redacted", is_flag=True, help=N_("Without names, free texts and mails."))
def export(
    context: Context,
    ref: str | None,
    *,
    form: str | None,
    output: str | None,
    case_file: str | None,
    redacted: bool,
) -> None:
    """Hand the history over: all of it, or that of one trajectory."""
    known = None if ref is None else context.ref(ref)
    if case_file is not None:
        if form or output:
            raise BadInput(N_("--case-file holds several forms: leave out --format and --output"))
        from commands.export.case import write_case

        place = Path(case_file)
        write_case(context, place, known, redacted=redacted)
    else:
        place = Path(output) if output else Path()
        _export(context, known, form or "jsonl", output, redacted=redacted)
    if case_file or output:
        told = context.in_words(N_("Written: {place}."), place=str(place))
        nameless = redacted or form == "xes"
        for line in wrapped(f"{told} {context.in_words(PARTLY if nameless else PRIVATE)}"):
            context.talk(line)


def _export(
    context: Context, ref: str | None, form: str, output: str | None, *, redacted: bool
) -> None:
    """Write one form to a file, or to where the output of this run goes."""
    from commands.export.folder import whole_file
    from engine.audit.exporting import extent

    what = extent(context.database(), ref)
    if output:
        with whole_file(Path(output)) as file:
            write_form(context, what, form, file, ref=ref, redacted=redacted)
        return
    if form == "xlsx":
        raise BadInput(N_("an Excel file goes into a file: say which, with --output FILE.xlsx"))
    out: IO[bytes] = sys.stdout.buffer
    write_form(context, what, form, out, ref=ref, redacted=redacted)
    out.flush()


def write_form(
    context: Context, what: Extent, form: str, out: IO[bytes], *, ref: str | None, redacted: bool
) -> None:
    """Write the history in one form; `what` it holds was fixed before."""
    from commands.export import tables
    from engine.audit import exporting

    if form == "jsonl":
        for line in exporting.lines(context.database(), what, redacted=redacted):
            out.write(line.encode())
        return
    if form == "xes":
        _write_xes(context, what, out, ref)
    else:
        from engine.audit.telling import Teller, Wanted
        from engine.municipalities import by_nis

        teller = Teller(context.words, lambda nis: by_nis(nis).name, redacted=redacted)
        told = teller.tell(context.database(), Wanted(ref), what.size)
        head, rows = tables.heads(context), tables.rows(context, told)
        if form == "csv":
            tables.write_csv(out, head, rows)
        else:
            tables.write_xlsx(out, head, rows, title=context.in_words(N_("History")))
    exporting.require_unchanged(context.database(), what)


def _write_xes(context: Context, what: Extent, out: IO[bytes], ref: str | None) -> None:
    from engine.audit import exporting_xes
    from engine.municipalities import by_nis
    from engine.store import outbox, queries

    with context.database().reading() as connection:
        refs = outbox.references(connection)
    chosen = {id_: own for id_, own in refs.items() if ref in (None, own)}
    ordered = dict(sorted(chosen.items(), key=lambda item: queries.by_number(item[1])))
    mined = exporting_xes.Mined(what.log, what.size, ordered, lambda nis: by_nis(nis).name)
    exporting_xes.write(context.database(), mined, out)
