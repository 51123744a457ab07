"""Training speed of 1 to N devices, and its efficiency relative to one device.

    python benchmarks/scaling.py                  all GPUs of this machine
    python benchmarks/scaling.py --cpu-ranks 2    CPU processes with --threads threads each

Each row is a run of `torchrun --standalone --nproc-per-node n -m lstmterm train`. "same batch" divides
the batch of one device among n devices (strong scaling); "larger batch" gives each device the full
batch (weak scaling). Efficiency is the speed divided by n times the speed of one device. Speeds are
medians over the step events of a run, without the first.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent


def speed(ranks: int, batch_size: int, arguments: argparse.Namespace, device: str) -> float:
    """Train once and return the median speed in characters per second."""
    knobs = {
        "batch-size": batch_size, "seq-length": arguments.seq_length, "layers": arguments.layers, "hidden": arguments.hidden,
        "steps": arguments.steps, "evaluate-every": arguments.steps, "device": device,
        "precision": arguments.precision, "val": 0.001, "test": 0,
    }  # fmt: skip
    if device == "cpu":
        knobs["threads"] = arguments.threads
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(ranks)]
    command += ["-m", "lstmterm", "train", arguments.corpus, "--json"]
    command += [word for name, value in knobs.items() for word in (f"--{name}", str(value))]
    with tempfile.TemporaryDirectory() as home:
        environment = {"OMP_NUM_THREADS": str(arguments.threads), **os.environ, "LSTMTERM_HOME": home}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    speeds = [event["chars_per_second"] for event in events if event["event"] == "step"]
    return statistics.median(speeds[1:] or speeds)


def table(counts: Sequence[int], arguments: argparse.Namespace, device: str) -> None:
    """Measure and print a line for each number of devices."""
    print(
        f"{arguments.layers}x{arguments.hidden}, batch {arguments.batch_size} x {arguments.seq_length}, "
        f"{device}, {arguments.precision}"
    )
    print(f"{'ranks':>5} {'same batch':>15} {'efficiency':>10} {'larger batch':>15} {'efficiency':>10}")
    one: float | None = None
    for count in counts:
        same = speed(count, arguments.batch_size, arguments, device)
        more = same if count == 1 else speed(count, count * arguments.batch_size, arguments, device)
        one = one or same
        print(
            f"{count:5} {same:9,.0f} chars/s {same / count / one:9.0%} "
            f"{more:9,.0f} chars/s {more / count / one:9.0%}",
            flush=True,
        )


def main() -> None:
    """Measure what this machine has."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cpu-ranks", type=int, metavar="N", help="measure 1 to N processes on the CPU")
    parser.add_argument("--threads", type=int, default=1, help="of each CPU process (default: 1)")
    parser.add_argument("--corpus", default="harbour")
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--batch-size", type=int, default=64, help="batch size of one device (default: 64)")
    parser.add_argument("--seq-length", type=int, default=64)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--precision", default="float32", choices=["float32", "bfloat16"])
    arguments = parser.parse_args()
    if arguments.cpu_ranks:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        if arguments.cpu_ranks * arguments.threads > cores:
            print(
                f"Not measured: {arguments.cpu_ranks} ranks of {arguments.threads} threads want more than "
                f"the {cores} cores that this process may use."
            )
            return
        table(range(1, arguments.cpu_ranks + 1), arguments, "cpu")
        return
    import torch

    devices = torch.cuda.device_count()
    if devices < 2:
        print(
            f"Not measured: this machine offers {devices or 'no'} GPU{'s' if devices != 1 else ''} to torch, and "
            "efficiency takes at least two. --cpu-ranks N measures processes on the CPU."
        )
        return
    table(range(1, devices + 1), arguments, "cuda")


if __name__ == "__main__":
    main()
