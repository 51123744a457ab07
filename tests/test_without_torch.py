"""Everything but training works where torch is missing or broken, and training says how to add it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MISSING = "raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')"
BROKEN = 'raise OSError("libtorch_cpu.so: cannot open shared object file")'
SCREEN = """
import asyncio, sys, time
from lstmterm.ui.app import LstmTerm

async def until(pilot, condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, app.export_screenshot()
        await pilot.pause(0.05)

async def main():
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "needs torch" in seen())
        await pilot.press("f3")
        await until(pilot, lambda: app.query("#generate #seed"))
        panel = app.query_one("#generate")
        panel.form.field("speed").value = "full"
        await until(pilot, lambda: panel.pages[0].card)
        await pilot.press(*"The", "enter")
        await until(pilot, lambda: panel.pages[0].seed is not None and not panel.busy)
        await pilot.press("f4")
        await until(pilot, lambda: app.query("#tagger #text"))
        app.query_one("#text").text = "The boats sleep."
        await until(pilot, lambda: app.query_one("TokenView").cursor is not None)
        await pilot.press("f5")
        await until(pilot, lambda: app.query("#inspect") and app.query_one("#inspect").reading)

def seen():
    return app.export_screenshot().replace("&#160;", " ")

app = LstmTerm(follow=False)
asyncio.run(main())
print("torch" in sys.modules)
"""


@pytest.fixture(params=[MISSING, BROKEN], ids=["missing", "broken"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The environment of a Python in which `import torch` fails, as do its children's."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "torch.py").write_text(request.param)
    path = os.pathsep.join((str(tmp_path / "site"), str(ROOT)))
    return os.environ | {"PYTHONPATH": path, "LSTMTERM_HOME": str(tmp_path / "home")}


def run(environment: dict[str, str], *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """A Python with these arguments, ended."""
    return subprocess.run(
        [sys.executable, "-P", *words],
        check=False, env=environment, input=stdin, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def lstmterm(environment: dict[str, str], *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return run(environment, "-m", "lstmterm", *words, stdin=stdin)


@pytest.mark.parametrize(
    "words",
    [
        ("generate", "shakespeare", "--length", "20"),
        ("next", "shakespeare", "--most", "3"),
        ("score", "shakespeare", "-", "--adapt"),
        ("tag", "english-upos"),
        ("show", "shakespeare"),
        ("corpora", "check", "-"),
    ],
    ids=lambda words: words[0],
)
def test_a_command_that_trains_nothing_works(environment: dict[str, str], words: tuple[str, ...]) -> None:
    done = lstmterm(environment, *words, stdin="The harbour master sings in the rain. " * 40)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("words", [("train", "harbour"), ("train-tagger", "rot13"), ("plan", "harbour")])
def test_training_says_how_to_add_torch(environment: dict[str, str], words: tuple[str, ...]) -> None:
    done = lstmterm(environment, *words)
    assert done.returncode == 2
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("lstmterm: Training needs torch, which ")
    assert "pip install torch" in sentence
    if "not installed" not in sentence:
        assert "libtorch_cpu.so" in sentence


def test_doctor_advises_first_to_add_torch(environment: dict[str, str]) -> None:
    done = lstmterm(environment, "doctor", "--json")
    found = json.loads(done.stdout)
    assert found["torch"] == "cannot be loaded"  # the environment of the tests has another one
    assert "Training needs torch" in found["advice"][0]
    assert "Training needs torch" in lstmterm(environment, "doctor").stdout


def test_the_screen_writes_tags_and_inspects(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "screen.py").write_text(SCREEN)
    done = run(environment, str(tmp_path / "screen.py"))
    assert done.stdout.strip() == "False", done.stderr[-3000:]
