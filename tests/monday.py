"""The year so far of a coach with 22 trajectories, up to the morning of Monday 8 March 2027.

Played with the real commands on a simulated clock; the mails go to a server on loopback.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from tests.program import Program

NOBODY = "els.wouter@example.org"  # the s was forgotten
MORNING = "2027-03-08T08:20"
# The day and the hour, and what was typed after `traject`.
PLAYED = f"""
11-17T14:15 init --name 'An Peeters' --email an.peeters@example.org --simulated-clock
11-17T14:22 start reactiveren Gent Merelbeke-Melle --coordinator 'Jo Maes <jo.maes@example.org>' \
--mayor 'Gent: Rita Claes <rita.claes@example.org>' \
--mayor 'Merelbeke-Melle: Wim Aerts <wim.aerts@example.org>'
12-01T10:00 start optimaliseren Kortrijk --no-mail
12-01T10:05 start reactiveren Lier --phase analyse --on 30/11 --no-mail \
--coordinator 'Lien Baert <lien.baert@example.org>'
12-01T10:10 start opstarten Alken --no-mail
12-01T10:15 start monitoren Aalst --phase nulmeting --on 1/2 --no-mail \
--coordinator 'Sofie Aerts <sofie.aerts@example.org>'
12-01T10:20 start opstarten Zulte --no-mail
12-07T10:00 start reactiveren Geel --phase droom --no-mail \
--mayor 'Geel: Vera Smet <vera.smet@example.org>'
12-07T10:05 start optimaliseren Turnhout --phase analyse --on 8/2 --no-mail \
--coordinator 'Bart Mels <bart.mels@example.org>'
12-18T10:00 start opstarten Bree --phase 2 --on 21/1 --no-mail \
--coordinator 'Els Wouters <{NOBODY}>'
12-18T10:05 start monitoren Hasselt --phase nulmeting --on 28/1 --no-mail \
--coordinator 'Dirk Nijs <dirk.nijs@example.org>'
12-18T10:10 start opstarten Herstappe --no-mail
12-18T10:15 start opstarten De Haan --on 24/2 --no-mail \
--coordinator 'Marie Devos <marie.devos@example.org>'
12-18T10:20 start opstarten Voeren --no-mail
12-18T10:25 start optimaliseren Dilbeek --no-mail \
--coordinator 'Koen Raes <koen.raes@example.org>'
12-18T10:30 start opstarten Ranst --no-mail
12-18T10:35 start reactiveren Mol --phase analyse --on 28/1 --no-mail \
--coordinator 'Greet Leys <greet.leys@example.org>'
12-18T10:40 start opstarten Linter --no-mail
12-18T10:45 start opstarten Wortegem-Petegem --no-mail
12-18T10:50 start reactiveren Ronse --phase analyse --on 4/1 --no-mail \
--coordinator 'Tom Wils <tom.wils@example.org>'
12-18T10:55 start optimaliseren Genk --phase analyse --on 2/2 --no-mail \
--coordinator 'Nele Maris <nele.maris@example.org>'
12-18T11:00 start opstarten Diksmuide --phase 2 --on 1/2 --no-mail \
--coordinator 'Piet Goes <piet.goes@example.org>'
12-18T11:05 start reactiveren Tielt Pittem --on 4/1 --no-mail \
--coordinator 'An Bral <an.bral@example.org>'
01-08T10:00 meet geel 1 2 3
01-08T10:05 advance geel
01-11T10:00 pause tielt --reason fusie --until 12/3 --no-mail
01-14T10:00 pause dilbeek --reason 'nieuwe burgemeester' --until 1/6 --no-mail
01-15T10:00 meet lier 1 2 3 5
01-15T10:05 advance lier
01-18T10:00 meet gent 1 2 3 4 5 6
01-18T10:02 meet gent 7 --value 6/3/2025
01-25T10:05 advance gent
01-20T10:00 meet geel 1 2 3 4
01-20T10:05 advance geel
02-01T10:00 reschedule ronse 19/2 --reason 'De politiezone wil eerder klaar zijn.'
02-08T10:00 meet gent 1 2
02-12T10:00 meet lier 1 2 3
02-12T10:05 advance lier
02-22T10:00 meet gent 3 --for Gent
02-22T10:05 ask gent 3 --for Merelbeke
02-24T10:00 meet lier 1 3
03-01T10:00 meet haan 1 --planned '8/3 10u'
03-02T10:00 meet geel 1 3 4 6
"""
STOPPED = ("kortrijk", "alken", "zulte", "herstappe", "voeren", "ranst", "linter", "wortegem")


ROUNDS = (  # the days on which something was due, at five past nine
    "12-01", "12-10", "12-16", "12-23", "01-07", "01-11", "01-18", "01-26", "02-05", "02-12",
    "02-15", "02-16", "02-22", "02-23", "02-26", "03-01", "03-04",
)  # fmt: skip


def script() -> list[tuple[str, tuple[str, ...]]]:
    """Return what was typed, each with its moment, in the order of time."""
    typed = [
        (at, tuple(shlex.split(words))) for at, _, words in
        (line.partition(" ") for line in PLAYED.strip().splitlines())
    ]  # fmt: skip
    typed += [("12-22T15:00", ("stop", name, "--reason", "other", "--no-mail")) for name in STOPPED]
    typed += [(f"{day}T09:05", ("tick",)) for day in ROUNDS]
    typed += [("11-17T15:00", ("tick",)), ("03-08T08:15", ("tick",))]
    return sorted((f"{2026 if at >= '11' else 2027}-{at}", words) for at, words in typed)


def program(folder: Path, smtp_url: str) -> Program:
    """Return the program in Dutch, on a database in this folder, with a server for its mails."""
    made = Program(folder, f"sqlite:///{folder / 'traject.db'}", lang="nl")
    made.environment["TRAJECT_SMTP_URL"] = smtp_url
    return made


def play(program: Program) -> None:
    """Type all of it; one mail of 4 March cannot be delivered."""
    for at, words in script():
        program.call(*words, "--now", at, expect=7 if at == "2027-03-04T09:05" else 0)
