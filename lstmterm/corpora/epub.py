"""The text of an EPUB book: its chapters in reading order, without markup.

Format: EPUB 3.3, W3C Recommendation. META-INF/container.xml names the package file; its spine lists
the chapters in order, each once.
"""

import posixpath
import urllib.parse
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.parsers import expat

from lstmterm.amounts import size
from lstmterm.corpora.archives import opened_zip, zip_member
from lstmterm.corpora.decoding import whole_text
from lstmterm.corpora.documents import Document, shown
from lstmterm.corpora.markup import plain_text
from lstmterm.errors import InputError

_LARGEST_CHAPTER = 16 << 20  # bytes; it is read whole
_LARGEST_LIST = 4 << 20  # bytes of the files that list the chapters

Element = tuple[str, dict[str, str]]  # a name without its prefix, and the attributes


def chapters(path: Path) -> list[Document]:
    """A document for each item of the spine."""
    archive = opened_zip(path)
    there = frozenset(archive.namelist())
    names = [name for name in dict.fromkeys(_spine(path, archive)) if name in there]
    if not names:
        raise InputError(f"{path} has no chapters.")
    parts = [_part(path, archive, name, _LARGEST_CHAPTER) for name in names]
    return [replace(part, to_plain=plain_text) for part in parts]


def _spine(path: Path, archive: zipfile.ZipFile) -> Iterator[str]:
    """The members with the chapters, in reading order."""
    container = _elements(path, archive, "META-INF/container.xml")
    package_name = next((a.get("full-path", "") for name, a in container if name == "rootfile"), "")
    package = _elements(path, archive, package_name)
    files = {a.get("id"): a.get("href", "") for name, a in package if name == "item"}
    base = posixpath.dirname(package_name)
    for name, attributes in package:
        href = files.get(attributes.get("idref"), "")
        if name == "itemref" and attributes.get("linear") != "no" and href:
            yield posixpath.normpath(posixpath.join(base, urllib.parse.unquote(href)))


def _elements(path: Path, archive: zipfile.ZipFile, name: str) -> list[Element]:
    """The elements of an XML file that have attributes, in order; neither their depth nor their text is kept."""
    if name not in archive.namelist():
        raise InputError(
            f"{path} is not an EPUB book: it lacks {shown(name) or 'the name of its package file'}."
        )
    text = whole_text(_part(path, archive, name, _LARGEST_LIST))
    if "<!ENTITY" in text:  # entities could expand without bound, and books do not need them
        raise InputError(
            f"{path} declares XML entities in {shown(name)}; such books are not read, for safety."
        )
    found: list[Element] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if attributes:
            found.append((tag.rpartition(":")[2], attributes))

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = start
    try:
        parser.Parse(text.lstrip("\ufeff").encode(), True)
    except (expat.ExpatError, ValueError) as error:
        raise InputError(f"{path} is a damaged book: {shown(name)} is not XML ({shown(error)}).") from None
    return found


def _part(path: Path, archive: zipfile.ZipFile, name: str, largest: int) -> Document:
    member = archive.getinfo(name)
    if member.file_size > largest:
        raise InputError(
            f"{path} has a part of {size(member.file_size)} ({shown(name)}), which is too large to read."
        )
    return zip_member(path, archive, member)
