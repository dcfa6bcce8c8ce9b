"""Keeps data on persons out of notes and reasons, and raw control characters off terminals.

It looks for national register numbers, birth dates, phone numbers, e-mail addresses and bank
accounts. It is a net, not a wall: names pass, so the commands that take a text warn as well.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from engine.domain.errors import BadInput
from engine.domain.words import N_

LONGEST = 500
FIRST_YEAR_OF_WORK = 2010  # an older date in a note is a birth date, or a paper's

# what moves the cursor, changes the direction of the text, or is no character at all
_UNSEEN = (
    "\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f"
)
UNSEEN = re.compile(f"[{_UNSEEN}]")
LINE_ENDS = re.compile("[\t\r\n\u2028\u2029]+")

# one blank, dot, slash or dash between the digits; NFKC has made plain blanks of all others
_SEP = "[ ./\u2010-\u2014-]?"
_START, _END = r"(?<![\w])(?<![0-9][./-])", r"(?![0-9])"
REGISTER_NUMBER = re.compile(
    rf"{_START}([0-9]{{2}}){_SEP}([0-9]{{2}}){_SEP}([0-9]{{2}}){_SEP}"
    rf"(?:[./-] ?)?([0-9]{{3}}){_SEP}([0-9]{{2}}){_END}"
)
PHONE = re.compile(
    rf"{_START}(?:"
    rf"(?:\+|00){_SEP}(?:31|32|33|44|49|352){_SEP}(?:\(0\){_SEP})?(?:[0-9]{_SEP}){{7,8}}[0-9]"
    rf"|04[5-9][0-9]{_SEP}(?:[0-9]{{2}}{_SEP}[0-9]{{2}}{_SEP}[0-9]{{2}}|[0-9]{{3}}{_SEP}[0-9]{{3}})"
    rf"|0[2349]{_SEP}[0-9]{{3}}{_SEP}[0-9]{{2}}{_SEP}[0-9]{{2}}"
    rf"|0(?:1[0-69]|5\d|6\d|7[01]|8\d){_SEP}[0-9]{{2}}{_SEP}[0-9]{{2}}{_SEP}[0-9]{{2}}"
    rf"){_END}"
)
# The lengths are bounded, so that no text makes the search go back and forth over itself.
EMAIL = re.compile(
    r"(?<![\w.%+-])[\w.%+-]{1,64}(?: ?@ ?|\(at\)|\[at\])(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?!\w)",
    re.IGNORECASE,
)
# Two letters and control digits; how many signs follow is the country's (ISO 13616). All that
# could be one is looked at, one within another too: words may follow it without an end.
ACCOUNT = re.compile(
    rf"{_START}(?=(?P<signs>[A-Z]{{2}}(?P<apart>{_SEP})[0-9]{{2}}(?:{_SEP}[0-9A-Z]){{11,29}}))",
    re.IGNORECASE,
)
_LENGTHS = (
    "15NO 16BE 18DKFIFOGLNLSDFK 19MKSI 20ATBAEEKZLTLUXKMN 21CHHRLILV 22BGBHCRDEGBGEIEMERSVA "
    "23AEGIILIQTLOMSO 24ADCZESMDPKROSASESKTNVG 25LYPTST 26ISTR 27FRGRITMCSMBIDJMR "
    "28ALAZBYCYDOGTHUHNLBPLSVNI 29BREGPSQAUA 30JOKWMUYE 31MTSC"
)
ACCOUNT_LENGTHS = {
    line[at : at + 2]: int(line[:2]) for line in _LENGTHS.split() for at in range(2, len(line), 2)
}
ENTERPRISE_NUMBER = re.compile(r"[01][0-9]{3}\.[0-9]{3}\.[0-9]{3}")

_MONTHS = (
    "jan(?:uar[iy]|vier)?|feb(?:ruar[iy])?|février|fév|mrt|maart|mar(?:ch|s)?|apr(?:il)?|avril|"
    "mei|mai|may|june?|juni|juin|july?|juli|juillet|aug(?:ust(?:us)?)?|août|sept?(?:ember|embre)?|"
    "o[ck]t(?:ober|obre)?|nov(?:ember|embre)?|de[cz](?:ember)?|déc(?:embre)?"
)
_DAY, _MONTH = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])"
_GAP = "[ ./\u2010-\u2014-]"
_FULL = "(?:19|20)[0-9]{2}"
DATE = re.compile(
    rf"(?<![\w])(?:"
    rf"{_DAY}{_GAP}{_MONTH}{_GAP}(?P<y1>{_FULL}|[0-9]{{2}})"
    rf"|(?P<y2>{_FULL}){_GAP}{_MONTH}{_GAP}{_DAY}"
    rf"|{_DAY}(?:st|nd|rd|th|er|e)? ?(?:of )?(?:{_MONTHS})\.?,? ?(?P<y3>{_FULL}|'[0-9]{{2}})"
    rf"|(?:{_MONTHS})\.? {_DAY}(?:st|nd|rd|th)?,? (?P<y4>{_FULL})"
    rf")(?![0-9])",
    re.IGNORECASE,
)
BORN = re.compile(
    r"(?:(?<!\w)(?:geb\.|(?:geboren|geboortedatum|geboortedag|verjaart|born|birth ?da(?:te|y)|"
    r"date of birth|dob|née?|date de naissance)(?!\w))|(?<![0-9])(?<![0-9] )°)[^.;!?]{0,40}$",
    re.IGNORECASE,
)
YEAR_OF_BIRTH = re.compile(r"(?<![0-9])(?<![0-9] )° ?(?:19|20)[0-9]{2}(?![0-9])")
# laws, rules and decisions keep their old dates; so does what exists since then
PAPER = re.compile(
    r"(?:(?:wet|wetboek|decreet|besluit|ordonnantie|omzendbrief|richtlijn|verordening|akkoord|"
    r"reglement|overeenkomst|convenant|protocol|beslissing|nota|plan|verslag|vergadering|overleg|"
    r"gemeenteraad|k\.?b\.?|m\.?b\.?|bvr|law|decree|act|order|circular|directive|regulation|code|"
    r"rules|agreement|decision|minutes|meeting|report|council|loi|décret|arrêté|circulaire|accord)"
    r"\)?,? (?:van |of |du |op |on |d\.d\. |dd\.? )?(?:de |the |le )?|(?:sinds|since|depuis) )$",
    re.IGNORECASE,
)


def check(text: str, *, minimum: int = 0) -> str:
    """Return the text composed (NFC), on one line, without blanks at the ends.

    Raises: BadInput when it is too long, shorter than `minimum`, holds characters that
    nobody sees, or what looks like data on a person.
    """
    lines = (line.strip() for line in LINE_ENDS.split(text))
    text = unicodedata.normalize("NFC", " ".join(line for line in lines if line))
    if unseen := UNSEEN.search(text):
        raise BadInput(
            N_("the text holds a character that cannot be seen ({found}); type it again without"),
            found=clean(unseen.group()),
        )
    _check_length(text, minimum)
    plain = unicodedata.normalize("NFKC", text)
    for template, search in NETS:
        if found := next(search(plain), None):
            raise BadInput(template, found=found)
    return text


def clean(text: str) -> str:
    r"""Return the text as a terminal may show it: unseen characters as `\x1b`."""
    return UNSEEN.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _check_length(text: str, minimum: int) -> None:
    if len(text) > LONGEST:
        raise BadInput(
            N_("the text has {n} characters, {most} at most; keep the rest with your own papers"),
            n=len(text),
            most=LONGEST,
        )
    if minimum == 1 and not text:
        raise BadInput(N_("the text is empty: write a few words"))
    missing = minimum - len(text)
    if missing == 1:
        raise BadInput(N_("1 more character: write why this does not apply here"))
    if missing > 0:
        raise BadInput(N_("{n} more characters: write why this does not apply here"), n=missing)


def _register_numbers(text: str) -> Iterator[str]:
    for match in REGISTER_NUMBER.finditer(text):
        _, month, day, serial, control = match.groups()
        number = int("".join(match.groups()[:4]))
        # bis numbers add 20 or 40 to the month; 0 is an unknown month or day
        plausible = int(month) % 20 <= 12 and int(month) < 60 and int(day) <= 31
        before_2000, since_2000 = 97 - number % 97, 97 - (2 * 10**9 + number) % 97
        if plausible and serial != "000" and int(control) in (before_2000, since_2000):
            yield match.group()


def _birth_dates(text: str) -> Iterator[str]:
    for match in DATE.finditer(text):
        before = text[: match.start()]
        if BORN.search(before) or (_is_old(match) and not PAPER.search(before)):
            yield match.group()
    for match in YEAR_OF_BIRTH.finditer(text):
        yield match.group()


def _is_old(match: re.Match[str]) -> bool:
    """Return whether the date lies before the years in which this work is done."""
    year = int(next(group for group in match.groups() if group).lstrip("'"))
    if year < 100:  # 87 is 1987, 27 is 2027
        return year > 40
    return year < FIRST_YEAR_OF_WORK


def _phone_numbers(text: str) -> Iterator[str]:
    for match in PHONE.finditer(text):
        if not _is_enterprise_number(match.group()):
            yield match.group()


def _addresses(text: str) -> Iterator[str]:
    for match in EMAIL.finditer(text):
        yield match.group()


def _accounts(text: str) -> Iterator[str]:
    """Yield the bank accounts: IBANs whose control digits are right (mod 97)."""
    for match in ACCOUNT.finditer(text):
        signs = [at for at, sign in enumerate(match["signs"]) if sign.isalnum()]
        length = ACCOUNT_LENGTHS.get(match["signs"][:2].upper())
        if length is None or len(signs) < length:
            continue
        found = match["signs"][: signs[length - 1] + 1]
        number = "".join(filter(str.isalnum, found))
        apart = match["apart"] and not number[4:].isdigit()  # "de 12 leden van de werkgroep"
        digits = "".join(str(int(sign, 36)) for sign in number[4:] + number[:4])
        if not apart and int(digits) % 97 == 1:
            yield found


def _is_enterprise_number(text: str) -> bool:
    """Return whether this is a company's number, which is written 0123.456.749."""
    if not ENTERPRISE_NUMBER.fullmatch(text):
        return False
    digits = text.replace(".", "")
    return 97 - int(digits[:8]) % 97 == int(digits[8:])


NETS: tuple[tuple[str, Callable[[str], Iterator[str]]], ...] = (
    (
        N_(
            "{found} looks like a national register number; traject keeps no data on persons: "
            "write the text without it"
        ),
        _register_numbers,
    ),
    (
        N_(
            "{found} looks like a date of birth; traject keeps no data on persons: "
            "write the text without it"
        ),
        _birth_dates,
    ),
    (
        N_(
            "{found} looks like a phone number; a phone number does not belong in a text that "
            "stays: write it without"
        ),
        _phone_numbers,
    ),
    (
        N_(
            "{found} looks like an e-mail address; it does not belong in a text that stays: "
            "write it without, and keep addresses with the contacts"
        ),
        _addresses,
    ),
    (
        N_(
            "{found} looks like a bank account number; traject keeps no data on persons: "
            "write the text without it"
        ),
        _accounts,
    ),
)
