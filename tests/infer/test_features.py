"""Features of a page, checked by hand, and against plain definitions."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.infer.features import BINARY, NAMES, features

# Each feature's line is under the text's; `.` is 0 and `+` is ten and more.
PAGES = {
    """He said, "Go (now [or {x}]) away." It's 'quite so', dogs' MR. NO.""": {
        "quotes": ".........111111111111111111111111................................",
        "single-quotes": "........................................111111111................",
        "parentheses": ".............1111111111111.......................................",
        "brackets": "..................1111111........................................",
        "depth": ".............1111122223321.......................................",
        "word-start": "1..1......1...1....1...1....1......1.....1.....1....1.....1...1..",
        "word-end": ".1....1....1....1...1..1.......1......1......1..1......1...1...1.",
        "word-length": "12.1234...12..123..12..1....1234...1234..12345.12...1234..12..12.",
        "capitals": "..........................................................11..11.",
        "vowel": ".1..11.....1...1...1........1.11...1......11.1..1....1.........1.",
        "sentence-end": "................................111.........................11..1",
    },
    "\n  KING JOHN:\n\tOne 12!  Yes? end\nA GULL\nOf: a\nend": {
        "heading": ".111111111111....................111111..........",
        "indentation": ".122222222222." + "4" * 18 + "." * 17,
        "line-position": ".123456789+++.123456789+++++++++.123456.12345.123",
        "newline-ahead": "........11111..............11111..11111.11111....",
        "digit": "...................11............................",
        "sentence-end": ".....................111...11....................",
        "capitals": "...1111.1111.......................1111..........",
    },
    """import os\ndef f(x):\n    '''Doc "q" it's.'''\n    return g("a#b", 'c')  # note "x"\n""": {
        "string": "........................111111111111111111...............1111...11...............",
        "comment": "......................................................................1111111111.",
        "indentation": "....................12344444444444444444444.123444444444444444444444444444444444.",
    },
}  # fmt: skip


def _line(values: np.ndarray) -> str:
    return "".join(("+" if v > 9 else str(int(v))) if v else "." for v in values)


@pytest.mark.parametrize("page", PAGES)
def test_features_of_a_page_are_those_that_a_reader_finds(page: str) -> None:
    found = features(page)
    for name, expected in PAGES[page].items():
        line = _line(found[name])
        assert line == expected.ljust(len(page), "."), name


def test_comments_and_strings_of_c() -> None:
    text = '#include <a.h>\nint f() { return \'x\'; } // it\'s\n/* a\n "b" */ char *s = "/* no */";\n'
    found = features(text)
    assert (
        "".join(c for c, inside in zip(text, found["comment"], strict=True) if inside)
        == '// it\'s/* a\n "b" */'
    )
    assert "".join(c for c, inside in zip(text, found["string"], strict=True) if inside) == "'x\"/* no */"


def test_a_part_of_a_program_that_begins_within_a_docstring() -> None:
    code = 'import os\ndef f():\n    """More."""\n    return os\n'
    text = 'of a docstring.\n"""\n' + code * 3
    inside = features(text)["string"]
    assert inside[0] == inside[text.index("docstring")] == 1
    assert inside[text.index("import")] == inside[text.index("def f")] == 0
    assert inside[text.index("More")] == 1


def test_prose_has_no_comments_and_no_strings() -> None:
    assert not {"comment", "string"} & features("It was #1, she said. 'Well' // done\n" * 9).keys()


def test_what_is_forgotten_ends_with_the_paragraph() -> None:
    text = 'He said: "well (that [is\nit.\n\nAnd then.'
    found = features(text)
    for name in ("quotes", "parentheses", "brackets", "depth"):
        assert found[name][text.index("it")] > 0, name
        assert found[name][text.index("And")] == 0, name
    assert features("]]) (a) b")["depth"].tolist() == [0, 0, 0, 0, 1, 1, 0, 0, 0]


def test_curly_quotes_nest_and_close() -> None:
    text = "“Oh,” he said. «Ah»"
    assert _line(features(text)["quotes"]) == "1111..........." + "111."


@given(st.text(alphabet="([{)]}a\n", max_size=60))
def test_depth_is_that_of_counting(text: str) -> None:
    expected, depth = [], 0
    for k, character in enumerate(text):
        if text[max(k - 1, 0) : k + 1] == "\n\n":
            depth = 0
        depth = max(depth + (character in "([{") - (character in ")]}"), 0)
        expected.append(depth)
    found = features(text).get("depth")
    assert (expected[:1] * len(text) if found is None else found.tolist()) == expected


@given(st.text(max_size=80))
def test_any_text_has_features_of_its_length(text: str) -> None:
    for name, values in features(text).items():
        assert name in NAMES
        assert values.shape == (len(text),)
        assert values.dtype == np.float32
        assert np.isfinite(values).all()
        assert name not in BINARY or set(values.tolist()) <= {0, 1}


def test_other_scripts() -> None:
    assert "capitals" not in features("春眠不覺曉 處處聞啼鳥\n" * 3)
    found = features("ÉCOLE Été und ÄÖ.\n")
    assert _line(found["capitals"]) == "11111.........11.."


@pytest.mark.parametrize(
    "line", ["(" * 50_000, "'a " * 20_000, "A" * 50_000, '"""' * 20_000, "a.b " * 10_000]
)
def test_odd_texts_take_no_longer(line: str) -> None:
    begun = time.perf_counter()
    features("import os\n" + line)
    assert time.perf_counter() - begun < 10
