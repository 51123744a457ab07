"""Ciphers: the known pair, both ways, fresh strings from a seed."""

import pytest

from lstmterm.errors import InputError
from lstmterm.tagging import ciphers


def test_rot13_over_27_letters() -> None:
    rot13 = ciphers.parse("rot13")
    assert rot13.encipher("THIS-IS-A-SECRET") == "FUVEMVEMNMERPDRF"
    assert rot13.decipher("FUVEMVEMNMERPDRF") == "THIS-IS-A-SECRET"


def test_a_key_shifts_by_its_letters_in_turn() -> None:
    assert ciphers.parse("vigenere:ABC").encipher("AAAAAA-") == "ABCABC-"
    assert ciphers.parse("vigenere:b").encipher("-Z") == ciphers.parse("caesar:1").encipher("-Z") == "A-"


@pytest.mark.parametrize("source", ["rot13", "caesar:5", "caesar:-1", "vigenere:KEY"])
def test_every_text_is_deciphered(source: str) -> None:
    cipher = ciphers.parse(source)
    pairs = cipher.pairs(50, 1)
    assert all(cipher.decipher(text) == plain for text, plain in pairs)
    assert {4 <= len(plain) <= 64 for _, plain in pairs} == {True}
    assert pairs == cipher.pairs(50, 1) != cipher.pairs(50, 2)


@pytest.mark.parametrize("source", ["caesar", "caesar:", "caesar:x", "vigenere:", "vigenere:K2", "rot13:1"])
def test_invalid_ciphers_are_refused(source: str) -> None:
    assert ciphers.is_cipher(source)
    with pytest.raises(InputError, match="is not a cipher"):
        ciphers.parse(source)
