"""Checks a history that traject exported, without traject: Python 3.9 or later is enough.

    python3 verify_history.py [history.jsonl] [--checkpoint FILE]... [--lang nl|en]

Without a name it takes the history.jsonl beside itself, and with it the checkpoint.txt and the
mails (mails/*.eml) that lie there. A checkpoint FILE is one that you got from somebody else: the
text of `traject checkpoint`, or a mail of traject that you saved (.eml).

Exit code 0: in order, as far as this can see; 8: not in order; 1: it cannot be told. What is
checked here, and why it proves what it proves, stands in the document on the ledger's format.
"""

from __future__ import annotations

import argparse
import base64
import json
import locale
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from email.parser import BytesParser
from functools import reduce
from hashlib import sha256
from pathlib import Path
from typing import Any

FORMAT = "traject-history/1"
IN_ORDER, CANNOT_TELL, BROKEN = 0, 1, 8
Said = Any  # what is said: its key, and its values
Kept = Any  # a checkpoint: name, size, root, log, epoch
Place = Any  # position of an event, name of one of its details
SHARED = ("log", "people", "workflows")  # streams of which a part may hold a part
ENROLLING = {"ActorAdded": "number", "ContactAdded": "contact", "WorkflowPublished": "digest"}
LARGEST, MOST = 2**53 - 1, 50
BYTES = re.compile("[\udc80-\udcff]+")
ODD = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
NOTE = re.compile(r"(?am)(?:^|/)([0-9a-f-]{36})/(\d{1,9})\n(0|[1-9]\d{0,14})\n([A-Za-z\d+/]{43}=)$")

