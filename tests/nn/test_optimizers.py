"""The optimizers make the steps of torch's own classes, bit for bit, and don't import its compiler."""

import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch import nn

from lstmterm.nn.optimizers import SGD, Adam, AdamW, Group, Optimizer, RMSprop

Theirs = Callable[[list[nn.Parameter]], torch.optim.Optimizer]

RULES: list[tuple[type[Optimizer], Theirs]] = [
    (Adam, lambda p: torch.optim.Adam(p, 0.1, betas=(0.9, 0.99), weight_decay=0.2, fused=True)),
    (AdamW, lambda p: torch.optim.AdamW(p, 0.1, betas=(0.9, 0.99), weight_decay=0.2, fused=True)),
    (
        SGD,
        lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True, weight_decay=0.2, fused=True),
    ),
    (RMSprop, lambda p: torch.optim.RMSprop(p, 0.1, alpha=0.99, weight_decay=0.2)),
]


def parameters() -> list[nn.Parameter]:
    torch.manual_seed(3)
    return [nn.Parameter(torch.randn(5, 3)), nn.Parameter(torch.randn(4)), nn.Parameter(torch.randn(2))]


@pytest.mark.parametrize(("rule", "theirs"), RULES, ids=[rule.__name__ for rule, _ in RULES])
def test_steps_are_those_of_torchs_class(rule: type[Optimizer], theirs: Theirs) -> None:
    ours, others = parameters(), parameters()
    one, other = rule([Group(ours, 0.1, 0.2)]), theirs(others)
    for _ in range(4):
        for p, q in zip(ours[:2], others[:2], strict=True):  # the last one never has a gradient
            p.grad = torch.randn_like(p)
            q.grad = p.grad.clone()
        one.step()
        other.step()
    assert all(torch.equal(p, q) for p, q in zip(ours, others, strict=True))
    for p, q in zip(ours, others, strict=True):
        theirs_of_q = {name: value for name, value in other.state[q].items() if value is not None}
        assert one.memory.get(p, {}).keys() == theirs_of_q.keys()
        assert all(torch.equal(value, theirs_of_q[name]) for name, value in one.memory.get(p, {}).items())


@pytest.mark.parametrize("rule", [Adam, AdamW, SGD], ids=lambda rule: rule.__name__)
def test_a_bad_step_changes_no_weight(rule: type[Optimizer]) -> None:
    ours = parameters()
    before = [p.detach().clone() for p in ours]
    for p in ours:
        p.grad = torch.full_like(p, float("nan"))
    rule([Group(ours, 0.1)]).step(torch.tensor(1.0))
    assert all(torch.equal(p, q) for p, q in zip(ours, before, strict=True))


def test_training_does_not_import_torchs_compiler() -> None:
    program = (
        "import sys, lstmterm.nn.session, torch\n"
        "from lstmterm.nn import optim\n"
        "from lstmterm.spec.training import TrainingPart\n"
        "model = torch.nn.LSTM(3, 4)\n"
        "model(torch.ones(2, 3))[0].sum().backward()\n"
        "for name in ('muon', 'adamw', 'adam', 'sgd', 'rmsprop'):\n"
        "    part = TrainingPart(steps=1, evaluate_every=1, optimizer=name)\n"
        "    rule = optim.make_optimizer(model, part)\n"
        "    optim.clip_gradients(model, 1.0)\n"
        "    optim.guarded_step(rule, torch.tensor(True))\n"
        "average = optim.MovingAverage(model, 0.9)\n"
        "average.update(1)\n"
        "print('torch._dynamo' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n", "importing it takes a second of every start"
