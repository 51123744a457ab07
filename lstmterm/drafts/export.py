"""A draft as a text, as Markdown, or as JSON, with what it takes to write each stretch again."""

import json
import shlex
from pathlib import Path
from typing import Any, Literal

from lstmterm.drafts.tree import Origin, Piece, Stretch, Tree

_SHORT = 100  # characters of a prompt that stands in a command

Form = Literal["text", "markdown", "json"]


def form_of(path: Path | None) -> Form:
    """The form that a file's suffix asks for; text for any other one, and without a file."""
    forms: dict[str, Form] = {".md": "markdown", ".markdown": "markdown", ".json": "json"}
    return forms.get(path.suffix.lower(), "text") if path is not None else "text"


def encoded(text: str) -> bytes:
    """UTF-8; a lone surrogate is the byte that it stands for, or else kept as it is."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def exported(name: str, tree: Tree, form: Form) -> str:
    """The draft in a form. As a text and as Markdown it is the text at the user's place, as JSON the whole tree."""
    if form == "text":
        return tree.text()
    return _markdown(name, tree) if form == "markdown" else _json(name, tree)


def command(name: str, tree: Tree, stretch: int) -> str | None:
    """The shell command that writes a stretch again; None for one that no model wrote.

    Also None if the text before it is too long for the command, and the draft has no name, as it is not kept.
    """
    found = tree.stretches[stretch]
    if found.origin.made != "written":
        return None
    before, model = context(tree, stretch), found.origin.model
    if len(before) <= _SHORT and (before.isprintable() or not before) and before != "-":
        return shlex.join(["lstmterm", "generate", model, "--prompt", before, *_arguments(found)])
    if not name:
        return None
    asked = shlex.join(["lstmterm", "drafts", "show", name, "--before", str(stretch)])
    return f"{asked} | {shlex.join(['lstmterm', 'generate', model, '--prompt', '-', *_arguments(found)])}"


def _arguments(stretch: Stretch) -> list[str]:
    origin = stretch.origin
    if "--length" in origin.arguments:  # the likeliest text of another length is another one
        return [*origin.arguments]
    length = len(stretch.text) if origin.length is None else origin.length
    return ["--length", str(length), *origin.arguments]


def context(tree: Tree, stretch: int) -> str:
    """The text that the model read before it wrote a stretch."""
    found = tree.stretches[stretch]
    before = tree.text(found.parent)
    return before[max(0, len(before) - found.origin.context) :]


def _markdown(name: str, tree: Tree) -> str:
    """The text in a fence, then a list of its stretches."""
    text = tree.text()
    longest = max((len(run) for run in text.replace("\n", " ").split() if set(run) == {"`"}), default=0)
    fence = "`" * max(3, longest + 1)
    rows = "\n".join(f"- {_described(name, tree, piece)}" for piece in tree.pieces())
    return f"# {name}\n\n{fence}text\n{text}\n{fence}\n\n## How it came to be\n\n{rows}\n"


def _described(name: str, tree: Tree, piece: Piece) -> str:
    origin = tree.stretches[piece.stretch].origin
    part = f"characters {piece.start + 1:,} to {piece.end:,}"
    if origin.made != "written":
        return f"{part}: {origin.made}"
    return f"{part}: written by {origin.model}: `{command(name, tree, piece.stretch)}`"


def _json(name: str, tree: Tree) -> str:
    stretches = [
        {
            "stretch": stretch.number,
            "parent": stretch.parent.stretch,
            "offset": stretch.parent.offset,
            "text": stretch.text,
            **_of_origin(stretch.origin),
            "command": command(name, tree, stretch.number),
        }
        for stretch, _ in tree.walk()
    ]
    text = tree.text()
    return (
        json.dumps({"name": name, "text": text, "stretches": stretches}, ensure_ascii=False, indent=1) + "\n"
    )


def _of_origin(origin: Origin) -> dict[str, Any]:
    found: dict[str, Any] = {"made": origin.made}
    if origin.made == "written":
        found |= {
            "model": origin.model,
            "sha256": origin.sha256,
            "arguments": list(origin.arguments),
            "length": origin.length,
        }
        found |= {"context": origin.context, "nats_per_char": origin.nats}
    return found