# What is said, in English and in Dutch, with @ for the event; and what a detail is called.
SAYS = {
    "no file": ("{0} cannot be read", "{0} kan niet gelezen worden"),
    "format": ("line 1 is not the header of a {0} file", "regel 1 is niet de kop van een {0}"),
    "no checkpoint": ("{0} holds no checkpoint", "in {0} staat geen controlepunt"),
    "line": ("line {0} cannot be read", "regel {0} kan niet gelezen worden"),
    "gap": ("@ is missing", "@ ontbreekt"),
    "order": ("@ stands in the wrong place", "@ staat niet op haar plaats"),
    "hash": ("@ itself was changed", "@ zelf werd gewijzigd"),
    "form": ("@ itself is not in its one form", "@ zelf staat niet in de vaste vorm"),
    "copy": ('@ itself contradicts the "{1}" beside it', '@ zelf spreekt "{1}" ernaast tegen'),
    "chain": ("@: it does not continue the one before it in its stream",
              "@: ze sluit niet aan op de vorige van haar reeks"),
    "no detail": ("@: its {1} is missing", "@: {1} ontbreekt"),
    "detail": ("@: its {1} was changed", "@: {1} werd gewijzigd"),
    "whose": ("@: its {1} is about somebody else", "@: {1} hoort bij iemand anders"),
    "erased": ("@: its {1} was erased, and no event says so",
               "@: {1} werd gewist, en geen gebeurtenis zegt dat"),
    "not erased": ("@: its {1} was erased, says an event, and is not",
                   "@: {1} is gewist, zegt een gebeurtenis, en is het niet"),
    "who": ("@: who did it, or for whom, is none of the actors",
            "@: wie het deed, of voor wie, is geen van de medewerkers"),
    "contact": ("@: who takes part is none of the contacts that stand here",
                "@: wie deelneemt is geen van de contacten die hier staan"),
    "workflow": ("@: the workflow that it follows is not here",
                 "@: de werkwijze die ze volgt staat hier niet"),
    "no log": ("event 1, with which a log begins, is not here",
               "gebeurtenis 1, waarmee een logboek begint, staat hier niet"),
    "skip": ("before @ something is missing in its stream", "voor @ ontbreekt iets in haar reeks"),
    "proof": ("@: its proof does not lead to the root", "@: het bewijs leidt niet naar de wortel"),
    "no proof": ("@: nothing proves that it is part of the log",
                 "@: niets bewijst dat ze in het logboek staat"),
    "count": ("here are {0} events, and the header says {1}",
              "hier zijn {0} gebeurtenissen, en de kop zegt {1}"),
    "root": ("these are not the {0} events of the header's root",
             "dit zijn niet de {0} gebeurtenissen van de wortel in de kop"),
    "own": ("@: its checkpoint is not that of the events before",
            "@: haar controlepunt is niet dat van de gebeurtenissen ervoor"),
    "log": ("the header names another log than event 1", "de kop noemt een ander logboek"),
    "witness": ("the first {1} events are not those of {0}",
                "de eerste {1} gebeurtenissen zijn niet die van {0}"),
    "restored": ("{0} was taken at {1} events; a back-up of {2} came in the place of the log",
                 "{0} is van {1} gebeurtenissen; een reservekopie met {2} kwam in de plaats"),
    "perhaps": ("{0} was taken at {1} events: before a back-up of {2} came, or the log was changed",
                "{0} is van {1} gebeurtenissen: er kwam een reservekopie met {2} of een wijziging"),
    "other log": ("{0} is of another log, {1}; this is log {2}. Is it the right file?",
                  "{0} hoort bij een ander logboek, {1}; dit is logboek {2}. Het juiste bestand?"),
    "mail": ("{0} is not the mail that was recorded, or some program saved it anew",
             "{0} is niet de mail die vastgelegd werd, of een programma bewaarde ze opnieuw"),
    "more": ("and {0} more", "en nog {0}"),
    "ahead": ("{0} was taken at {1} events; here are {2}: an older export, or its end was cut off",
              "{0} is van {1} gebeurtenissen; hier zijn er {2}: de uitvoer is ouder of onaf"),
    "unheard": ("{0} was taken at {1} events; a part at {2} cannot be held against it",
                "{0} is van {1} gebeurtenissen; een deel bij {2} is er niet mee te vergelijken"),
    "ok": ("IN ORDER, as far as this can see.", "IN ORDE, voor zover dit kan zien."),
    "cannot": ("CANNOT TELL. In itself in order; but:", "NIET TE ZEGGEN. Op zich in orde; maar:"),
    "ask": ("Ask for a new export of everything.", "Vraag een nieuwe uitvoer van alles."),
    "broken": ("NOT IN ORDER.", "NIET IN ORDE."),
    "seen": ("Seen: {0} events of a log of {1}, control number {2}.",
             "Gezien: {0} gebeurtenissen uit een logboek van {1}, controlegetal {2}."),
    "about": ("Trajectory {0}: {1} events, from {2} to {3}; the last one is event {4}.",
              "Traject {0}: {1} gebeurtenissen, van {2} tot {3}; de laatste is gebeurtenis {4}."),
    "clock": ("The clock of this log was simulated: its days are not real.",
              "De klok van dit logboek was nagebootst: de dagen zijn niet echt."),
    "checked": ("Checked: every event, its hash, place and chain; details: {0}; mails: {1}.",
                "Nagekeken: elke gebeurtenis, hash, plaats, ketting; gegevens: {0}; mails: {1}."),
    "unread": ("Not checked, made for reading: {0}.", "Niet nagekeken, gemaakt om te lezen: {0}."),
    "part agrees": ("It agrees with {0}: what is here up to event {1} stood so in the log then.",
                    "Het klopt met {0}: wat hier staat tot gebeurtenis {1} stond toen zo."),
    "agrees": ("It agrees with {0}: the first {1} events are as they were then.",
               "Het klopt met {0}: de eerste {1} gebeurtenissen zijn zoals toen."),
    "gone": ("Erased, and an event says so: {0}.", "Gewist, en een gebeurtenis zegt het: {0}."),
    "closed": ("Not seen: details that were left out: {0}.",
               "Niet gezien: gegevens die weggelaten zijn: {0}."),
    "part": ("Not seen: the rest of the log, and whether it went on here after @.\n"
             "Each event here was proven to be part of the log.",
             "Niet gezien: de rest van het logboek, en of het hier verderging na @.\n"
             "Van elke gebeurtenis hier is bewezen dat ze in het logboek staat."),
    "no mails": ("Not seen: mails that were recorded and do not lie here: {0}.",
                 "Niet gezien: vastgelegde mails die hier niet liggen: {0}."),
    "alone": ("Not proven: that nobody rewrote all of it. Only a checkpoint of somebody else can.",
              "Niet bewezen: dat niemand alles herschreef. Dat kan een controlepunt van elders."),
    "since": ("Not proven: that nobody rewrote what came after @.",
              "Niet bewezen: dat niemand herschreef wat na @ kwam."),
    "limits": ("Nor does this tell whether what was recorded is true, or what happened after.",
               "Dit zegt ook niet of waar is wat vastgelegd werd, of wat er daarna gebeurde."),
}  # fmt: skip
NAMES = {
    "note": ("note", "de notitie"), "text": ("note", "de notitie"), "name": ("name", "de naam"),
    "reason": ("reason", "de reden"), "organisation": ("organisation", "de organisatie"),
    "account": ("account", "de account"), "correction": ("correction", "de rechtzetting"),
    "email": ("mail address", "het mailadres"),
    "reply": ("answer of the mail server", "het antwoord van de mailserver"),
}  # fmt: skip


