"""What may not stand in a note, and what must not be mistaken for it."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import BadInput
from engine.domain.lint import LONGEST, check, clean


def register_number(day: str, serial: int, *, since_2000: bool = False) -> str:
    """Return a national register number with a right checksum: the last two digits."""
    number = int(f"{day}{serial:03}")
    control = 97 - (number + 2 * 10**9 * since_2000) % 97
    return f"{day}{serial:03}{control:02}"


def written(number: str, form: str) -> str:
    """Return the eleven digits in a form: `yy.mm.dd-sss.cc` with its own separators."""
    digits = iter(number)
    return "".join(next(digits) if sign == "#" else sign for sign in form)


FORMS = [
    "###########", "##.##.##-###.##", "## ## ## ### ##", "##/##/##-###-##", "######-###-##",
    "######-###.##", "##.##.## - ###.##", "######.###.##",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "number",
    [
        register_number("850730", 33),
        register_number("050312", 145, since_2000=True),
        register_number("854730", 2),  # a bis number with known sex
        register_number("052312", 7, since_2000=True),  # and without
        register_number("600000", 12),  # month and day unknown
    ],
)
def test_a_national_register_number_is_refused(number: str, form: str) -> None:
    """In all usual forms, of both centuries, bis numbers too."""
    with pytest.raises(BadInput, match="national register number"):
        check(f"Betreft {written(number, form)}, te bespreken.")


@given(st.integers(1, 999), st.integers(0, 96))
def test_a_number_with_a_wrong_checksum_passes(serial: int, control: int) -> None:
    """Eleven digits alone are no register number."""
    day = "850730"
    right = {register_number(day, serial, since_2000=later)[-2:] for later in (False, True)}
    if f"{control:02}" not in right:
        assert check(f"dossier {day}{serial:03}{control:02}")


@pytest.mark.parametrize(
    "text",
    [
        "12/03/1987", "12-03-1987", "12.03.1987", "1987-03-12", "1987/03/12", "12 maart 1987",
        "12 mrt. 1987", "1 januari 2009", "March 12, 1987", "12th of March 1987", "12 mars 1987",
        "12/03/87", "12 maart '87", "°1987", "(° 2011)", "° 12/03/2015", "geboren 12/3/2015",
        "geboren te Gent op 12 maart 2015", "born on 2012-05-06", "born May 6, 2012",
        "geboortedatum: 12-03-2015", "née le 3 février 2014", "date of birth 3/2/2014",
        "geb. 12.03.2014", "12\u00a0maart\u00a01987", "12\u20113\u20111987", "1er avril 1987",
    ],
)  # fmt: skip
def test_a_date_of_birth_is_refused(text: str) -> None:
    """Any date before 2010, and any date beside a word for birth."""
    with pytest.raises(BadInput, match="date of birth"):
        check(f"Gesproken met de moeder ({text}) over school.")


@pytest.mark.parametrize(
    "text",
    [
        "0470123456", "0470 12 34 56", "0470/12.34.56", "0470/123 456", "0498-12-34-56",
        "+32 470 12 34 56", "+32470123456", "0032 470 12 34 56", "+32 (0)470 12 34 56",
        "02 123 45 67", "09 266 12 34", "092661234", "09/266.12.34", "011 12 34 56",
        "051/12.34.56", "+32 9 266 12 34", "+31 6 12345678", "tel.0470123456",
        "0470\u00a012\u00a034\u00a056", "0470\u201112\u201134\u201156",
    ],
)  # fmt: skip
def test_a_phone_number_is_refused(text: str) -> None:
    """Mobile and fixed, with any usual separators."""
    with pytest.raises(BadInput, match="phone number"):
        check(f"Bel {text} voor meer.")


@pytest.mark.parametrize(
    "text",
    [
        "rita@example.org", "Rita.Claes+x@stad.example.org", "rita @ example.org",
        "<rita@example.org>", "mailto:rita@example.org", "rita(at)example.org", "rïta@example.org",
    ],
)  # fmt: skip
def test_an_email_address_is_refused(text: str) -> None:
    """An address belongs with the contacts, where it can be corrected and erased."""
    with pytest.raises(BadInput, match="e-mail address"):
        check(f"Vraag het aan {text}, die weet het.")


@pytest.mark.parametrize(
    "text",
    [
        "BE68 5390 0754 7034", "BE68539007547034", "be68-5390-0754-7034", "BE68.5390.0754.7034",
        "NL91 ABNA 0417 1643 00", "GB82 WEST 1234 5698 7654 32",
        "FR14 2004 1010 0505 0001 3M02 606",
        "BE68\u00a05390\u00a00754\u00a07034",
    ],
)  # fmt: skip
def test_a_bank_account_is_refused(text: str) -> None:
    """With right control digits only, in the usual forms."""
    with pytest.raises(BadInput, match="bank account"):
        check(f"Terug te storten op {text}.")


@pytest.mark.parametrize(
    "text",
    [
        "Rekening BE71096123456769 voor de zaal", "Rekening BE71 0961 2345 6769 voor de zaal",
        "Stort op BE62 5100 0754 7061 aub", "BE68539007547034 is van de zaal",
        "BE 68 5390 0754 7034 is van de zaal", "NL91ABNA0417164300 van de stad",
        "Van BE68539007547035 of BE68539007547034 dan", "BE68 5390 0754 7034 12 euro",
    ],
)  # fmt: skip
def test_a_bank_account_is_seen_whatever_word_follows(text: str) -> None:
    """Its country says how long it is; what comes after belongs to the sentence."""
    with pytest.raises(BadInput, match="bank account"):
        check(text)


@given(st.from_regex(r"(de|is|se|me|at|es) [0-9]{2}( [a-z]{1,9}){3,8}", fullmatch=True))
def test_a_number_among_words_is_no_account(text: str) -> None:
    """Every other Dutch sentence has "de 12 leden": its words are no digits."""
    assert check(text) == text


@given(st.integers(0, 10**12 - 1))
def test_an_account_is_known_by_its_control_digits(number: int) -> None:
    """Of all that could stand there, one means an account."""
    plain = f"{number:012}"
    refused = 0
    for control in range(2, 99):
        try:
            check(f"code BE{control:02}{plain} einde")
        except BadInput as error:
            refused += "bank account" in str(error)
    assert refused == 1


ORDINARY = [
    "Overleg van 2026-11-20 verplaatst naar 2027-01-15, om 09:30-10:45.",
    "Op 12/03/2026 en 01-12-2026 kwamen 3 partners, op 3.4.2027 komen er 12.",
    "Vrijdag 20 november 2026, daarna 4 feb 2027 en 15 juli '27.",
    "Dossier 2027-014, NIS 11002 en 44021, stap 3/7, versie 1.2.10.",
    "Beroepsgeheim volgens art. 458ter, zie ook art. 9 en 10 GDPR.",
    "Wet van 30 juli 2018; decreet van 21 mei 2021; BVR van 3 mei 2024.",
    "De wet van 8 december 1992 en het decreet van 15 juli 2005 (intussen vervangen).",
    "KB van 24/05/2006 en het koninklijk besluit van 12-09-2008.",
    "The law of 5 August 1992 on the police office; loi du 5 août 1992.",
    "Begroting: 12.500,00 euro in 2026, 1.250.000 euro over 6 jaar, € 099 500.",
    "Subsidie 2025-2026: 50.000 + 25.000 = 75.000 euro (+32.000 tegenover 2024).",
    "1° 12/03/2027 eerste overleg, 2° 14/04/2027 tweede overleg; § 3, 4°.",
    "Ondernemingsnummer 0471.234.512 (BE 0401.234.560).",
    "Dossier BE68 5390 0754 7035 (geen rekening: het controlegetal klopt niet), lijst AB12.",
    "Zie @gent op de sociale media, of tekst@ zonder domein; 5 @ 12 euro; a@b, c@d.",
    "Er is sinds 2005 een cel; in 1998 bestond ze al, en in de jaren 1990-2000 ook.",
    "20 °C in de zaal, 100 deelnemers, 09.30 uur, lokaal 02.14.",
    "Postcode 9000 Gent, Kerkstraat 12 bus 3, 1030 en 1040.",
    "De werkgroep is geboren uit de nood aan overleg. Volgende keer: 12 maart 2027.",
    "Herkozen raad op 13-10-2030; sperperiode 01-07 tot 31-01.",
    "Score per module: 1 2 3 4 5 6 7, totaal 28 op 35, 11 22 33 44 55.",
    "Trajectory 3f2a, event 000012, position 123456789012, root 9f86d081884c.",
    "Zie ISO 8601, RFC 6962 en RFC 8785; rij 10 20 30 40 50 60.",
    "Het reglement van 14 mei 2008 geldt nog; de cel bestaat sinds 3/2/2009.",
    "The agreement of 14 May 2008 still holds; the council on 2009-03-02 confirmed it.",
    "Réunion reportée au 3 février 2027; prochaine séance le 1er avril 2027.",
    "Waiver: this municipality already has internal rules since 2019-05-14.",
    "Uit 133 vragen van 53 besturen in 2023: 19 trajecten, 38 gemeenten, 7 × 60 minuten.",
    "👨‍👩‍👧 familiedag in het buurthuis, ’s avonds, “goed” – 10 à 12 %.",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_sentence_passes_unchanged(text: str) -> None:
    """Dates of the work, laws, amounts, codes, numbers of companies and accounts."""
    assert check(text) == text


@pytest.mark.parametrize("char", ["\x1b", "\x00", "\x7f", "\u202e", "\u2066", "\u200f", "\ud800"])
def test_a_character_that_nobody_sees_is_refused_and_shown(char: str) -> None:
    """A terminal must not obey a note."""
    with pytest.raises(BadInput) as refused:
        check(f"over{char}leg")
    found = refused.value.sentence.values["found"]
    assert isinstance(found, str)
    assert found.startswith("\\")
    assert char not in found


def test_lines_become_one_line_and_text_becomes_composed() -> None:
    """A note from a file is a note, and one history line."""
    assert check("  eerste \r\n\r\n\ttweede\u2028derde  ") == "eerste tweede derde"
    assert check("cafe\u0301") == "café"


@pytest.mark.parametrize(
    "part", [" ", "0 ", "° ", "born ", "+32 ", "1-", "\t \n", "\u2011", "jan "]
)
def test_a_hostile_text_is_judged_at_once(part: str) -> None:
    """No pattern of ours takes more than linear time on a long text."""
    started = perf_counter()
    with suppress(BadInput):
        check(part * 125)
    with suppress(BadInput):
        check(part * 100_000 + "x")
    assert perf_counter() - started < 0.5


def test_the_longest_text_has_500_characters() -> None:
    """One more is refused, with both figures."""
    assert check("x" * LONGEST) == "x" * LONGEST
    with pytest.raises(BadInput, match="501 characters, 500 at most"):
        check("x" * 501)


def test_a_minimum_says_how_much_is_missing() -> None:
    """Blanks at the ends do not count."""
    assert check("staat al in het oude reglement", minimum=20)
    with pytest.raises(BadInput, match=r"^16 more characters: write why"):
        check("  nvt.  ", minimum=20)
    with pytest.raises(BadInput, match=r"^1 more character: write why"):
        check("x" * 19, minimum=20)


def test_an_empty_text_is_called_empty() -> None:
    """Of a note or of a reason; what has a longer minimum is a waiver's."""
    for text in ("", "  ", "\n"):
        with pytest.raises(BadInput, match=r"^the text is empty"):
            check(text, minimum=1)
    assert check("") == ""
    assert check("x", minimum=1) == "x"


