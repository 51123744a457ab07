"""What a stream writes is kept in a draft, also where a signal ends it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lstmterm.drafts import file
from lstmterm.drafts.tree import Origin
from lstmterm.infer.draft_writing import Keeper
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.text_stream import Chunk, TextStream
from tests.character_models import LETTERS, TorchModel


@pytest.fixture
def stream() -> TextStream:
    return TextStream(CharLSTM.from_tensors(TorchModel(1, 8).tensors()), LETTERS, measure=True)


def test_a_character_that_was_chosen_and_not_kept_yet_is_not_counted(
    tmp_path: Path, stream: TextStream
) -> None:
    """A signal ends the process between two instructions, so possibly after the stream has counted a character."""

    def chosen() -> Iterator[Chunk]:
        for k in range(3):
            stream.chars, stream.nats = [k + 1], [2.0 * (k + 1)]
            if k == 2:
                keeper.at_end()
            yield Chunk(0, k, "abc"[k], 2.0)

    path = tmp_path / "night.jsonl"
    with file.writing(path) as draft:
        keeper = Keeper(draft, stream, [Origin("written", "bard")])
        written = "".join(chunk.text for chunk in keeper.keep(chosen()))
    assert written == "abc"
    (_, kept) = file.read(path).stretches
    assert (kept.text, kept.origin.length, kept.origin.nats) == ("ab", 2, 2.0)