class CannotTell(Exception):
    """There is no answer; the arguments are those of a sentence."""


class Tree:
    """The Merkle tree of RFC 6962: the roots of its full subtrees, largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.roots: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash at the end."""
        size = self.size
        while size & 1:
            leaf, size = node(self.roots.pop(), leaf), size >> 1
        self.roots.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the hash over all leaves."""
        if not self.roots:
            return sha256(b"").digest()
        return reduce(lambda right, left: node(left, right), reversed(self.roots))


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash above two neighbours."""
    return sha256(b"\x01" + left + right).digest()


def roots_by_path(leaf: bytes, position: int, size: int, path: list[bytes]) -> Any:
    """Return where an audit path leads (RFC 9162, 2.1.3.2), and the root then; None: nowhere."""
    if not 1 <= position <= size:
        return None
    number, last, then = position - 1, size - 1, leaf
    for step in path:
        if not last:
            return None
        if number & 1 or number == last:
            leaf, then = node(step, leaf), node(step, then)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            leaf = node(leaf, step)
        number, last = number >> 1, last >> 1
    return None if last else (leaf, then)


def whole(text: str) -> int:
    """Return an integer that every reader reads alike; refuse all other numbers."""
    if not -LARGEST <= int(text) <= LARGEST:
        raise ValueError(text)
    return int(text)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; refuse a key that stands twice, as two readers may read two things."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(pairs)
    return found


def parse(text: str) -> tuple[Any, bool]:
    """Return what a body says, and whether it says so in its one form (RFC 8785, no floats)."""
    value = json.loads(text, parse_int=whole, parse_float=whole, parse_constant=whole)
    form = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return value, form == text and unicodedata.is_normalized("NFC", text)