def test_a_refusal_has_the_exit_code_of_bad_words() -> None:
    """And says what was found."""
    with pytest.raises(BadInput) as refused:
        check("bel 0470 12 34 56")
    assert refused.value.exit_code == 2
    assert refused.value.sentence.values == {"found": "0470 12 34 56"}


def test_clean_shows_what_a_terminal_would_obey() -> None:
    """Escapes, directions and surrogates become visible, the rest stays."""
    assert clean("a\x1b[31mb\u202ec\ud800d\n\U000e0041") == (
        "a\\x1b[31mb\\u202ec\\ud800d\\x0a\\U000e0041"
    )
    assert clean("’s-Gravenvoeren é 👨‍👩‍👧") == "’s-Gravenvoeren é 👨‍👩‍👧"


@given(st.text(st.characters()))
def test_clean_text_can_always_be_written_to_a_terminal(text: str) -> None:
    """No control character, no surrogate, and cleaning twice changes nothing."""
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    cleaned.encode()
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in cleaned)


@given(st.text(st.characters(), max_size=80))
def test_any_text_is_either_kept_composed_or_refused(text: str) -> None:
    """Nothing else than BadInput comes out, and what passes once passes again."""
    try:
        kept = check(text)
    except BadInput:
        return
    assert check(kept) == kept
    assert unicodedata.is_normalized("NFC", kept)
