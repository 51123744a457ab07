"""What the site takes from elsewhere: the README as its first page, other documents, and the commands' help.

Links are written for the repository, where they work without the site; here they are turned into links between
pages. A link to something that is not a page, such as code, becomes plain text.
"""

import os
import re
import sys
from pathlib import Path, PurePosixPath

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
HOME = "README.md"
OTHERS = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/RESULTS.md")
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")


def on_files(files, config):
    """Add the pages that lie outside `docs/`."""
    cards = (str(path.relative_to(ROOT)) for path in (ROOT / "checkpoints").glob("*.md"))
    for name in (HOME, *OTHERS, *cards):
        page = "index.md" if name == HOME else name
        files.append(File.generated(config, page, content=(ROOT / name).read_text("utf-8")))
    sys.path.insert(0, str(ROOT))
    from lstmterm.cli.manual import list_of_commands

    files.append(File.generated(config, "commands.md", content=list_of_commands()))
    return files


def on_page_markdown(markdown, page, config, files: Files):
    """Turn the links of a page, which are relative to its place in the repository."""
    uri = page.file.src_uri
    outside = {"index.md": HOME} | {name: name for name in OTHERS}
    inside = uri not in outside and not uri.startswith("checkpoints/")
    folder = PurePosixPath("docs" if inside else outside.get(uri, uri)) / (uri if inside else "..")
    folder = folder.parent if inside else folder
    base = os.path.normpath(folder)

    def turned(link: re.Match[str]) -> str:
        image, text, target, anchor = link[1], link[2], link[3], link[4] or ""
        if re.match(r"\w+:", target):
            return link[0]
        place = os.path.normpath(os.path.join(base, target))
        name = "index.md" if place == HOME else place.removeprefix("docs/")
        file = files.get_file_from_path(name)
        if file is not None and file.inclusion.is_excluded():
            return text
        if file is None:
            return link[0] if (ROOT / place).suffix == ".md" or not (ROOT / place).exists() else text
        return f"{image}[{text}]({os.path.relpath(name, os.path.dirname(uri) or '.')}{anchor})"

    return LINK.sub(turned, markdown)
