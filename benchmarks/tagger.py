"""Accuracy and speed of taggers: lstmterm, a plain torch loop, and NLTK's perceptron.

    python benchmarks/tagger.py --data FOLDER [--seconds 60]

All three learn UPOS from the same treebank (UD English EWT in `--data`) and are tested on the same
sentences in one run. lstmterm and the plain loop train for the same time, including preparation. The
plain loop has word embeddings, a bidirectional `nn.LSTM` of the same size, and Adam on shuffled, padded
batches of 32 sentences. NLTK's averaged perceptron trains for 5 epochs, its default. Tagging speed is
measured on all test sentences at once, and one by one (median).

Only this benchmark needs NLTK: pip install nltk.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from lstmterm.infer.tag import Tagger
from lstmterm.models import model_file
from lstmterm.nn import session
from lstmterm.nn.checkpoints import BEST
from lstmterm.planning.length import Length
from lstmterm.planning.processors import usable
from lstmterm.planning.request import TrainRequest
from lstmterm.runs.events import Finished
from lstmterm.spec.tagger import TaggerModelPart
from lstmterm.tagging import treebank
from lstmterm.tagging.treebank import Tagged

PLAIN_BATCH = 32
ONE_BY_ONE = 400  # sentences

Tags = list[list[str]]


@dataclass(frozen=True)
class Result:
    """What one contestant did."""

    name: str
    trained: float  # words a second, of training
    seconds: float  # of training
    tag_all: Callable[[Sequence[Tagged]], Tags]
    tag_one: Callable[[Sequence[str]], list[str]]


def ours(files: dict[str, Path], seconds: float) -> Result:
    """lstmterm, by the same functions as its command."""
    started = time.monotonic()
    request = TrainRequest(
        "tagger",
        str(files["train"]),
        name="benchmark",
        length=Length("minutes", seconds / 60),
        given={"dev": str(files["dev"]), "test": str(files["test"]), "column": "UPOS"},
    )
    prepared = session.prepare(request, started)
    run = session.begin(prepared)
    end = None
    for event in session.train_run(run, prepared, lambda: None, started):
        end = event
    assert isinstance(end, Finished)
    tagger = Tagger.from_model(model_file.load(run.folder / BEST))

    def tag_all(sentences: Sequence[Tagged]) -> Tags:
        return [t.tags for t in tagger.tag_all((s.words for s in sentences), workers=usable())]

    return Result(
        "lstmterm", end.chars_per_second, end.seconds, tag_all, lambda words: tagger.tag(words).tags
    )


class PlainTagger(nn.Module):
    """The obvious tagger; word 0 is padding, word 1 unknown."""

    def __init__(self, words: Sequence[str], tags: Sequence[str]) -> None:
        super().__init__()
        part = TaggerModelPart()
        self.words = {word: i + 2 for i, word in enumerate(words)}
        self.tags = list(tags)
        self.embedding = nn.Embedding(len(words) + 2, part.words, padding_idx=0)
        self.lstm = nn.LSTM(
            part.words, part.hidden, part.layers, batch_first=True, bidirectional=True, dropout=0.5
        )
        self.dropout = nn.Dropout(0.5)
        self.output = nn.Linear(2 * part.hidden, len(tags))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Logits (B, T, G) of word numbers (B, T)."""
        return self.output(self.dropout(self.lstm(self.dropout(self.embedding(ids)))[0]))

    def encode(self, words: Sequence[str]) -> torch.Tensor:
        """The words' numbers."""
        return torch.tensor([self.words.get(word, 1) for word in words])

    @torch.no_grad()
    def tag(self, sentences: Sequence[Sequence[str]]) -> Tags:
        """The tags of some sentences, in one padded batch."""
        logits = self(pad_sequence([self.encode(words) for words in sentences], batch_first=True))
        best = logits.argmax(-1).tolist()
        return [[self.tags[i] for i in row[: len(words)]] for row, words in zip(best, sentences, strict=True)]


