"""Characters a second of 1 to N devices, and how much of N times one device's speed that is.

    python benchmarks/scaling.py                  every GPU of this machine
    python benchmarks/scaling.py --cpu-ranks 2    processes on the CPU, --threads of its cores each

Each line is a run of `torchrun --standalone --nproc-per-node n -m lstmterm train`. Two ways of adding
devices are measured: "same lanes" trains the very model that one device trains, its lanes shared
out; "more lanes" gives every device as many lanes as one device had, so that its work stays as
large. Efficiency is the speed by n times the speed of one device. Speeds are medians over the step
events of a run, without the first of them.
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


def speed(ranks: int, lanes: int, arguments: argparse.Namespace, device: str) -> float:
    """Median characters a second of a run."""
    knobs = {
        "batch_size": lanes, "window": arguments.window, "layers": arguments.layers, "hidden": arguments.hidden,
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
        f"{arguments.layers}x{arguments.hidden}, {arguments.lanes} lanes x {arguments.window}, "
        f"{device}, {arguments.precision}"
    )
    print(f"{'ranks':>5} {'same lanes':>15} {'efficiency':>10} {'more lanes':>15} {'efficiency':>10}")
    one: float | None = None
    for count in counts:
        same = speed(count, arguments.lanes, arguments, device)
        more = same if count == 1 else speed(count, count * arguments.lanes, arguments, device)
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
    parser.add_argument("--lanes", type=int, default=64, help="lanes of one device (default: 64)")
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