class History:
    """Goes through an exported history, line by line, and keeps what it finds."""

    def __init__(self, header: Any, witnesses: list[Kept]) -> None:
        self.header, self.log = header, header["log"]
        self.size, self.partial = header["size"], bool(header["partial"])
        self.redacted = bool(header.get("redacted"))
        self.problems: list[Said] = []
        self.agreeing: list[Kept] = []
        self.tree, self.position, self.events = Tree(), 0, 0
        self.then: dict[int, str] = {}  # the root at a size, by an event there: of a part
        self.streams: dict[Any, Any] = {}  # seq and hash of the last event
        self.mails: dict[str, str] = {}
        self.numbers: dict[Any, str] = {}  # of mails: which message that is
        self.left: set[str] = set()  # the mails that left, and were not erased since
        self.restored: list[tuple[int, int]] = []  # epochs, and the size of the back-up
        self.gone: set[Place] = set()
        self.named: set[Place] = set()
        self.known: dict[str, set[Any]] = {"number": {0}, "contact": set(), "digest": {None}}
        self.amended: set[int] = set()  # of which the text is a correction
        self.opened = self.simulated = False
        self.unread: list[str] = []  # files that lie here and are not looked at
        self.about: dict[Any, list[Any]] = {}  # of a trajectory: name, count, days, last event
        self.present: set[Place] = set()
        self.lying: set[str] = set()  # the mails that lie here
        others = [one for one in witnesses if one["log"] not in ("", self.log)]
        self.doubts = [("other log", (one["name"], one["log"], self.log)) for one in others]
        ours = (one for one in witnesses if one not in others)
        self.waiting = sorted(ours, key=lambda one: one["size"])
        self.hear()
        for one in header.get("sizes", ()):
            path = [bytes.fromhex(step) for step in one["proof"]]
            self.lead(one["size"], bytes.fromhex(one["leaf"]), path)

    def problem(self, what: str, *values: object) -> None:
        """Keep something that is not in order."""
        self.problems.append((what, values))

    def faulty(self, what: str, position: int, name: str) -> None:
        """Keep a detail that is not in order."""
        called = "correction" if name == "text" and position in self.amended else name
        self.problem(what, position, NAMES.get(called, (f'"{name}"', f'"{name}"')))

    def take(self, number: int, line: str) -> None:
        """Check the next line."""
        try:
            event = json.loads(line, object_pairs_hook=once)
            raw, stored = event["body"].encode(), bytes.fromhex(event["hash"])
            position, details = int(event["position"]), list(event["details"])
            path = [bytes.fromhex(one) for one in event.get("proof", ())]
            body, proper = parse(event["body"])
        except ODD:
            self.problem("line", number)
            return
        self.events += 1
        leaf = sha256(b"\x00" + raw).digest()
        if leaf != stored:
            self.problem("hash", position)
        if not proper:
            self.problem("form", position)
        try:
            self.place(event, position)
            for name in ("position", "stream", "seq", "prev"):
                if event[name] != body[name]:
                    self.problem("copy", position, name)
            self.details(position, body, details)
            self.note(position, body)
            self.post(body.get("type"), body.get("data") or {})
        except ODD:
            self.problem("line", number)
        self.grow(position, leaf, path if "proof" in event else None)
        self.hear()

    def place(self, event: Any, position: int) -> None:
        """Compare the place of an event with those before it, in the log and in its stream."""
        if not self.partial and position != self.position + 1:
            what = "gap" if position > self.position + 1 else "order"
            self.problem(what, self.position + 1 if what == "gap" else position)
        elif position <= self.position or position > self.size:
            self.problem("order", position)
        self.position = max(position, self.position)
        stream = event.get("stream")
        seq, digest = self.streams.get(stream, (0, None))
        skipped = self.partial and stream in SHARED and event.get("seq", 0) > seq + 1
        if not skipped and isinstance(event.get("seq"), int) and event["seq"] > seq + 1:
            self.problem("skip", position)
        elif not skipped and (event.get("seq"), event.get("prev")) != (seq + 1, digest):
            self.problem("chain", position)
        self.streams[stream] = event.get("seq"), event["hash"]

    def details(self, position: int, body: Any, details: list[Any]) -> None:
        """Open the commitments of an event with the details that stand beside it."""
        promised, subjects = dict(body.get("commit") or {}), body.get("subjects") or {}
        if body.get("type") == "Amended":
            self.amended.add(position)
        for one in details:
            name, salt, value = one.get("field"), one.get("salt"), one.get("value")
            commit = promised.pop(name, None)
            if one.get("subject") != subjects.get(name):
                self.faulty("whose", position, name)
            if commit is not None and salt is None and value is None:
                self.gone.add((position, name))
            elif commit is None or commit != commitment(salt, name, value):
                self.faulty("detail", position, name)
            else:
                self.present.add((position, name))
        for name in promised:
            self.faulty("no detail", position, name)

    def grow(self, position: int, leaf: bytes, path: list[bytes] | None) -> None:
        """Add an event to the tree, or follow its path to the root."""
        if not self.partial:
            self.tree.append(leaf)
        elif path is None:
            self.problem("no proof", position)
        else:
            self.lead(position, leaf, path)

    def lead(self, position: int, leaf: bytes, path: list[bytes]) -> None:
        """Follow a path to the root, and keep the root that there was at this size."""
        roots = roots_by_path(leaf, position, self.size, path)
        if roots is None or roots[0].hex() != self.header["root"]:
            self.problem("proof", position)
        else:
            self.then[position] = roots[1].hex()

    def acting(self, position: int, actor: Any, partial: bool) -> None:
        """Compare who did it, and for whom, with who was enrolled before; a part may lack some."""
        own, other = actor.get("id"), actor.get("on_behalf_of")
        known = partial or {own, other or 0} <= self.known["number"]
        if not known or ("on_behalf_of" in actor and other in (None, 0, own)):
            self.problem("who", position)

    def note(self, position: int, body: Any) -> None:
        """Take what an event says of the log itself, and of who acts."""
        data, kind = body.get("data") or {}, body.get("type")
        shared = body["stream"] in SHARED
        self.acting(position, body.get("actor") or {}, self.partial and shared)
        if not shared:
            self.follow(position, body, data)
        elif kind in ENROLLING:
            self.known[ENROLLING[kind]].add(data[ENROLLING[kind]])
        if kind == "LogOpened":
            self.opened, self.simulated = True, data.get("clock") == "simulated"
            if data.get("log") != self.log:
                self.problem("log")
        elif kind == "LogRestored":
            self.restored.append((int(data["epoch"]), int(data["found_size"])))
        elif kind == "CheckpointTaken" and not self.partial:
            root = self.tree.root().hex() if data["size"] == self.tree.size else None
            if data["root"] != root:
                self.problem("own", position)

    def follow(self, position: int, body: Any, data: Any) -> None:
        """Take an event of a trajectory: whom and which workflow it names must stand here."""
        if body.get("workflow") not in self.known["digest"]:
            self.problem("workflow", position)
        if isinstance(data.get("contact"), int) and data["contact"] not in self.known["contact"]:
            self.problem("contact", position)
        day = body["occurred_on"]
        about = self.about.setdefault(body["stream"], ["", 0, day, day, 0])
        about[0] = data.get("ref") or about[0]
        about[1] += 1
        about[2:] = min(about[2], day), max(about[3], day), position

    def post(self, kind: Any, data: Any) -> None:
        """Take what an event says of mails: which they are, and whether they left."""
        if kind == "MailQueued":
            self.mails.setdefault(data["message_id"], data["sha256"])
            self.numbers[data["mail"]] = data["message_id"]
        elif kind in ("MailSent", "MailWritten"):
            self.left.add(self.numbers.get(data["mail"], ""))
        elif kind == "DetailsErased":
            self.named |= {(int(one["position"]), str(one["field"])) for one in data["erased"]}
            self.left -= {self.numbers.get(one) for one in data.get("mails", ())}

    def hear(self) -> None:
        """Compare the tree with the checkpoints that were taken of it at this size."""
        while not self.partial and self.waiting and self.waiting[0]["size"] <= self.tree.size:
            one = self.waiting.pop(0)
            self.compare(one, self.tree.root().hex() if one["size"] == self.tree.size else "")

    def compare(self, one: Kept, root: str) -> None:
        """Compare a checkpoint with the root of as many events."""
        lost = self.lost(one)
        if root == one["root"]:
            self.agreeing.append(one)
        elif lost:
            what = "restored" if one.get("epoch") else "perhaps"
            self.problem(what, one["name"], one["size"], min(lost))
        else:
            self.problem("witness", one["name"], one["size"])

    def lost(self, one: Kept) -> list[int]:
        """Return the sizes of the back-ups that lacked what a checkpoint saw."""
        epoch = one.get("epoch", 0)  # the header of a mail does not say it
        return [had for began, had in self.restored if had < one["size"] and epoch < began]

    def check_mail(self, path: Path) -> None:
        """Compare a mail that lies in the export with what the events say of it."""
        content = path.read_bytes()
        message_id = str(BytesParser().parsebytes(content, headersonly=True)["Message-ID"]).strip()
        self.lying.add(message_id)
        if self.mails.get(message_id) != sha256(content).hexdigest():
            self.problem("mail", path.name)

    def finish(self) -> None:
        """Check what shows only at the end."""
        unsaid = sorted(self.gone - self.named)
        self.closed = len(unsaid) if self.redacted else 0
        for place in () if self.redacted else unsaid:
            self.faulty("erased", *place)
        for place in sorted(self.named - self.gone):
            if place in self.present or not self.partial:
                self.faulty("not erased", *place)
        if self.events and not self.opened:
            self.problem("no log")
        if self.events != self.header.get("events", self.events):
            self.problem("count", self.events, self.header["events"])
        seen = self.tree.size, self.tree.root().hex()
        if not self.partial and seen != (self.size, self.header["root"]):
            self.problem("root", self.size)
        self.hear_late()

    def hear_late(self) -> None:
        """Compare the checkpoints that are left with the roots that a part shows."""
        for one in self.waiting:
            if self.partial and one["size"] == self.size:
                self.compare(one, self.header["root"])
            elif one["size"] in self.then:
                self.compare(one, self.then[one["size"]])
            elif not self.partial and one.get("epoch") and self.lost(one):
                self.compare(one, "")
            else:
                what = "unheard" if self.partial else "ahead"
                self.doubts.append((what, (one["name"], one["size"], self.size)))


