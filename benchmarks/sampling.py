"""Characters a second: numpy streams against a plain torch loop, in one run.

    python benchmarks/sampling.py [--seconds 1.0]

Both write with the same random weights at temperature 1, feeding back what they draw: the numpy
side by `infer.text_stream.generate`, the torch side by a plain `torch.no_grad()` loop around `nn.LSTM`
at batch one, softmax and multinomial. The sides take turns, and medians over the rounds are given.

The share of the bandwidth limit: a step cannot be faster than its weights can be read. A step's
weights are W bytes (all matrices that a character is multiplied with). The read time of W bytes is
measured as the best of many matrix-vector products with a matrix of W bytes and of the same row
length, of nothing else, with the same BLAS threads; the share is that time by the time of a whole
step, drawing and text included. It is given for single streams.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from lstmterm.planning.processors import usable

os.environ.setdefault("OPENBLAS_NUM_THREADS", str(usable()))

import numpy as np
import torch

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.text_stream import generate
from lstmterm.spec.sampling import Sampling

VOCABULARY = Vocabulary("\n" + "".join(map(chr, range(32, 96))))  # 65 symbols, as tinyshakespeare
EMBEDDING = 64
ROUNDS = 5
CASES = ((1, 128, 1), (1, 384, 1), (2, 512, 1), (1, 384, 16))  # layers, hidden, streams


class PlainLoop:
    """The obvious way to sample from an nn.LSTM."""

    def __init__(self, layers: int, hidden: int) -> None:
        torch.manual_seed(0)
        n = len(VOCABULARY)
        self.embedding = torch.nn.Embedding(n + 1, EMBEDDING)
        self.lstm = torch.nn.LSTM(EMBEDDING, hidden, layers, batch_first=True)
        self.output = torch.nn.Linear(hidden, n)

    @torch.no_grad()
    def write(self, length: int) -> str:
        """`length` characters, one stream."""
        character, state, written = torch.zeros(1, 1, dtype=torch.long), None, []
        for _ in range(length):
            hidden, state = self.lstm(self.embedding(character), state)
            probabilities = torch.softmax(self.output(hidden[:, -1]), dim=-1)
            character = torch.multinomial(probabilities, 1)
            written.append(VOCABULARY.symbols[int(character)])
        return "".join(written)

    def in_numpy(self) -> CharLSTM:
        """The same weights."""
        tensors = {f"lstm.{name}": p.detach().numpy() for name, p in self.lstm.named_parameters()}
        tensors |= {f"output.{name}": p.detach().numpy() for name, p in self.output.named_parameters()}
        return CharLSTM.from_tensors(tensors | {"embedding.weight": self.embedding.weight.detach().numpy()})


def rate(write: Callable[[int], object], streams: int, seconds: float) -> float:
    """Characters a second of `write(length)`, over about `seconds`."""
    write(50)
    length, taken = 100, 0.0
    while taken < seconds:
        begun = time.perf_counter()
        write(length)
        taken = time.perf_counter() - begun
        if taken >= seconds / 2:
            break
        length *= 2
    return length * streams / taken


def read_seconds(layers: int, hidden: int) -> float:
    """The fastest that the weights of a step are read in, by a product that does nothing else."""
    rows = 4 * hidden * (2 * layers - 1) + len(VOCABULARY)
    matrix = np.ones((rows + -rows % 16, hidden), np.float32)
    vector, result = np.ones(hidden, np.float32), np.empty(len(matrix), np.float32)
    best = float("inf")
    for _ in range(2000):
        begun = time.perf_counter()
        np.dot(matrix, vector, out=result)
        best = min(best, time.perf_counter() - begun)
    return best


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    seconds = parser.parse_args().seconds
    print(
        f"{ROUNDS} rounds, medians; numpy {np.__version__} with {os.environ['OPENBLAS_NUM_THREADS']} BLAS threads, "
        f"torch {torch.__version__} with {torch.get_num_threads()} threads\n"
    )
    print(
        "| model | streams | numpy, chars/s | plain torch, one stream, chars/s | ratio | of the bandwidth limit |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for layers, hidden, streams in CASES:
        plain = PlainLoop(layers, hidden)
        model = plain.in_numpy()

        def write(length: int, model: CharLSTM = model, streams: int = streams) -> None:
            for _ in generate(model, VOCABULARY, length=length, seeds=range(streams), sampling=Sampling(1.0)):
                pass

        ours, theirs, ratios = [], [], []
        for _ in range(ROUNDS):
            ours.append(rate(write, streams, seconds))
            theirs.append(rate(plain.write, 1, seconds))
            ratios.append(ours[-1] / theirs[-1])
        speed = statistics.median(ours)
        share = f"{read_seconds(layers, hidden) * speed:.0%}" if streams == 1 else ""
        print(
            f"| {layers}x{hidden} | {streams} | {speed:,.0f} | {statistics.median(theirs):,.0f} "
            f"| {statistics.median(ratios):.1f} | {share} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
