"""The visible text of pages, well-formed or not, in time that grows with their size."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.corpora.markup import plain_text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<body><pre>a\n  b</pre><p>c  d</p></body>", "a\n  b\n\nc d\n\n"),
        ("<head><title>x</title><style>p{}</style></head><body><p>Last &amp; <b>least</b>.</p>", "Last & least.\n\n"),
        ("<h1>One</h1>\n<p>Two,\n  three.<br/>Four<br>five</p><script>if (a<b) no()</script>", "One\n\nTwo, three.\nFour\nfive\n\n"),
        ("<head><p>unseen<body><div>a</div><div>b</div>", "a\nb\n\n"),
        ("a <!-- no <p>no --> b<!-- no", "a b\n\n"),
        ("<![CDATA[<b>&amp;]]> c", "<b>&amp; c\n\n"),
        ("<?xml version='1.0'?><!DOCTYPE html><p title='a > b' x=\"'>'\">text</p>", "text\n\n"),
        ("1 < 2 &lt; 3 <3", "1 < 2 < 3 <3\n\n"),
        ("<p class=\"open>lost</p><p>kept</p>", "kept\n\n"),
        ("&#233;&#xe9;&eacute;&#1234567890123;&#0;&nosuch;", "ééé\ufffd\ufffd&nosuch;\n\n"),
        ("<svg><text>no</text></svg><BR><P>Yes</P>", "Yes\n\n"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_text_of_a_page(page: str, text: str) -> None:
    assert plain_text(page) == text


@pytest.mark.parametrize(
    "part",
    ["<!--", "<a", "<a ", '<a "', '<a ">" ', "<a '\"", "</", "<![CDATA[", "<!", "<?", "&", "&#1", "<b>x</b>", "<br>",
     "<pre>\n", "<p>", "<svg>", "x ", "&lt", "<a/"],
)  # fmt: skip
def test_a_million_characters_of_anything_take_seconds(part: str) -> None:
    begun = time.process_time()
    plain_text(part * (1_000_000 // len(part)))
    assert time.process_time() - begun < 6


def test_a_number_of_many_digits_is_no_character() -> None:
    assert plain_text(f"&#{'9' * 10_000};&#x{'f' * 10_000};") == "\ufffd\ufffd\n\n"


@given(st.text(alphabet="<>/!-?&#;\"' abp\n[]", max_size=200))
def test_any_page_is_read(page: str) -> None:
    text = plain_text(page)
    assert not text or text.endswith("\n\n")


def test_the_end_of_a_break_breaks_nothing() -> None:
    assert plain_text("a</br>b<br>c") == "ab\nc\n\n"