def commitment(salt: str, name: str, value: str) -> str:
    """Return what an event holds instead of a personal detail or a text."""
    text = name.encode() + b"\x00" + value.encode()
    return sha256(b"traject/commit/v1\x00" + bytes.fromhex(salt) + text).hexdigest()


def read_header(line: str) -> Any:
    """Return the first line of an export."""
    try:
        header = json.loads(line, object_pairs_hook=once)
        fit = header["format"] == FORMAT and isinstance(header["size"], int)
        if fit and isinstance(header["partial"], bool) and len(bytes.fromhex(header["root"])) == 32:
            header["log"] = str(header["log"])
            for one in header.get("sizes", ()):
                range(one["size"]), bytes.fromhex(one["leaf"])
                list(map(bytes.fromhex, one["proof"]))
            return header
    except ODD:
        pass
    raise CannotTell("format", FORMAT)


def read_checkpoint(path: Path) -> Kept:
    """Return what a checkpoint says; a mail in its attachment, else its text, else its header."""
    content = path.read_bytes()
    message = BytesParser().parsebytes(content)
    plain = [part for part in message.walk() if part.get_content_type() == "text/plain"]
    plain.sort(key=lambda part: part.get_filename() is None)
    texts = [bytes(part.get_payload(decode=True) or b"") for part in plain if message.keys()]
    said = re.fullmatch(r"\s*(\d{1,15})\s+([\da-fA-F]{64})\s*", str(message["Traject-Checkpoint"]))
    for text in texts if said else [*texts, content]:
        encoding = "utf-16" if text[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        lines = text.decode(encoding, "replace").splitlines()
        note = NOTE.search("\n".join(line.lstrip("> \t\xa0").rstrip() for line in lines))
        if note:
            kept = {"size": int(note[3]), "root": base64.b64decode(note[4]).hex(), "log": note[1]}
            return {**kept, "name": path.name, "epoch": int(note[2])}
    if said:
        return {"name": path.name, "size": int(said[1]), "root": said[2].lower(), "log": ""}
    raise CannotTell("no checkpoint", path.name)


def legible(files: Iterable[Path], reader: Callable[[Any], Any], doubts: list[Said]) -> list[Any]:
    """Return what is found in each file or folder; keep which of them cannot be read."""
    found = []
    for file in files:
        try:
            found.append(reader(file))
        except CannotTell as reason:
            doubts.append((reason.args[0], reason.args[1:]))
        except (OSError, *ODD):
            doubts.append(("no file", (str(file),)))
    return found


def check(path: Path, checkpoints: list[Path]) -> History:
    """Return the history in a file, checked."""
    doubts: list[Said] = []
    beside, mails = path.parent / "checkpoint.txt", path.parent / "mails"
    own = [beside] if os.path.lexists(beside) and beside not in checkpoints else []
    witnesses = legible(checkpoints, read_checkpoint, doubts)
    witnesses += [{**one, "own": True} for one in legible(own, read_checkpoint, doubts)]
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="\n") as lines:
        history = History(read_header(lines.readline()), witnesses)
        for number, line in enumerate(lines, 2):
            history.take(number, line)
    doubts = history.doubts = history.doubts + doubts
    for names in legible([mails] if mails.is_dir() else [], os.listdir, doubts):
        posted = [one for one in sorted(names) if one.lower().endswith(".eml")]
        legible([mails / one for one in posted], history.check_mail, doubts)
        history.unread += [f"mails/{one}" for one in sorted({*names} - {*posted})]
    used = {path.name, "checkpoint.txt", Path(__file__).name, "mails"}
    for names in legible([path.parent] if own or mails.is_dir() else [], os.listdir, doubts):
        history.unread += sorted({*names} - used)  # a case file, with more to read
    history.finish()
    return history


