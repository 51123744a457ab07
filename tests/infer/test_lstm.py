"""The numpy LSTM computes what torch's does, however it is fed."""

import importlib.util
import pydoc
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer import lstm
from lstmterm.infer.lstm import CharLSTM, Reader
from lstmterm.models.shapes import charlm_shapes
from tests.character_models import LETTERS, TorchModel, near

SHAPES = [
    (1, 16, False),
    (2, 16, False),
    (3, 16, True),
    (1, 0, False),
    (2, 0, True),
]


@pytest.fixture(scope="module")
def text() -> str:
    """Real English prose."""
    if importlib.util.find_spec("pydoc_data.topics"):
        from pydoc_data.topics import topics

        return "".join(topics[name] for name in sorted(topics))[:2000]
    return (pydoc.__doc__ or "") * 20


def _close(ours: np.ndarray, torch_logits: np.ndarray) -> bool:
    return float(np.abs(ours - torch_logits).max() / np.abs(torch_logits).max()) < 1e-5


@pytest.mark.parametrize(("layers", "embedding", "learned"), SHAPES)
def test_logits_are_those_of_torch(text: str, layers: int, embedding: int, learned: bool) -> None:
    vocabulary = Vocabulary("".join(sorted(set(text[:1000]))))  # some of the rest is unknown
    reference = TorchModel(layers, 48, embedding, learned=learned, vocabulary=vocabulary)
    ids = vocabulary.encode(text)
    assert (ids == vocabulary.unknown).any()
    model = CharLSTM.from_tensors(reference.tensors())
    hidden, _ = model.run(ids, model.initial())
    assert _close(model.logits(hidden), reference.logits(ids))


@pytest.mark.parametrize(("layers", "embedding", "learned"), SHAPES)
def test_a_reader_reads_as_a_run_does(layers: int, embedding: int, learned: bool) -> None:
    reference = TorchModel(layers, 33, embedding, learned=learned)
    model = CharLSTM.from_tensors(reference.tensors())
    ids = LETTERS.encode("The quick brown fox")
    expected = reference.logits(ids)
    for batch in (1, 3):
        reader = Reader(model, model.initial(batch))
        for t, symbol in enumerate(ids):
            reader.read(symbol if batch == 1 else np.full(batch, symbol))
            for column in reader.logits().reshape(model.vocabulary_size, batch).T:
                assert _close(column, expected[t])


def test_state_carries_over_between_calls_and_ways_of_reading() -> None:
    reference = TorchModel(2, 24)
    model = CharLSTM.from_tensors(reference.tensors())
    ids = LETTERS.encode("carried over and over")
    _, state = model.run(ids[:7], model.initial())
    _, state = model.run(ids[7:9], state)
    reader = Reader(model, state.repeated(2))
    for symbol in ids[9:-1]:
        reader.read(np.full(2, symbol))
    hidden, _ = model.run(ids[-1:], type(state)(reader.state.h[:, 1:], reader.state.c[:, 1:]))
    assert _close(model.logits(hidden)[0], reference.logits(ids)[-1])


def test_streams_of_a_batch_do_not_mix() -> None:
    reference = TorchModel(2, 24)
    model = CharLSTM.from_tensors(reference.tensors())
    texts = [LETTERS.encode(text) for text in ("abc", "xyz", "ab!")]
    reader = Reader(model, model.initial(3))
    for symbols in zip(*texts, strict=True):
        reader.read(np.array(symbols))
    for column, ids in zip(reader.logits().T, texts, strict=True):
        assert _close(column, reference.logits(ids)[-1])


def test_reading_leaves_states_and_the_model_as_they_were() -> None:
    reference = TorchModel(1, 24, learned=True)
    model = CharLSTM.from_tensors(reference.tensors())
    state = model.initial()
    before = state.h.copy(), state.c.copy()
    model.run(LETTERS.encode("some text"), state)
    Reader(model, state).read(3)
    for array, copy in zip((state.h, state.c, model.initial().h), (*before, before[0]), strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("hidden", [40, 384])
def test_results_do_not_depend_on_the_number_of_threads(hidden: int) -> None:
    program = f"""
import hashlib
from lstmterm.infer.lstm import CharLSTM, Reader
import numpy as np
random = np.random.default_rng(5)
shapes = {{"lstm.weight_ih_l0": (4 * {hidden}, 65), "lstm.weight_hh_l0": (4 * {hidden}, {hidden}),
    "lstm.bias_ih_l0": (4 * {hidden},), "lstm.bias_hh_l0": (4 * {hidden},),
    "output.weight": (65, {hidden}), "output.bias": (65,)}}
model = CharLSTM.from_tensors({{n: random.normal(0, 0.1, s).astype(np.float32) for n, s in shapes.items()}})
reader = Reader(model, model.initial())
seen = hashlib.sha256()
for t in range(30):
    reader.read(t)
    seen.update(reader.logits().tobytes())
print(seen.hexdigest())
"""
    digests = set()
    for threads in "12":
        environment = {"OPENBLAS_NUM_THREADS": threads, "PYTHONPATH": ":".join(sys.path)}
        run = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, check=True
        )
        digests.add(run.stdout)
    assert len(digests) == 1


def test_infer_imports_neither_torch_nor_textual() -> None:
    program = (
        "import sys, lstmterm.infer.sample, lstmterm.infer.score, lstmterm.models; "
        "print([m for m in ('torch', 'textual') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("embedding", [0, 4])
def test_memory_grows_with_the_model_and_not_with_the_square_of_its_vocabulary(embedding: int) -> None:
    size, hidden = 20_000, 8
    shapes = charlm_shapes(1, hidden, embedding, size)
    tensors = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
    tracemalloc.start()
    try:
        CharLSTM.from_tensors(tensors)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 4 * size * 4 * hidden  # four tables of float32


@pytest.mark.parametrize("embedding", [0, 4])
def test_a_table_computed_in_parts_is_the_same(embedding: int, monkeypatch: pytest.MonkeyPatch) -> None:
    tensors = TorchModel(1, 8, embedding).tensors()
    whole = CharLSTM.from_tensors(tensors)
    monkeypatch.setattr(lstm, "_TABLE_ROWS", 7)
    np.testing.assert_array_equal(whole._table, CharLSTM.from_tensors(tensors)._table)


def test_a_long_text_is_read_in_pieces(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = TorchModel(2, 32, 16)
    model = CharLSTM.from_tensors(reference.tensors())
    ids = LETTERS.encode(text)
    _, whole = model.run(ids, model.initial())
    monkeypatch.setattr(lstm, "_PIECE", 300)
    done: list[tuple[int, int]] = []
    tracemalloc.start()
    read = model.read(ids, model.initial(), lambda *now: done.append(now))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert near(read, whole, 1e-5)
    assert done[0] == (300, len(ids))
    assert done[-1] == (len(ids), len(ids))
    assert peak < 300 * 4 * 32 * 4 * 4  # a few times the gates of a piece, not those of all
    assert model.read(ids[:0], whole) == whole
