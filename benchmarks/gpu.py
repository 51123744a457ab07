"""What a GPU makes of a training step: number formats, sizes, batches, one kernel a layer, CUDA graphs.

    python benchmarks/gpu.py                     the whole table, on this machine's GPU
    python benchmarks/gpu.py --device cpu --tiny     that it works, on tiny sizes

Each row is a whole step of the reference loop: forward, backward, clipping, Muon. "split" gives each layer an
nn.LSTM of its own, since cuDNN uses its persistent kernels (float16, sizes that are multiples of 128) for one
layer at a time. "graph" replays the step as one CUDA graph. Speeds are characters a second.
"""

import dataclasses
import itertools
from collections.abc import Callable

import click
import torch
from torch import Tensor, nn

from lstmterm.errors import too_large
from lstmterm.nn import calibrate, optim
from lstmterm.nn.charlm import CharLM, Noise
from lstmterm.nn.device import choose_device, precisions
from lstmterm.nn.initial import State, detached
from lstmterm.nn.losses import mean_nll
from lstmterm.spec.character import CharModelPart
from lstmterm.spec.training import TrainingPart

VOCABULARY_SIZE = 65
SECONDS = 1.0  # of each row
HIDDEN, LAYERS, BATCHES, LENGTH = (512, 768, 1024), (1, 2), (128, 256, 512, 1024), 64
TINY_HIDDEN, TINY_LAYERS, TINY_BATCHES, TINY_LENGTH = (16,), (1, 2), (4,), 8
FORMATS = ("float32", "bfloat16", "float16")
WARM_UP = 3  # steps before a graph is captured


@dataclasses.dataclass(frozen=True)
class Row:
    """What is measured."""

    precision: str
    layers: int
    hidden: int
    batch: int
    split: bool
    graph: bool


class SplitLM(CharLM):
    """A character model with an nn.LSTM for each layer."""

    def __init__(self, vocabulary_size: int, part: CharModelPart) -> None:
        super().__init__(vocabulary_size, part)
        sizes = [part.embedding, *[part.hidden] * part.layers]
        self.each = nn.ModuleList(nn.LSTM(a, b) for a, b in itertools.pairwise(sizes))
        del self.lstm

    def forward(self, x_TB: Tensor, state: State, noise: Noise | None = None) -> tuple[Tensor, State]:
        assert self.embedding is not None
        values = self.embedding(x_TB)
        ends: list[tuple[Tensor, Tensor]] = []
        for k, layer in enumerate(self.each):
            values, end = layer(values, (state[0][k : k + 1], state[1][k : k + 1]))
            ends.append(end)
        h, c = (torch.cat(part) for part in zip(*ends, strict=True))
        return self.output(self.dropout(values)), (h, c)


def step_of(row: Row, length: int, device: torch.device) -> Callable[[], object]:
    """The training step of a row; its state is carried over in memory that stays in place."""
    torch.manual_seed(1)
    part = CharModelPart(layers=row.layers, hidden=row.hidden, embedding=min(64, row.hidden))
    model = (SplitLM if row.split else CharLM)(VOCABULARY_SIZE, part).to(device)
    optimizer = optim.make_optimizer(
        model,
        TrainingPart(
            steps=1,
            evaluate_every=1,
            optimizer="muon",
            precision="float32" if row.precision == "float32" else "bfloat16",
        ),
    )
    optimizer.set_rate(0.0)
    block = torch.randint(VOCABULARY_SIZE, (length + 1, row.batch), device=device)
    state = tuple(part.clone() for part in detached(model.first_state(row.batch)))
    scale = 1024.0 if row.precision == "float16" else 1.0  # so that small gradients stay above zero

    def step() -> None:
        with torch.autocast(device.type, getattr(torch, row.precision), enabled=row.precision != "float32"):
            logits, after = model(block[:-1], (state[0], state[1]))
        loss = mean_nll(logits, block[1:], "cross-entropy", VOCABULARY_SIZE)
        optimizer.forget_gradients()
        (scale * loss).backward()
        norm = optim.clip_gradients(model, scale)
        optimizer.step((~torch.isfinite(norm)).float())
        for kept, new in zip(state, after, strict=True):
            kept.copy_(new.detach())

    return graphed(step) if row.graph else step


def graphed(step: Callable[[], None]) -> Callable[[], object]:
    """A step as one CUDA graph."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def measured(row: Row, length: int, device: torch.device, seconds: float) -> str:
    """The characters a second of a row, or why it cannot be measured."""
    try:
        return f"{row.batch * length / calibrate.seconds_each(step_of(row, length, device), device, seconds):,.0f}"
    except RuntimeError as error:
        return "out of memory" if too_large(error) else f"fails: {str(error).splitlines()[0][:60]}"


@click.command()
@click.option("--device", default="cuda", show_default=True)
@click.option("--tiny", is_flag=True, help="Tiny sizes, to see that it works.")
def main(device: str, tiny: bool) -> None:
    """Print the table as Markdown."""
    place = choose_device(device)
    on_gpu = place.type == "cuda"
    hidden, layers, batches, length = (
        (TINY_HIDDEN, TINY_LAYERS, TINY_BATCHES, TINY_LENGTH) if tiny else (HIDDEN, LAYERS, BATCHES, LENGTH)
    )
    print(f"{calibrate.processor(place)}, torch {torch.__version__}, sequence length {length}, Muon\n")
    columns = [(split, graph) for split in (False, True) for graph in ((False, True) if on_gpu else (False,))]
    titles = [f"{'split' if split else 'one LSTM'}{', graph' if graph else ''}" for split, graph in columns]
    print(f"| format | model | batch | {' | '.join(titles)} |")
    print(f"| --- | --- | --- |{' --- |' * len(columns)}")
    formats = FORMATS if on_gpu else precisions(place)  # a CPU has no LSTM in float16, many none in bfloat16
    for precision, depth, size, batch in itertools.product(formats, layers, hidden, batches):
        cells = [
            measured(
                Row(precision, depth, size, batch, split, graph), length, place, 0.01 if tiny else SECONDS
            )
            for split, graph in columns
            if not (split and depth == 1)
        ]
        cells += ["as before"] * (len(columns) - len(cells))
        print(f"| {precision} | {depth}x{size} | {batch} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
