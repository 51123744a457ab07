"""The packages and the rules between them, over every file and in fresh interpreters."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import lstmterm

PACKAGE = Path(lstmterm.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
# A package imports from packages below it only. `ui` and `cli` stand side by side.
TOWER = (
    ("ui", "cli"),
    ("nn",),
    ("infer",),
    ("models",),
    ("tagging",),
    ("corpora",),
    ("planning",),
    ("drafts",),
    ("runs",),
    ("spec",),
    ("lines", "settings", "installed"),
    ("atomic",),
    ("paths", "visible", "amounts", "errors", "ending", "priority", "plain_data", "stopwatch", "room"),
)
HEIGHT = {name: len(TOWER) - i for i, level in enumerate(TOWER) for name in level}
# What stands outside the rule: the entry point, and the one lazy line that opens the screen.
EXCEPTIONS = {("lstmterm.cli", "lstmterm.ui.app")}
LEAVES = TOWER[-1]  # import nothing of ours


def module_of(path: Path) -> str:
    """`lstmterm.nn.train` of its file."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in FILES}


def package_of(module: str) -> str:
    """The first part of a module's name below `lstmterm`; empty for `lstmterm` itself."""
    return [*module.split("."), ""][1]


def imports(path: Path, when: str = "ever") -> Iterator[str]:
    """The modules that a file imports: ever, or only `when` it is imported itself ("at once")."""
    tree = ast.parse(path.read_text("utf-8"))
    package = module_of(path) if path.name == "__init__.py" else module_of(path).rpartition(".")[0]
    for node in ast.walk(tree) if when == "ever" else at_once(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = ".".join(package.split(".")[: len(package.split(".")) - level + 1]) if level else ""
                origin = ".".join(filter(None, (base, module)))
                yield from (
                    f"{origin}.{alias.name}" if f"{origin}.{alias.name}" in MODULES else origin
                    for alias in names
                )
            case ast.Constant(value=str(text)) if text.partition(":")[0] in MODULES and ":" in text:
                yield text.partition(":")[0]  # a page of the screen, as `module:name`


def at_once(node: ast.AST) -> Iterator[ast.AST]:
    """The statements that run when a module is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from at_once(child)


def top(module: str) -> str:
    return module.partition(".")[0]


# Over every file


def test_every_module_has_its_place() -> None:
    assert {package_of(name) for name in MODULES} - {"", "__main__"} == set(HEIGHT)


@pytest.mark.parametrize("name", LEAVES)
def test_leaves_import_nothing_of_ours(name: str) -> None:
    assert [m for m in imports(PACKAGE / f"{name}.py") if top(m) == "lstmterm"] == []


def test_packages_import_downwards() -> None:
    upwards = [
        (name, target)
        for name, path in MODULES.items()
        if name != "lstmterm.__main__"
        for target in imports(path)
        if top(target) == "lstmterm" and target != "lstmterm" and (name, target) not in EXCEPTIONS
        if package_of(target) != package_of(name)
        if HEIGHT[package_of(target)] >= HEIGHT[package_of(name)] and package_of(target) not in LEAVES
    ]
    assert upwards == []


def test_the_screen_never_imports_training() -> None:
    assert not [
        n for n, p in MODULES.items() if package_of(n) == "ui" for m in imports(p) if "lstmterm.nn" in m
    ]


def test_only_their_package_imports_torch_textual_and_click() -> None:
    for name, path in MODULES.items():
        foreign = {top(m) for m in imports(path)}
        assert package_of(name) == "nn" or "torch" not in foreign, name
        assert package_of(name) == "ui" or not foreign & {"textual", "textual_plot", "textual_fspicker"}, name
        assert package_of(name) == "cli" or "click" not in foreign, name


def test_every_dialog_closes_by_leaving() -> None:
    """`Dialog.leave` closes once; `dismiss` of Textual closes whatever is on top."""
    own = {
        name for name, path in MODULES.items() if re.search(r"ModalScreen|dismiss", path.read_text("utf-8"))
    }
    assert own == {"lstmterm.ui.widgets.dialogs"}


def test_there_is_no_circle() -> None:
    """A module stands above all that it imports, whenever it does so."""
    graph = {
        name: {m for m in imports(path) if m in MODULES and m != "lstmterm"} - {name}
        for name, path in MODULES.items()
    }
    while graph:
        lowest = {name for name, needs in graph.items() if not needs & graph.keys()}
        assert lowest, f"a circle among {sorted(graph)}"
        graph = {name: needs for name, needs in graph.items() if name not in lowest}


def test_no_module_is_imported_by_a_computed_name() -> None:
    """Imports hidden in strings would escape the tests above.

    The lazy commands are a table; a page of the screen is named as the tests above can read it; the names
    of all actions are collected from the folders of the tabs.
    """
    hidden = {
        name
        for name, path in MODULES.items()
        if {"import_module", "resolve_name"} & {*re.findall(r"\w+", path.read_text("utf-8"))}
    }
    assert hidden == {"lstmterm.cli", "lstmterm.ui.widgets.pages", "lstmterm.ui.action_names"}


def test_no_file_is_long() -> None:
    assert {p.name: n for p in FILES if (n := len(p.read_text("utf-8").splitlines())) > 350} == {}


def test_nothing_unpickles() -> None:
    for name, path in MODULES.items():
        assert not {top(m) for m in imports(path)} & {"pickle", "dill", "joblib", "shelve", "marshal"}, name
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                call = f"{node.value.id}.{node.attr}"
                assert call not in ("torch.load", "torch.save"), name
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant), name
                assert node.value.value is False, name


# In fresh interpreters

HEAVY = ["torch", "textual", "numpy", "rich", "safetensors"]


def left_behind(statement: str) -> set[str]:
    """Which of the heavy packages a statement leaves imported."""
    code = f"import sys\n{statement}\nprint([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return set(ast.literal_eval(done.stderr.splitlines()[-1]))


HELP = """
from lstmterm.cli import main
try:
    main({})
except SystemExit as done:
    assert done.code == 0, done.code
"""


def test_help_imports_nothing_heavy() -> None:
    for words in (["--help"], ["--version"], ["runs", "--help"], ["train", "--help"]):
        assert left_behind(HELP.format(words)) == set(), words


def test_a_list_of_runs_needs_no_torch() -> None:
    assert not left_behind(HELP.format(["runs"])) & {"torch", "textual"}


def test_training_needs_no_textual() -> None:
    assert "textual" not in left_behind("import lstmterm.nn.train, lstmterm.nn.session, lstmterm.nn.tagger")


def test_inference_needs_neither() -> None:
    names = ", ".join(name for name in MODULES if package_of(name) == "infer")
    assert not left_behind(f"import {names}") & {"torch", "textual"}


def test_the_screen_needs_no_torch() -> None:
    pytest.importorskip("textual")
    assert "torch" not in left_behind("import lstmterm.ui.app")


# The checks themselves


def test_the_checks_see_what_they_look_for(tmp_path: Path) -> None:
    source = "import a\nfrom b.c import d\nif TYPE_CHECKING:\n    import e\ndef f():\n    import g\n"
    path = PACKAGE / "imagined.py"
    tree = ast.parse(source)
    assert isinstance(tree.body[0], ast.Import)
    real = tmp_path / "lstmterm" / "x.py"
    real.parent.mkdir()
    real.write_text(source)
    assert module_of(path) == "lstmterm.imagined"
    found = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    at_first = [n for n in at_once(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert (len(found), len(at_first)) == (4, 2)


def test_the_checks_see_a_page_that_is_named_in_a_string() -> None:
    assert "lstmterm.ui.library.panel" in set(imports(MODULES["lstmterm.ui.tabs"]))