def verdict(history: History) -> int:
    """Return the exit code."""
    return BROKEN if history.problems else CANNOT_TELL if history.doubts else IN_ORDER


def report(history: History) -> Iterator[Said]:
    """Yield the sentences of the report, as keys with their values: the verdict first."""
    code = verdict(history)
    yield {IN_ORDER: "ok", CANNOT_TELL: "cannot", BROKEN: "broken"}[code], ()
    yield from history.problems[:MOST]
    if len(history.problems) > MOST:
        yield "more", (len(history.problems) - MOST,)
    yield from history.doubts
    if {what for what, _ in history.doubts} & {"unheard", "ahead"}:
        yield "ask", ()
    for about in history.about.values() if history.partial else ():
        yield "about", about
    if history.simulated:
        yield "clock", ()
    yield "seen", (history.events, history.size, f"{history.size}-{history.header['root'][:12]}")
    yield "checked", (len(history.present), len(history.lying))
    if code != BROKEN:  # else nothing here proves anything
        yield from proven(history)
    if history.unread:
        yield "unread", (", ".join(history.unread),)
    yield "limits", ()


def proven(history: History) -> Iterator[Said]:
    """Yield what the checkpoints prove, and what nothing here can show."""
    if history.named & history.gone:
        yield "gone", (len(history.named & history.gone),)
    if history.closed:
        yield "closed", (history.closed,)
    if history.partial:
        yield "part", (history.position,)
    if history.left - history.lying:
        yield "no mails", (len(history.left - history.lying),)
    for one in history.agreeing:
        yield "part agrees" if history.partial else "agrees", (one["name"], one["size"])
    size = max((one["size"] for one in history.agreeing if "own" not in one), default=0)
    if not size:
        yield "alone", ()
    elif size < history.size:
        yield "since", (size,)


