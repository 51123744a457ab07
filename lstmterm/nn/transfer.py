"""Starting from the weights of another model, its vocabulary matched by character."""

import torch

from lstmterm.amounts import plural
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
        raise InputError(
            f"{card.name} reads {card.vocabulary.level}s, and so must this model (--level {card.vocabulary.level})."
        )
    old = {symbol: i for i, symbol in enumerate(card.vocabulary.symbols)}
    pairs = [(i, old[s]) for i, s in enumerate(vocabulary.symbols) if s in old]
    here, there = torch.tensor(pairs, dtype=torch.long).reshape(-1, 2).T
    tensors = {name: torch.from_numpy(t) for name, t in earlier.tensors.items()}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            source = tensors.get(name)
            if source is None:
                continue  # the earlier model has no learned initial state
            source = source.to(parameter.device)
            if name.startswith("output.") or name == "embedding.weight":
                parameter[here] = source[there]
                if name == "embedding.weight":
                    parameter[-1] = source[-1]  # the unknown character
            elif name == "lstm.weight_ih_l0" and model.embedding is None:
                parameter[:, here] = source[:, there]
            else:
                parameter.copy_(source)
    new = [s for s in vocabulary.symbols if s not in old]
    if not new:
        return []
    are = "is" if len(new) == 1 else "are"
    more = "\u2026" if len(new) > _SHOWN else ""
    shown = "".join(new[:_SHOWN])
    return [f"{plural(len(new), 'character')} {are} new to {card.name}, with random weights: {shown}{more}"]
