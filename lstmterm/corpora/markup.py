"""The visible text of a page of HTML or XHTML, in time proportional to its size whatever it holds.

One expression divides a page into tags, comments and text. It never goes back: what is begun and not ended
reaches to the end of the page, or for a tag to the next one.
"""

import html
import re

_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "table"}
_BLOCKS = _PARAGRAPHS | {
    "div", "section", "article", "li", "ul", "ol", "dl", "dt", "dd", "tr", "header", "footer", "figure",
    "figcaption", "body", "title",
}  # fmt: skip
_UNSEEN = {"head", "script", "style", "svg", "math", "nav"}
_PART = re.compile(
    r"""<!--.*?(?:-->|\Z)
    | <!\[CDATA\[ (?P<data>.*?) (?:\]\]>|\Z)
    | <[!?][^>]*+>?
    | < (?P<end>/?) (?P<tag>[a-z][^\s/<>]*+) (?: [^"'<>]++ | "[^"<]*+"? | '[^'<]*+'? )*+ >?
    | (?P<text>[^<]++|<)""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
_LONG_NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{9,}+;?")  # of no character


def plain_text(markup: str) -> str:
    """The visible text of a page, with a blank line after each paragraph; empty if there is none."""
    page = _Page()
    for part in _PART.finditer(markup):
        if tag := part["tag"]:
            page.tag(tag.lower(), is_end=bool(part["end"]), is_whole=part[0].endswith("/>"))
        elif text := part["text"]:
            page.write(html.unescape(_LONG_NUMBER.sub("\ufffd", text)))
        elif data := part["data"]:
            page.write(data)
    return page.text()


class _Page:
    """Lines of text, the last of which is still in parts."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []  # parts that are not empty
        self._unseen = 0  # depth of what is not shown
        self._preformatted = 0  # depth of <pre>

    def tag(self, tag: str, is_end: bool, is_whole: bool) -> None:
        """Read a tag: of the beginning, of the end, or both."""
        if not is_whole:
            change = -1 if is_end else 1
            if tag in _UNSEEN:
                self._unseen = max(0, self._unseen + change)
            elif tag == "pre":
                self._preformatted = max(0, self._preformatted + change)
            elif tag == "body" and not is_end:  # ends a head that was not closed
                self._unseen = 0
        if tag == "br":
            if not is_end:
                self._end_line()
        elif tag in _BLOCKS and any(not part.isspace() for part in self._line):
            self._end_line()
        if tag in _PARAGRAPHS and not self._line and self._lines and self._lines[-1]:
            self._end_line()

    def write(self, text: str) -> None:
        """Add text; outside of <pre>, white space is one space."""
        if self._unseen:
            return
        if self._preformatted:
            *whole, last = text.split("\n")
            for line in whole:
                self._add(line)
                self._end_line()
            self._add(last)
            return
        words = " ".join(text.split())
        if text[:1].isspace() and self._line and not self._line[-1].endswith(" "):
            self._line.append(" ")
        self._add(words)
        if words and text[-1:].isspace():
            self._line.append(" ")

    def _add(self, text: str) -> None:
        if text:
            self._line.append(text)

    def _end_line(self) -> None:
        self._lines.append("".join(self._line))
        self._line = []

    def text(self) -> str:
        """The lines so far, without trailing spaces and without two blank lines in a row."""
        self._end_line()
        lines: list[str] = []
        for line in map(str.rstrip, self._lines):
            if line or (lines and lines[-1]):
                lines.append(line)
        text = "\n".join(lines).strip("\n")
        return text and text + "\n\n"
