"""Ciphers: the known pairs, both ways, fresh strings from a seed."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.errors import InputError
from lstmterm.tagging import ciphers


@given(st.text())
def test_rot13_is_the_ordinary_one(text: str) -> None:
    rot13 = ciphers.parse("rot13")
    assert rot13.encipher(text) == rot13.decipher(text) == codecs.encode(text, "rot13")


def test_rot13_over_27_letters() -> None:
    rot13 = ciphers.parse("rot13-dash")
    assert rot13.encipher("THIS-IS-A-SECRET") == "FUVEMVEMNMERPDRF"
    assert rot13.decipher("FUVEMVEMNMERPDRF") == "THIS-IS-A-SECRET"


def test_a_key_shifts_each_letter_in_turn_and_moves_on_with_letters_only() -> None:
    assert ciphers.parse("caesar:3").encipher("Xylo 9") == "Abor 9"
    assert ciphers.parse("vigenere:ABC").encipher("AaAAAZ-") == "AbCABB-"
    assert ciphers.parse("vigenere:lemon").encipher("Attack at dawn!") == "Lxfopv ef rnhr!"
    assert ciphers.parse("vigenere-dash:ABC").encipher("AAAAAA-") == "ABCABC-"
    dashed = ciphers.parse("vigenere-dash:b"), ciphers.parse("caesar-dash:1")
    assert [cipher.encipher("-Z") for cipher in dashed] == ["A-", "A-"]


@pytest.mark.parametrize(
    "source",
    ["rot13", "rot13-dash", "caesar:5", "caesar:-1", "caesar-dash:30", "vigenere:KEY", "vigenere-dash:A-B"],
)
def test_every_text_is_deciphered(source: str) -> None:
    cipher = ciphers.parse(source)
    pairs = cipher.pairs(50, 1)
    assert all(cipher.decipher(text) == plain for text, plain in pairs)
    assert all(4 <= len(text) <= 64 for text, _ in pairs)
    assert pairs == cipher.pairs(50, 1) != cipher.pairs(50, 2)


@pytest.mark.parametrize(
    "source",
    [
        "caesar",
        "caesar:",
        "caesar:x",
        "vigenere:",
        "vigenere:K2",
        "vigenere:K-Y",
        "rot13:1",
        "rot13:",
        "rot13-dash:2",
    ],
)
def test_invalid_ciphers_are_refused(source: str) -> None:
    assert ciphers.is_cipher(source)
    with pytest.raises(InputError, match="is not a cipher"):
        ciphers.parse(source)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("rot13", "shift"),
        ("vigenere:K", "shift"),
        ("vigenere:KEY", "key"),
        ("vigenere-dash:KEY", "shift"),
        ("a.csv", ""),
    ],
)
def test_a_key_is_told_from_a_shift(source: str, kind: str) -> None:
    assert ciphers.kind_of(source) == kind