def plain(train: Sequence[Tagged], seconds: float) -> Result:
    """The plain loop."""
    begun = time.perf_counter()
    torch.manual_seed(1)
    order = random.Random(1)
    tags = sorted({tag for s in train for tag in s.tags})
    model = PlainTagger(sorted({word for s in train for word in s.words}), tags)
    numbers = {tag: i for i, tag in enumerate(tags)}
    encoded = [(model.encode(s.words), torch.tensor([numbers[t] for t in s.tags])) for s in train]
    optimizer = torch.optim.Adam(model.parameters())
    words = 0
    while time.perf_counter() - begun < seconds:
        order.shuffle(encoded)
        for i in range(0, len(encoded), PLAIN_BATCH):
            batch = encoded[i : i + PLAIN_BATCH]
            inputs = pad_sequence([x for x, _ in batch], batch_first=True)
            inputs = inputs.masked_fill((torch.rand(inputs.shape) < 0.02) & (inputs != 0), 1)  # unknown words
            targets = pad_sequence([y for _, y in batch], batch_first=True, padding_value=-1)
            loss = nn.functional.cross_entropy(
                model(inputs).flatten(0, 1), targets.flatten(), ignore_index=-1
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            words += sum(len(y) for _, y in batch)
            if time.perf_counter() - begun >= seconds:
                break
    took = time.perf_counter() - begun
    model.eval()

    def tag_all(sentences: Sequence[Tagged]) -> Tags:
        batches = (sentences[i : i + PLAIN_BATCH] for i in range(0, len(sentences), PLAIN_BATCH))
        return [tags for batch in batches for tags in model.tag([s.words for s in batch])]

    return Result("plain torch loop", words / took, took, tag_all, lambda words: model.tag([words])[0])


def perceptron(train: Sequence[Tagged]) -> Result:
    """NLTK's averaged perceptron."""
    from nltk.tag.perceptron import PerceptronTagger  # pyright: ignore[reportMissingImports]

    begun = time.perf_counter()
    tagger = PerceptronTagger(load=False)
    epochs = 5
    random.seed(1)
    tagger.train([list(zip(s.words, s.tags, strict=True)) for s in train], nr_iter=epochs)
    took = time.perf_counter() - begun
    words = epochs * sum(len(s.words) for s in train)

    def tag_one(words: Sequence[str]) -> list[str]:
        return [tag for _, tag in tagger.tag(list(words))]

    return Result(
        "NLTK perceptron", words / took, took, lambda all_: [tag_one(s.words) for s in all_], tag_one
    )


def judge(result: Result, test: Sequence[Tagged], known: set[str]) -> list[str]:
    """A row of the table: accuracies, and words a second."""
    result.tag_all(test[:100])
    begun = time.perf_counter()
    tagged = result.tag_all(test)
    seconds = time.perf_counter() - begun
    right = [
        (word in known, a == b)
        for s, tags in zip(test, tagged, strict=True)
        for word, a, b in zip(s.words, s.tags, tags, strict=True)
    ]
    unknown = [ok for seen, ok in right if not seen]
    times = []
    for sentence in test[:ONE_BY_ONE]:
        begun = time.perf_counter()
        result.tag_one(sentence.words)
        times.append(time.perf_counter() - begun)
    return [
        result.name,
        f"{100 * statistics.fmean(ok for _, ok in right):.2f}",
        f"{100 * statistics.fmean(unknown):.2f}",
        f"{result.trained:,.0f}",
        f"{result.seconds:.0f}",
        f"{len(right) / seconds:,.0f}",
        f"{1000 * statistics.median(times):.2f}",
    ]


def main() -> None:
    """Train all three, and print one table."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--seconds", type=float, default=60, help="of training, for each of the networks")
    arguments.add_argument("--data", type=Path, required=True, help="folder of UD English EWT's files")
    asked = arguments.parse_args()
    if find_spec("nltk") is None:
        arguments.error("This benchmark compares with NLTK's tagger; install it with: pip install nltk")
    files = {role: asked.data / f"en_ewt-ud-{role}.conllu" for role in ("train", "dev", "test")}
    banks = {role: treebank.read(str(path), column="UPOS").sentences for role, path in files.items()}
    known = {word for s in banks["train"] for word in s.words}
    torch.set_num_threads(usable())
    with tempfile.TemporaryDirectory() as home:
        os.environ["LSTMTERM_HOME"] = home
        results = [
            ours(files, asked.seconds),
            plain(banks["train"], asked.seconds),
            perceptron(banks["train"]),
        ]
        head = ["", "test %", "unknown %", "train words/s", "train s", "tag words/s", "one sentence ms"]
        rows = [head, *(judge(result, banks["test"], known) for result in results)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for row in rows:
        print(
            "  ".join(
                cell.rjust(w) if i else cell.ljust(w)
                for i, (cell, w) in enumerate(zip(row, widths, strict=True))
            )
        )


if __name__ == "__main__":
    main()
