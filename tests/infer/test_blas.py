"""numpy's BLAS gets idle CPUs only, whoever makes the model; torch keeps its threads."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from lstmterm.infer import blas
from lstmterm.planning import processors

np.dot(np.ones(2), np.ones(2))  # numpy's BLAS is loaded
LIMITED = any(lib["user_api"] == "blas" for lib in threadpool_info())  # Apple's Accelerate is not listed
needs_openblas = pytest.mark.skipif(not LIMITED, reason="the threads of numpy's BLAS cannot be limited here")


SETUP = """
import json, sys, threading, torch
from threadpoolctl import threadpool_info
from lstmterm.planning import processors
from lstmterm.infer import blas
processors.idle = lambda: 2
torch.set_num_threads(3)
blas_threads = lambda: next(lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas")
"""


def printed(program: str, **environment: str) -> object:
    """What a fresh interpreter prints as JSON."""
    clean = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")}
    run = subprocess.run(
        [sys.executable, "-c", SETUP + program],
        env=clean | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(run.stdout)


@needs_openblas
def test_idle_cpus_only_and_few_of_them() -> None:
    program = """
blas.limit(); seen = [blas_threads()]
processors.idle = lambda: 64
blas.limit(); seen.append(blas_threads())  # a count of the idle CPUs serves for a while
blas._FRESH = -1
blas.limit(); seen.append(blas_threads())
print(json.dumps(seen))
"""
    assert printed(program) == [2, 2, blas.MOST_THREADS]


@needs_openblas
def test_one_thread_until_the_last_block_ends_and_in_any_thread() -> None:
    program = """
seen, inside, leave = [], threading.Event(), threading.Event()
def other():
    with blas.one_thread():
        inside.set(); leave.wait()
thread = threading.Thread(target=other)
blas.limit()
with blas.one_thread():
    thread.start(); inside.wait()
    seen.append(blas_threads())
seen.append(blas_threads())
leave.set(); thread.join()
seen.append(blas_threads())
print(json.dumps(seen))
"""
    assert printed(program) == [1, 1, 2]


READS = {
    "a text in streams": "score(model, np.zeros(9000, np.uint8))",
    "a character at a time": "Reader(model, model.initial()).read(0)",
}


@needs_openblas
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_model_that_reads_uses_cpus_that_became_idle(read: str) -> None:
    program = f"""
import numpy as np
from lstmterm.infer.lstm import CharLSTM, Reader
from lstmterm.infer.score import score
from tests.character_models import TorchModel
processors.idle = lambda: 1
model = CharLSTM.from_tensors(TorchModel().tensors())
seen = [blas_threads()]
processors.idle = lambda: 2
blas._FRESH = -1
{read}
seen.append(blas_threads())
print(json.dumps(seen))
"""
    assert printed(program) == [1, 2]


MODELS = {
    "character model": "from lstmterm.infer.lstm import CharLSTM; CharLSTM.from_tensors(TorchModel().tensors())",
    "adapting model": "from lstmterm.infer.adapt import *; AdaptingModel(TorchModel().tensors(), DEFAULTS['sgd'])",
    "tagger": "from tests.infer.test_tag import at_work; at_work()",
}


@needs_openblas
@pytest.mark.parametrize("model", MODELS)
def test_every_model_sets_the_limit_and_torch_keeps_its_threads(model: str) -> None:
    program = f"""
processors.idle = lambda: 1
from tests.character_models import TorchModel
{MODELS[model]}
print(json.dumps([blas_threads(), torch.get_num_threads()]))
"""
    assert printed(program) == [1, 3]


@needs_openblas
def test_a_number_that_the_user_set_is_kept() -> None:
    program = "processors.idle = lambda: 1\nblas.limit()\nwith blas.one_thread(): print(blas_threads())"
    assert printed(program, OPENBLAS_NUM_THREADS="2") == min(2, processors.usable())


@needs_openblas
@pytest.mark.skipif(sys.platform != "linux", reason="limits address space as Linux counts it")
def test_without_memory_for_a_thread_it_raises_and_does_not_wait() -> None:
    program = """
import resource
from lstmterm.errors import TooLarge, within_memory
blas._libraries()
more, seen = 0, []
while more < 10 << 20:
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + more, resource.RLIM_INFINITY))
    try:
        with within_memory():
            blas.Threads().limit()
    except TooLarge:
        seen.append(more)
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    more += 16 << 10
print(json.dumps(len(seen) * (16 << 10) == more))
"""
    assert printed(program)
