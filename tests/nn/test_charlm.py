"""The character model: its dropout, and one-hot inputs."""

import torch

from lstmterm.nn.charlm import CharLM
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
    assert CharLM(5, CharModelPart(hidden=4, layers=2, dropout=0.3)).lstm.dropout == 0.3
    assert CharLM(5, CharModelPart(hidden=4, layers=1, dropout=0.3)).dropout.p == 0.3
    assert CharLM(5, CharModelPart(hidden=4, layers=2, dropout=0.3, layer_dropout=0.0)).lstm.dropout == 0.0


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
