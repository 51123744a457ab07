"""The targets of the fuzzer read the examples that it starts from."""

import importlib
from pathlib import Path

import pytest

from tests.trust.fuzzing import MODULES, TARGETS


@pytest.mark.parametrize("module", MODULES)
def test_every_target_reads_its_examples(module: str, tmp_path: Path, home: Path) -> None:
    home.mkdir()
    name = f"tests.trust.fuzzing.{module}"
    importlib.import_module(name)
    found = {target: t for target, t in TARGETS.items() if t.attempt.__module__ == name}
    assert found
    for target, parser in found.items():
        examples = list(parser.seeds())
        assert examples, target
        for example in examples:
            parser.attempt(tmp_path, example)
