"""Makes a screenshot small: at most sixteen colours, four bits a pixel."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 16
CHANNELS = {2: 3, 6: 4}  # the colour types that browsers write, at eight bits

Colour = tuple[int, int, int]


def shrunk(png: bytes) -> bytes:
    """Return the picture with its sixteen commonest colours, each pixel in the nearest."""
    width, rows = _pixels(png)
    counted = Counter(pixel for row in rows for pixel in row)
    palette = [colour for colour, _ in counted.most_common(COLOURS)]
    nearest = {
        colour: min(range(len(palette)), key=lambda n: _apart(palette[n], colour))
        for colour in counted
    }
    packed = b"".join(_packed([nearest[pixel] for pixel in row]) for row in rows)
    head = struct.pack(">IIBBBBB", width, len(rows), 4, 3, 0, 0, 0)
    colours = b"".join(bytes(colour) for colour in palette)
    parts = [
        (b"IHDR", head),
        (b"PLTE", colours),
        (b"IDAT", zlib.compress(packed, 9)),
        (b"IEND", b""),
    ]
    return SIGNATURE + b"".join(_chunk(name, data) for name, data in parts)


def size(png: bytes) -> tuple[int, int]:
    """Return width and height."""
    width, height = struct.unpack(">II", png[16:24])
    return int(width), int(height)


def _pixels(png: bytes) -> tuple[int, list[list[Colour]]]:
    """Return the width and the rows of a picture."""
    chunks = list(_chunks(png))
    width, height, depth, kind, *_ = struct.unpack(">IIBBBBB", chunks[0][1])
    assert depth == 8 and kind in CHANNELS, "a browser's screenshot has eight bits a colour"
    step = CHANNELS[kind]
    raw = zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT"))
    line, above, rows = width * step, bytearray(width * step), []
    for start in range(0, height * (line + 1), line + 1):
        above = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + line]), above, step)
        rows.append([(above[n], above[n + 1], above[n + 2]) for n in range(0, line, step)])
    return width, rows


def _unfiltered(kind: int, line: bytearray, above: bytearray, step: int) -> bytearray:
    """Return a line of bytes as they were before PNG's filter (its chapter 9)."""
    for n, value in enumerate(line if kind else b""):
        left = line[n - step] if n >= step else 0
        if kind == 4:
            guess = _paeth(left, above[n], above[n - step] if n >= step else 0)
        else:
            guess = (0, left, above[n], (left + above[n]) // 2)[kind]
        line[n] = (value + guess) & 0xFF
    return line


def _paeth(left: int, up: int, corner: int) -> int:
    """Return which of three neighbours is nearest to their sum."""
    to_left, to_up, to_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    if to_left <= to_up and to_left <= to_corner:
        return left
    return up if to_up <= to_corner else corner


def _apart(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _packed(row: list[int]) -> bytes:
    """Return a row unfiltered, two pixels in a byte."""
    even = [*row, 0] if len(row) % 2 else row
    return b"\0" + bytes(a << 4 | b for a, b in zip(even[::2], even[1::2], strict=True))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(name: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)
