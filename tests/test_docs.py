"""The documentation: its links lead somewhere, the site is built from it, and the manual names every command."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from lstmterm.cli.examples import EXAMPLES
from lstmterm.cli.manual import list_of_commands, manual

ROOT = Path(__file__).parents[1]
FOLDERS = (".", "docs", "benchmarks", "checkpoints")
DOCUMENTS = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.md"))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.M | re.S)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and the site name them."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", page.read_text("utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings_that_are_there(page: Path) -> None:
    for target in LINK.findall(FENCED.sub("", page.read_text("utf-8"))):
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        made = place == ROOT / "docs" / "commands.md"  # the site makes it from the commands' help
        assert made or place.exists(), f"{page.name} links to {target}"
        assert made or not anchor or anchor in anchors(place), f"{page.name} links to {target}"


def test_every_page_and_every_picture_is_used() -> None:
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"ISSUE_TEMPLATE.md"}
    assert pages <= set(re.findall(r"[\w-]+\.md", (ROOT / "docs/site/mkdocs.yml").read_text("utf-8")))
    texts = "".join(page.read_text("utf-8") for page in DOCUMENTS)
    for picture in (ROOT / "docs" / "pictures").iterdir():
        assert f"pictures/{picture.name})" in texts, f"no page shows {picture.name}"


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    config = ROOT / "docs" / "site" / "mkdocs.yml"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "-f", config, "-d", tmp_path],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    home = (tmp_path / "index.html").read_text("utf-8")
    assert 'src="pictures/train.svg"' in home
    assert 'href="start/"' in home
    assert "lstmterm train-tagger" in (tmp_path / "commands" / "index.html").read_text("utf-8")
    for page in tmp_path.rglob("index.html"):  # MkDocs is silent about a link to a page that it leaves out
        for target in re.findall(r'(?:href|src)="([^"#:]+)(?:#[^"]*)?"', page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(tmp_path)} links to {target}"


def test_the_packages_of_an_installation_without_torch_are_all_but_torch() -> None:
    text = (ROOT / "docs" / "install.md").read_text("utf-8")
    listed = re.search(r"^pip install (charset-normalizer .*)$", text, re.M)
    assert listed
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {re.split(r"[<>=]", requirement)[0] for requirement in project["dependencies"]}
    assert set(listed[1].split()) == needed - {"torch"}


def test_the_manual_names_every_command_option_and_example() -> None:
    page = manual().replace("\\-", "-").replace("\\(aq", "'").replace("\\(ga", "`")
    for name, examples in EXAMPLES.items():
        assert f"lstmterm {name}".strip() in page
        assert all(example.replace("\\", "\\e") in page for example in examples)
        assert f"## lstmterm {name}".strip() in list_of_commands()
    for option in ("--minutes FLOAT", "--top-p FLOAT", "--folds INTEGER"):
        assert f".B {option}" in page


@pytest.mark.skipif(not shutil.which("groff"), reason="needs groff")
def test_the_manual_is_roff_without_a_warning(tmp_path: Path) -> None:
    (tmp_path / "lstmterm.1").write_text(manual(), "utf-8")
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", tmp_path / "lstmterm.1"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert not done.stderr
    assert "lstmterm train-tagger" in done.stdout
    assert "\u2010\n" not in done.stdout, "no word is divided"
