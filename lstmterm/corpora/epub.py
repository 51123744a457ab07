"""The text of an EPUB book: its chapters in reading order, without markup.

Format: EPUB 3.3, W3C Recommendation. META-INF/container.xml names the package file; its spine lists
the chapters in order.
"""

import html.parser
import posixpath
import urllib.parse
import xml.etree.ElementTree as ElementTree
import zipfile
from dataclasses import replace
from pathlib import Path

from lstmterm.amounts import size
from lstmterm.corpora.decoding import whole_text
from lstmterm.corpora.documents import Document, opened_zip, zip_member
from lstmterm.errors import InputError

_LARGEST_PART = 64 << 20  # bytes of a chapter, which is read whole
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "table"}
_BLOCKS = _PARAGRAPHS | {
    "div", "section", "article", "li", "ul", "ol", "dl", "dt", "dd", "tr", "header", "footer", "figure",
    "figcaption", "body", "title",
}  # fmt: skip
_UNSEEN = {"head", "script", "style", "svg", "math", "nav"}


def chapters(path: Path) -> list[Document]:
    """A document for each item of the spine."""
    with opened_zip(path) as archive:
        members = {m.filename: m for m in archive.infolist()}
        parts = [members[name] for name in _spine(path, members) if name in members]
    if not parts:
        raise InputError(f"{path} has no chapters.")
    return [replace(_part(path, part), to_plain=plain_text) for part in parts]


def _spine(path: Path, members: dict[str, zipfile.ZipInfo]) -> list[str]:
    """The members with the chapters, in reading order."""
    container = _xml(path, members, "META-INF/container.xml")
    rootfile = next((e for e in container.iter() if _tag(e) == "rootfile"), None)
    package_name = rootfile.get("full-path", "") if rootfile is not None else ""
    package = _xml(path, members, package_name)
    items = {e.get("id"): e.get("href", "") for e in package.iter() if _tag(e) == "item"}
    order = [
        items.get(e.get("idref"), "")
        for e in package.iter()
        if _tag(e) == "itemref" and e.get("linear") != "no"
    ]
    base = posixpath.dirname(package_name)
    return [posixpath.normpath(posixpath.join(base, urllib.parse.unquote(href))) for href in order if href]


def _xml(path: Path, members: dict[str, zipfile.ZipInfo], name: str) -> ElementTree.Element:
    if name not in members:
        raise InputError(f"{path} is not an EPUB book: it lacks {name or 'the name of its package file'}.")
    text = whole_text(_part(path, members[name]))
    if "<!ENTITY" in text:  # entities could expand without bound, and books do not need them
        raise InputError(f"{path} declares XML entities in {name}; such books are not read, for safety.")
    try:
        return ElementTree.fromstring(text.lstrip("\ufeff"))
    except (ElementTree.ParseError, ValueError) as error:
        raise InputError(f"{path} is a damaged book: {name} is not XML ({error}).") from None


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def _part(path: Path, member: zipfile.ZipInfo) -> Document:
    if member.file_size > _LARGEST_PART:
        raise InputError(
            f"{path} has a part of {size(member.file_size)} ({member.filename}), which is too large to read."
        )
    return zip_member(path, member)


def plain_text(markup: str) -> str:
    """The visible text of a page, with a blank line after each paragraph; empty if there is none."""
    page = _Page()
    page.feed(markup)
    page.close()
    return page.text()


class _Page(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = [""]
        self._unseen = 0
        self._preformatted = 0  # depth of <pre>

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        if tag == "body":  # ends a head that was not closed
            self._unseen = 0
        if tag == "pre":
            self._preformatted += 1
        self._break(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        if tag == "pre":
            self._preformatted = max(0, self._preformatted - 1)
        if tag != "br":
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if self._preformatted:
            first, *rest = data.split("\n")
            self._lines[-1] += first
            self._lines += rest
            return
        words = " ".join(data.split())
        if data[:1].isspace() and self._lines[-1] and not self._lines[-1].endswith(" "):
            self._lines[-1] += " "
        self._lines[-1] += words
        if words and data[-1:].isspace():
            self._lines[-1] += " "

    def _break(self, tag: str) -> None:
        if tag == "br" or (tag in _BLOCKS and self._lines[-1].strip()):
            self._lines.append("")
        if tag in _PARAGRAPHS and any(self._lines[-2:-1]):
            self._lines.append("")

    def text(self) -> str:
        """The lines so far, without trailing spaces and without two blank lines in a row."""
        lines: list[str] = []
        for line in (line.rstrip() for line in self._lines):
            if line or (lines and lines[-1]):
                lines.append(line)
        text = "\n".join(lines).strip("\n")
        return text and text + "\n\n"
