"""Names with addresses: what is understood, and what never reaches a header."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.addresses import address, parse, parse_for
from engine.domain.errors import BadInput


@pytest.mark.parametrize(
    ("text", "name", "email"),
    [
        ("An Voorbeeld <an@example.org>", "An Voorbeeld", "an@example.org"),
        ("  An   Voorbeeld<an@example.org> ", "An Voorbeeld", "an@example.org"),
        ('"Voorbeeld, An" < An.V+x@Mail.Example.ORG >', "Voorbeeld, An", "An.V+x@mail.example.org"),
        ("Zoë D’Hondt-O'Neil (LIVC) <z@a-b.example>", "Zoë D’Hondt-O'Neil (LIVC)", "z@a-b.example"),
        ("Zoe\u0308 <z@example.org>", "Zoë", "z@example.org"),
    ],
)
def test_a_name_with_an_address_is_read(text: str, name: str, email: str) -> None:
    """Blanks and quotes around the name go, the domain becomes lower case."""
    assert parse(text) == (name, email)
    assert parse_for(f"Gent: {text}") == ("Gent", name, email)
    assert parse_for(text) == (None, name, email)


def test_a_place_may_have_blanks_and_hyphens() -> None:
    """Everything before the colon."""
    assert parse_for("De Haan:An V <an@example.org>") == ("De Haan", "An V", "an@example.org")
    assert parse_for("Nazareth-De Pinte : A <a@example.org>")[0] == "Nazareth-De Pinte"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "An",
        "an@example.org",
        "<an@example.org>",
        '"" <an@example.org>',
        "An <>",
        "An <an@example.org> en Bert <b@example.org>",
        "An <an@example.org>, B <b@example.org>",
        "An <an@example.org,b@example.org>",
        "An <an@example.org b@example.org>",
        "An <an@localhost>",
        "An <an@example.123>",
        "An <an@example..org>",
        "An <an@.org>",
        "An <an@-example.org>",
        "An <.an@example.org>",
        "An <a..n@example.org>",
        "An <@example.org>",
        "An <an@@example.org>",
        'An <"a n"@example.org>',
        "An <an@[127.0.0.1]>",
        "An <án@example.org>",
        "An <an@exämple.org>",
        "An <an@example.org",
        "An an@example.org>",
        "an@example.org <b@example.org>",
        "An\r\nBcc: x <an@example.org>",
        "An <an@example.org\r\nBcc: b@example.org>",
        "An\x00 <an@example.org>",
        "An\u202e <an@example.org>",
        "An\u2028 <an@example.org>",
        "An <an\u200b@example.org>",
        'A"n <an@example.org>',
        "=?utf-8?q?An?= <an@example.org>",
        "An <=?utf-8?q?an?=@example.org>",
        "An\n <an@example.org>",
        f"{'A' * 101} <an@example.org>",
        f"An <{'a' * 65}@example.org>",
        f"An <a@{'b' * 64}.org>",
        f"An <a@{'bbbbbbbbb.' * 26}org>",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """Two addresses, none, folded headers, codes, unseen characters, nonsense domains."""
    for read in (parse, parse_for):
        with pytest.raises(BadInput) as refused:
            read(text)
        assert refused.value.exit_code == 2
    with pytest.raises(BadInput):
        parse_for(f"Gent: {text}")


def test_an_unsafe_place_is_refused_too() -> None:
    """It would reach the terminal in an error."""
    with pytest.raises(BadInput, match=r"\\x1b"):
        parse_for("Ge\x1bnt: An <an@example.org>")


def test_a_bare_address_is_checked_alike() -> None:
    """For the places that ask for the address alone."""
    assert address(" An@EXAMPLE.org ") == "An@example.org"
    with pytest.raises(BadInput, match="example"):
        address("An <an@example.org>")


def test_the_refusal_shows_the_way_out() -> None:
    """An example of what to write."""
    with pytest.raises(BadInput, match=r"Name <name@example\.org>"):
        parse("an@example.org")


@given(st.text(st.characters(), max_size=40), st.text(max_size=40))
def test_whatever_is_read_makes_one_header_of_one_mail(name: str, place: str) -> None:
    """Nothing that passes adds a line or a recipient to a mail."""
    try:
        where, read, email = parse_for(f"{place}: {name} <an@example.org>")
    except BadInput:
        return
    assert email == "an@example.org"
    assert "\n" not in f"{where}{read}"
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = f"{where} {read}"
    mail.set_content("x")
    assert mail.as_bytes().count(b"\r\nContent-Type") == 1