def main(arguments: list[str] | None = None) -> int:
    """Check what is asked for; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    here = Path(__file__).resolve().parent / "history.jsonl"
    parser.add_argument("history", nargs="?", type=Path, default=here, metavar="history.jsonl")
    parser.add_argument("--checkpoint", action="append", type=Path, default=[], metavar="FILE")
    parser.add_argument("--lang", choices=("nl", "en"))
    given = parser.parse_args(arguments)
    spoken = (locale.getlocale()[0] or "").lower()
    dutch = given.lang == "nl" or (not given.lang and spoken.startswith(("nl", "dutch")))
    try:
        history = check(given.history, given.checkpoint)
        said, code = list(report(history)), verdict(history)
    except CannotTell as reason:
        said, code = [(reason.args[0], reason.args[1:])], CANNOT_TELL
    except OSError:
        said, code = [("no file", (given.history,))], CANNOT_TELL
    lines = []
    for what, values in said:
        sentence = SAYS[what][dutch].replace("@", ("event {0}", "gebeurtenis {0}")[dutch])
        lines.append(sentence.format(*(shown(one, dutch) for one in values)) + "\n")
    write("".join(lines))
    return code


def shown(value: Any, dutch: bool) -> str:
    """Return a value as it is told: in letters what a screen does not show, or would obey."""
    text = value[dutch] if isinstance(value, tuple) else str(value)
    text = BYTES.sub(lambda found: os.fsencode(found[0]).decode("utf-8", "backslashreplace"), text)
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def write(text: str) -> None:
    """Write the report: whole, unless a screen cannot, and as far as somebody reads it."""
    out: Any = sys.stdout or sys.stderr
    try:
        text.encode(out.encoding or "utf-8")
    except UnicodeEncodeError:
        out.reconfigure(**{"errors": "backslashreplace"} if out.isatty() else {"encoding": "utf-8"})
    try:
        out.write(text)
        out.flush()
    except OSError:  # a pipe to a reader who has seen enough; nothing is to be written at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


if __name__ == "__main__":
    raise SystemExit(main())
