"""The character model: its dropout, and one-hot inputs."""

import copy

import torch

from lstmterm.nn.charlm import CharLM, Noise
from lstmterm.spec.character import CharModelPart


def test_token_dropout_hides_its_share_of_characters_and_only_in_training() -> None:
    torch.manual_seed(0)
    model = CharLM(5, CharModelPart(hidden=4, token_dropout=0.25))
    x = torch.randint(5, (100, 100))
    shown = model.with_token_dropout(x)
    assert ((shown == x) | (shown == 5)).all()
    assert abs((shown == 5).float().mean() - 0.25) < 0.02
    state = model.first_state(100)
    hidden, again = (model.train()(x, state)[0] for _ in range(2))
    assert not torch.equal(hidden, again)
    whole, again = (model.eval()(x, state)[0] for _ in range(2))
    assert torch.equal(whole, again)


def test_dropout_is_between_layers_and_at_the_end() -> None:
    def shares(**part: float) -> tuple[float, float]:
        model = CharLM(5, CharModelPart(hidden=4, dropout=0.3, **part))  # type: ignore[arg-type]
        return model.layer_dropout.p, model.dropout.p

    assert shares(layers=2) == (0.3, 0.3)
    assert shares(layers=1) == (0.0, 0.3)
    assert shares(layers=2, layer_dropout=0.0) == (0.0, 0.3)
    assert shares(layers=2, layer_dropout=0.5) == (0.5, 0.3)


def test_layers_that_are_read_one_after_another_read_the_same() -> None:
    torch.manual_seed(0)
    model = CharLM(7, CharModelPart(hidden=6, layers=3, layer_dropout=0.4))
    x, state = torch.randint(7, (9, 4)), model.first_state(4)
    as_one, (h, c) = model.eval()(x, state)
    keep_all = Noise(None, [torch.ones(4, 6)] * 2, None)
    by_layers, (its_h, its_c) = model.train()(x, state, keep_all)
    for ours, theirs in ((by_layers, as_one), (its_h, h), (its_c, c)):
        torch.testing.assert_close(ours, theirs)
    by_layers.sum().backward()
    assert all(p.grad is not None for p in model.parameters())


def test_the_same_units_of_a_layer_are_dropped_at_every_character() -> None:
    torch.manual_seed(0)
    model = CharLM(7, CharModelPart(hidden=50, layers=2, layer_dropout=0.4)).train()
    x, state = torch.randint(7, (9, 4)), model.first_state(4)
    noise = model.noise(x)
    (kept_BH,) = noise.between
    assert abs((kept_BH == 0).float().mean() - 0.4) < 0.1
    drawn, _ = model(x, state, noise)
    with torch.no_grad():  # as if the second layer did not read the dropped units
        for stream in range(4):
            alone = copy.deepcopy(model).eval()
            alone.lstm.get_parameter("weight_ih_l1").mul_(kept_BH[stream])
            its, _ = alone(x[:, [stream]], alone.first_state(1))
            torch.testing.assert_close(its[:, 0], drawn[:, stream])


def test_one_hot_is_an_embedding_by_the_identity() -> None:
    torch.manual_seed(0)
    one_hot = CharLM(6, CharModelPart(hidden=5, embedding=0))
    embedded = CharLM(6, CharModelPart(hidden=5, embedding=6))
    with torch.no_grad():
        for name, parameter in one_hot.named_parameters():
            embedded.get_parameter(name).copy_(parameter)
        assert embedded.embedding is not None
        embedded.embedding.weight.copy_(torch.eye(7)[:, :6])  # the unknown character is the zero vector
    x = torch.randint(7, (9, 2))
    assert torch.allclose(
        one_hot(x, one_hot.first_state(2))[0], embedded(x, embedded.first_state(2))[0], atol=1e-6
    )
