"""Starting from a model's weights: the same shape, the vocabulary matched by character."""

import torch
from torch import Tensor

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.models.model_file import LoadedModel
from lstmterm.nn.charlm import CharLM

_NAMED = 40  # new characters that are shown


def start_from(model: CharLM, vocabulary: Vocabulary, earlier: LoadedModel) -> list[str]:
    """Copy the weights of `earlier` into `model`, rows of a character to the row it has now.

    Characters that are new keep their random weights. Returns sentences on what was not taken over.
    Raises `InputError` when `earlier` reads bytes and this text characters, or the other way round.
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
                continue  # a learned initial state that the earlier model lacks
            if name.startswith("output.") or name == "embedding.weight":
                _copy_rows(parameter, source, here, there)
                if name == "embedding.weight":
                    parameter[-1].copy_(source[-1])  # the unknown symbol
            elif name == "lstm.weight_ih_l0" and model.embedding is None:
                _copy_rows(parameter.T, source.T, here, there)
            else:
                parameter.copy_(source)
    new = [s for s in vocabulary.symbols if s not in old]
    if not new:
        return []
    said = "1 character is new" if len(new) == 1 else f"{len(new)} characters are new"
    begins = "begins" if len(new) == 1 else "begin"
    more = "\u2026" if len(new) > _NAMED else ""
    return [f"{said} to {card.name} and {begins} at random: {''.join(new[:_NAMED])}{more}"]


def _copy_rows(parameter: Tensor, source: Tensor, here: Tensor | None, there: Tensor | None) -> None:
    if here is not None and there is not None:
        parameter[here] = source[there].to(parameter.device)
