"""Canonical bytes, commitments and the Merkle frontier against published and naive answers."""

from __future__ import annotations

import json
import unicodedata
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.ledger import (
    LARGEST,
    Frontier,
    NotCanonical,
    canonical,
    commitment,
    leaf,
    node,
    parse,
)

# The leaves and roots that certificate-transparency implementations test with.
KNOWN_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243",
        "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

texts = st.text(st.characters(exclude_categories=["Cs"])).map(
    lambda text: unicodedata.normalize("NFC", text)
)
keys = st.text(st.characters(max_codepoint=127))
scalars = st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
)


def tree_hash(leaves: list[bytes]) -> bytes:
    """Return the Merkle tree hash as RFC 6962 defines it, recursively."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node(tree_hash(leaves[:split]), tree_hash(leaves[split:]))


def grown(leaves: list[bytes]) -> Frontier:
    """Return the frontier after all leaves."""
    frontier = Frontier()
    for one in leaves:
        frontier = frontier.append(one)
    return frontier


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_known_vectors(size: int) -> None:
    """Eight leaves and the empty tree."""
    frontier = grown([leaf(data) for data in KNOWN_LEAVES[:size]])
    assert frontier.root().hex() == KNOWN_ROOTS[size]
    assert frontier.size == size


@given(st.integers(0, 300))
def test_the_frontier_gives_the_root_of_the_recursive_definition(size: int) -> None:
    """Any number of leaves, kept in O(log n) hashes."""
    leaves = [leaf(str(number).encode()) for number in range(size)]
    frontier = grown(leaves)
    assert frontier.root() == tree_hash(leaves)
    assert len(frontier.hashes) == size.bit_count()
    assert Frontier.from_bytes(size, frontier.to_bytes()) == frontier


@pytest.mark.parametrize(("size", "length"), [(1, 0), (0, 32), (3, 32), (2, 31), (-1, 32)])
def test_a_frontier_of_the_wrong_length_is_refused(size: int, length: int) -> None:
    """Size and hashes must belong together."""
    with pytest.raises(ValueError, match="no frontier"):
        Frontier.from_bytes(size, bytes(length))


def test_canonical_bytes_follow_the_published_rules() -> None:
    """Sorted keys, no blanks, short escapes, other controls as lower-case hex."""
    value = {"b": [1, True, None], "a": '\u20ac$\x0f\nA\'B"\\\\"/\x7f\u2028', "": {}, "B": -0}
    assert canonical(value) == (
        '{"":{},"B":0,"a":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f\u2028","b":[1,true,null]}'.encode()
    )
    assert canonical("\b\t\n\f\r\x1f") == b'"\\b\\t\\n\\f\\r\\u001f"'
    assert canonical((1, "x")) == canonical([1, "x"]) == b'[1,"x"]'


@given(values)
def test_canonical_bytes_read_back_as_the_same_value_and_bytes(value: Any) -> None:
    """The bytes lose nothing, and reading them gives the same bytes again."""
    data = canonical(value)
    assert json.loads(data) == value
    assert canonical(json.loads(data)) == data


@given(st.dictionaries(keys, scalars))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    """Two equal objects have equal bytes."""
    assert canonical(dict(reversed(value.items()))) == canonical(value)


def nested(depth: int) -> list[Any]:
    """Return a list in a list in a list."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


class OtherText(str):
    """Text of a type of its own."""


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        LARGEST + 1,
        -LARGEST - 1,
        "e\u0301",
        "\ud800",
        {"é": 1},
        {1: "x"},
        {"\ud800": 1},
        b"bytes",
        {"a": {1, 2}},
        OtherText("x"),
        [[{"deep": [0.5]}]],
        nested(40),
    ],
    ids=ascii,
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    """Floats, other types, foreign keys, large integers, decomposed text, bottomless pits."""
    with pytest.raises(NotCanonical):
        canonical(value)


def test_the_limits_themselves_are_allowed() -> None:
    """2^53-1 either way, and 32 levels."""
    assert canonical([LARGEST, -LARGEST]) == b"[9007199254740991,-9007199254740991]"
    assert canonical(nested(31)) == b"[" * 32 + b"]" * 32


def test_a_leaf_is_not_a_node() -> None:
    """The two have different first bytes, so that neither passes for the other."""
    assert leaf(b"ab") == sha256(b"\x00ab").digest()
    assert node(b"a", b"b") == sha256(b"\x01ab").digest()


def test_a_commitment_hangs_on_salt_field_and_value() -> None:
    """Each of the three changes it, and it is the documented hash."""
    salt = bytes(range(32))
    expected = sha256(b"traject/commit/v1\x00" + salt + b"note\x00" + "é".encode()).hexdigest()
    assert commitment(salt, "note", "é") == expected
    others = {
        commitment(bytes(32), "note", "é"),
        commitment(salt, "name", "é"),
        commitment(salt, "note", "e"),
    }
    assert len(others | {expected}) == 4


# --- reading what was written ---------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(values)
def test_what_has_a_canonical_form_is_read_back_from_it(value: Any) -> None:
    """Reading is the inverse of writing."""
    assert parse(canonical(value).decode()) == value


@given(JSON, st.booleans(), st.booleans(), st.sampled_from(((",", ":"), (", ", ": "))))
def test_a_text_is_read_exactly_when_it_is_the_canonical_form_of_its_value(
    value: Any, ascii_only: bool, sort: bool, separators: tuple[str, str]
) -> None:
    """The quick way to look at a text agrees with the definition, whatever the text."""
    text = json.dumps(value, ensure_ascii=ascii_only, sort_keys=sort, separators=separators)
    try:
        expected = canonical(json.loads(text)).decode() == text
    except NotCanonical:
        expected = False
    try:
        parse(text)
        read = True
    except NotCanonical:
        read = False
    assert read is expected


@pytest.mark.parametrize(
    "text",
    ['{"a":1,"a":1}', "1.0", "1e3", "-0", "NaN", "9007199254740992", '"\\u00e9"', '"\\ud800"',
     "[1 ]", '"\\/"', "[" * 100_000 + "]" * 100_000],
)  # fmt: skip
def test_other_forms_are_refused(text: str) -> None:
    """Doubled keys, floats, long numbers, needless escapes, blanks, nests."""
    with pytest.raises((NotCanonical, RecursionError)):
        parse(text)


def test_what_is_no_json_is_no_value() -> None:
    """Told apart from another form of a value."""
    with pytest.raises(ValueError, match="Expecting") as caught:
        parse("not JSON")
    assert not isinstance(caught.value, NotCanonical)
