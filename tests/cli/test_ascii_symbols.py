"""ASCII terminals get symbols that they have."""

import ast
import unicodedata
from pathlib import Path

import pytest

import lstmterm
from lstmterm.cli import ascii_symbols
from tests.cli.test_cli import on_a_terminal


def test_symbols_keep_their_width_and_letters_are_sent_as_they_are() -> None:
    sent = "╭━┤ █▁ ⣿\u2800 ● ✓ … é␣␛".encode("ascii", ascii_symbols.NAME)
    assert sent == "+-+ ## .  * v ~ é_?".encode()
    assert "\ud800".encode("ascii", ascii_symbols.NAME) == b"?"


@pytest.mark.parametrize(
    ("words", "ascii_only"),
    [
        ({"LC_ALL": "C"}, True),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, True),
        ({"LC_ALL": "", "LC_CTYPE": "C.UTF-8", "LANG": "C"}, False),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "C"}, False),
        ({"LC_ALL": "", "LC_CTYPE": "", "LANG": ""}, False),
    ],
)
def test_only_a_locale_that_is_c_says_so(
    words: dict[str, str], ascii_only: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.setenv(name, words.get(name, ""))
    assert ascii_symbols.is_ascii_terminal() == ascii_only


def test_a_command_prints_ascii_where_the_terminal_has_no_more() -> None:
    plain = on_a_terminal("next", "shakespeare", "--prompt", "To be", LC_ALL="C")
    assert plain.isascii(), plain
    assert not on_a_terminal("next", "shakespeare", "--prompt", "To be", LC_ALL="C.UTF-8").isascii()


@pytest.mark.parametrize("package", ["ui", "runs", "visible.py"])
def test_every_symbol_that_the_screen_draws_with_has_one_of_ascii(package: str) -> None:
    found = Path(lstmterm.__file__).parent / package
    for path in found.rglob("*.py") if found.is_dir() else [found]:
        if path.name == "text_rows.py":  # characters of texts, by their width
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            symbols = {c for c in text if unicodedata.category(c)[0] in "PSZ" and c > "\xff"}
            sent = {symbol: symbol.encode("ascii", ascii_symbols.NAME) for symbol in symbols}
            assert not {symbol for symbol in sent if not sent[symbol].isascii()}, path
