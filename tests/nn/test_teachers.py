"""Models from whose predictions another one learns."""

from dataclasses import replace

import pytest
import torch

from lstmterm.nn.char_task import CharTask
from lstmterm.nn.charlm import CharLM
from lstmterm.nn.initial import State
from lstmterm.nn.losses import Taught, distilled_nll, mean_nll
from lstmterm.nn.teachers import Teachers, learning_from_teachers
from lstmterm.spec.character import CharModelPart
from tests.small import small_task

PART = CharModelPart(layers=2, hidden=6, embedding=4)


def two_models() -> list[CharLM]:
    torch.manual_seed(1)
    return [CharLM(5, PART).eval() for _ in range(2)]


def test_what_teachers_say_is_the_mean_of_their_predictions_with_carried_states() -> None:
    models = two_models()
    teachers = Teachers(models)
    teachers.restart(3)
    states: list[State] = [model.first_state(3) for model in models]
    for _ in range(2):
        ids = torch.randint(5, (7, 3))
        wanted = torch.zeros(7, 3, 5)
        for k, model in enumerate(models):
            logits, states[k] = model(ids, states[k])
            wanted += logits.softmax(-1) / 2
        said = teachers.read(ids)
        assert not said.requires_grad
        assert torch.allclose(said, wanted, atol=1e-6)


def test_teachers_return_to_a_position() -> None:
    teachers = Teachers(two_models())
    teachers.restart(3)
    ids = torch.randint(5, (7, 3))
    teachers.read(ids)
    position = {name: tensor.clone() for name, tensor in teachers.position().items()}
    said = teachers.read(ids)
    teachers.restart(3)
    assert not torch.equal(teachers.read(ids), said)
    teachers.go_to(position)
    assert torch.equal(teachers.read(ids), said)


def test_no_teachers_have_no_position() -> None:
    teachers = Teachers(())
    teachers.restart(3)
    assert (teachers.count, teachers.position()) == (0, {})
    teachers.go_to({})


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_model_learns_from_its_teachers_and_from_the_text(share: float) -> None:
    logits = torch.randn(4, 3, 5, generator=torch.Generator().manual_seed(1)).requires_grad_()
    targets = torch.randint(6, (4, 3), generator=torch.Generator().manual_seed(2))  # 5 is not scored
    said = torch.randn(4, 3, 5, generator=torch.Generator().manual_seed(3)).softmax(-1)
    scored = targets != 5
    assert 0 < scored.sum() < scored.numel()
    loss = distilled_nll(logits, targets, Taught(said, share), 5)
    assert loss.item() == pytest.approx(mean_nll(logits, targets, "nll", 5).item(), abs=1e-6), "comparable"
    loss.backward()
    learned = (1 - share) * torch.nn.functional.one_hot(targets.clamp(max=4), 5) + share * said
    wanted = (logits.softmax(-1) - learned) * scored[..., None] / scored.sum()
    assert logits.grad is not None
    assert torch.allclose(logits.grad, wanted, atol=1e-6)


def test_a_model_with_teachers_has_less_dropout_and_starts_with_them_at_each_epoch() -> None:
    part = CharModelPart(hidden=6, embedding=4, dropout=0.4, token_dropout=0.1, layer_dropout=None)
    assert learning_from_teachers(part) == replace(part, dropout=0.28, token_dropout=0.07)
    assert learning_from_teachers(replace(part, layer_dropout=0.3)).layer_dropout == 0.21
    plain = small_task()
    teachers = Teachers([CharLM(len(plain.vocabulary), plain.spec.model).eval()])
    task = CharTask(plain.spec, plain.corpus, plain.split, plain.device, teachers=teachers)
    assert task.model.part == learning_from_teachers(plain.spec.model)
    assert task.header() == plain.header()
    first = {name: tensor.clone() for name, tensor in teachers.position().items()}
    for _ in range(task.streams.steps_per_epoch):
        task.next_loss()
        assert not torch.equal(teachers.position()["teacher_1.h"], first["teacher_1.h"])
    task.next_loss()
    again = {name: tensor.clone() for name, tensor in teachers.position().items()}
    task.go_to(task.position() | first | {"place": torch.tensor([0, 1])})
    task.next_loss()
    assert torch.equal(teachers.position()["teacher_1.h"], again["teacher_1.h"])


def test_a_learned_initial_state_of_a_teacher_stays_as_it_is() -> None:
    part = CharModelPart(hidden=6, embedding=4, initial_state="learned")
    model = CharLM(5, part).eval().requires_grad_(False)
    torch.nn.init.normal_(model.initial.h)
    before = model.initial.h.clone()
    teachers = Teachers([model])
    teachers.restart(1)
    teachers.read(torch.ones(3, 1, dtype=torch.long))
    assert torch.equal(model.initial.h, before)
