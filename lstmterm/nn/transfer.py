"""Starting from the weights of another model, its vocabulary matched by character."""

import torch
from torch import Tensor

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.models.model_file import LoadedModel
from lstmterm.nn.charlm import CharLM

_SHOWN = 40  # new characters in a message


def start_from(model: CharLM, vocabulary: Vocabulary, earlier: LoadedModel) -> list[str]:
    """Copy the weights of `earlier`, which has the same shape, into `model`, matching characters.

    New characters keep their random weights; returns sentences that name them. Raises `InputError`
    if one of the two models reads bytes and the other characters.
    """
    card = earlier.card
    if card.vocabulary.level != vocabulary.level:
        raise InputError(f"{card.name} reads {card.vocabulary.level}s; give --level {card.vocabulary.level}.")
    old = {symbol: i for i, symbol in enumerate(card.vocabulary.symbols)}
    pairs = [(i, old[s]) for i, s in enumerate(vocabulary.symbols) if s in old]
    here, there = (
        (torch.tensor(side, dtype=torch.long) for side in zip(*pairs, strict=True)) if pairs else (None, None)
    )
    tensors = {name: torch.from_numpy(t) for name, t in earlier.tensors.items()}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            source = tensors.get(name)
            if source is None:
                continue  # the earlier model has no learned initial state
            if name.startswith("output.") or name == "embedding.weight":
                _copy_rows(parameter, source, here, there)
                if name == "embedding.weight":
                    parameter[-1].copy_(source[-1])  # the unknown character
            elif name == "lstm.weight_ih_l0" and model.embedding is None:
                _copy_rows(parameter.T, source.T, here, there)
            else:
                parameter.copy_(source)
    new = [s for s in vocabulary.symbols if s not in old]
    if not new:
        return []
    count = "1 character is" if len(new) == 1 else f"{len(new)} characters are"
    more = "\u2026" if len(new) > _SHOWN else ""
    return [f"{count} new to {card.name}, with random weights: {''.join(new[:_SHOWN])}{more}"]


def _copy_rows(parameter: Tensor, source: Tensor, here: Tensor | None, there: Tensor | None) -> None:
    if here is not None and there is not None:
        parameter[here] = source[there].to(parameter.device)
