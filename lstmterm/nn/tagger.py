"""The tagger: word embedding, character encoder and features; LSTM; linear layer.

Shapes: N words of B concatenated sentences (see `batches`), at most T words each; U word types of at
most L characters, W features per word, H hidden units, D directions, G tags.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_sequence

from lstmterm.models.shapes import FILTER_WIDTH
from lstmterm.nn.batches import Batch, Sequences
from lstmterm.nn.device import Need
from lstmterm.nn.initial import InitialState, State, initialise
from lstmterm.nn.layers import read_layer
from lstmterm.spec.tagger import TaggerModelPart, TaggerSpec
from lstmterm.tagging.treebank import Level
from lstmterm.tagging.words import SHAPES, TaggerVocabulary


class Tagger(nn.Module):
    """Scores each tag for each word, or for each sentence at the level "sequence"."""

    def __init__(self, vocabulary: TaggerVocabulary, part: TaggerModelPart, level: Level) -> None:
        super().__init__()
        self.part = part
        self.level: Level = level
        self.unknown = len(vocabulary.words)
        self.embedding = nn.Embedding(self.unknown + 1, part.words) if part.words else None
        self.types = TypeEncoder(vocabulary, part)
        width = part.words + self.types.width
        self.lstm = nn.LSTM(width, part.hidden, part.layers, bidirectional=part.directions == 2)
        self.output = nn.Linear(part.hidden * part.directions, len(vocabulary.tags))
        self.initial = InitialState(part.initial_state, part.layers * part.directions, part.hidden)
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, std=part.words**-0.5)
        if part.init == "orthogonal":
            initialise(self.lstm)

    def forward(self, batch: Batch, words_N: Tensor | None = None) -> Tensor:
        """Return logits (N, G) for the words of the batch, or (B, G) at the level "sequence".

        `words_N` replaces the words' numbers where some are treated as unknown.
        """
        inputs = [self.types(batch).index_select(0, batch.types_N)] if self.types.width else []
        if self.embedding is not None:
            inputs.insert(0, self.embedding(batch.words_N if words_N is None else words_N))
        read_NW = torch.cat(inputs, dim=-1)
        state = self.initial(len(batch.sentences), self.output.weight)
        for layer in range(self.part.layers):
            read_NW = self.read(layer, self.dropped(read_NW, batch), batch, state)
        if self.level == "sequence":
            read_NW = self.ends(read_NW, batch)
            return self.output(F.dropout(read_NW, self.part.dropout, self.training))
        return self.output(self.dropped(read_NW, batch))

    def read(self, layer: int, inputs_NW: Tensor, batch: Batch, state: State) -> Tensor:
        """Apply a layer to its inputs and return (N, D*H), each direction in its own rectangle.

        Two calls with one direction each use oneDNN's fused LSTM, and need no packing.
        """
        sentences, longest = len(batch.sentences), batch.sentences.longest
        directions = (batch.sentences.forwards_N, batch.sentences.backwards_N)[: self.part.directions]
        outputs = []
        for direction, places_N in enumerate(directions):
            row = layer * self.part.directions + direction
            inputs_TBW = inputs_NW.new_zeros(longest * sentences, inputs_NW.shape[1])
            inputs_TBW = inputs_TBW.index_copy(0, places_N, inputs_NW).view(longest, sentences, -1)
            h, c = (s[row : row + 1] for s in state)
            read_TBH, _ = read_layer(self.lstm, layer, inputs_TBW, (h, c), reverse=direction == 1)
            outputs.append(PickRows.apply(read_TBH.flatten(0, 1), places_N))
        return torch.cat(outputs, dim=-1)

    def dropped(self, inputs_NW: Tensor, batch: Batch) -> Tensor:
        """Drop the same features at every word of a sentence (Gal & Ghahramani 2016)."""
        if not self.training or not self.part.dropout:
            return inputs_NW
        mask_BW = inputs_NW.new_ones(len(batch.sentences), inputs_NW.shape[1])
        mask_BW = F.dropout(mask_BW, self.part.dropout)
        return inputs_NW * mask_BW.index_select(0, batch.sentences.sequence_N)

    def ends(self, read_NW: Tensor, batch: Batch) -> Tensor:
        """Return the output of each direction at its last valid word, (B, D*H)."""
        lengths_B = batch.sentences.lengths_B
        last_B = lengths_B.cumsum(0) - 1
        hidden = self.part.hidden
        parts = [read_NW[last_B, :hidden], read_NW[last_B - lengths_B + 1, hidden:]]
        return torch.cat(parts[: self.part.directions], dim=-1)


class PickRows(torch.autograd.Function):
    """`index_select` of distinct rows: the gradient is a copy, not a sum."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, chosen: Tensor) -> Tensor:
        """Select rows (N, ...) from (M, ...)."""
        ctx.save_for_backward(chosen)
        ctx.shape = rows.shape
        return rows.index_select(0, chosen)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return zero for the rows that were not selected."""
        (chosen,) = ctx.saved_tensors
        return gradient.new_zeros(ctx.shape).index_copy_(0, chosen, gradient), None


class TypeEncoder(nn.Module):
    """Encodes the spelling of a word type: characters, suffixes, shape."""

    def __init__(self, vocabulary: TaggerVocabulary, part: TaggerModelPart) -> None:
        super().__init__()
        size, width = part.character_size, part.character_width
        self.characters: CharacterCNN | CharacterLSTM | None = None
        if part.characters == "cnn":
            self.characters = CharacterCNN(len(vocabulary.characters), size, width)
        elif part.characters == "lstm":
            self.characters = CharacterLSTM(len(vocabulary.characters), size, width)
        self.suffixes = nn.ModuleList(
            nn.Embedding(len(ends) + 1, part.suffixes) for ends in vocabulary.suffixes if part.suffixes
        )
        self.shapes = nn.Embedding(len(SHAPES), part.shapes) if part.shapes else None
        self.width = (width if self.characters else 0) + len(self.suffixes) * part.suffixes + part.shapes
        for embedding in [*self.suffixes, self.shapes]:
            if isinstance(embedding, nn.Embedding):
                nn.init.normal_(embedding.weight, std=embedding.embedding_dim**-0.5)

    def forward(self, batch: Batch) -> Tensor:
        """Return features (U, width) for the word types of the batch."""
        parts = [] if self.characters is None else [self.characters(batch.letters_M, batch.types)]
        parts += [suffix(batch.suffixes_UK[:, k]) for k, suffix in enumerate(self.suffixes)]
        if self.shapes is not None:
            parts.append(self.shapes(batch.shapes_U))
        return torch.cat(parts, dim=-1)


class CharacterCNN(nn.Module):
    """Convolution over the characters of a word with max pooling (Santos & Zadrozny 2014)."""

    def __init__(self, characters: int, size: int, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(characters + 1, size)
        self.filters = nn.Linear(FILTER_WIDTH * size, width)
        nn.init.normal_(self.embedding.weight, std=size**-0.5)

    def forward(self, letters_M: Tensor, types: Sequences) -> Tensor:
        """Return features (U, W); P are the M characters with a row of zeros around each word."""
        letters_MC = self.embedding(letters_M)
        places_M = torch.arange(len(letters_M), device=letters_M.device) + types.sequence_N + 1
        padded_PC = letters_MC.new_zeros(len(letters_M) + len(types) + 1, letters_MC.shape[1])
        padded_PC = padded_PC.index_copy(0, places_M, letters_MC)
        before_PC, after_PC = F.pad(padded_PC[:-1], (0, 0, 1, 0)), F.pad(padded_PC[1:], (0, 0, 0, 1))
        inputs_PF = torch.cat([before_PC, padded_PC, after_PC], dim=-1)
        outputs_MW = self.filters(PickRows.apply(inputs_PF, places_M)).relu()
        largest_UW = outputs_MW.new_zeros(len(types), outputs_MW.shape[1])
        types_MW = types.sequence_N[:, None].expand_as(outputs_MW)
        return largest_UW.scatter_reduce(0, types_MW, outputs_MW, "amax")


class CharacterLSTM(nn.Module):
    """Bidirectional LSTM over the characters of a word; its two last states (Ling et al. 2015)."""

    def __init__(self, characters: int, size: int, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(characters + 1, size)
        self.lstm = nn.LSTM(size, width // 2, bidirectional=True, batch_first=True)
        nn.init.normal_(self.embedding.weight, std=size**-0.5)
        initialise(self.lstm)

    def forward(self, letters_M: Tensor, types: Sequences) -> Tensor:
        """Return features (U, width)."""
        words = self.embedding(letters_M).split(types.lengths_B.tolist())
        _, (last, _) = self.lstm(pack_sequence(words, enforce_sorted=False))
        return last.transpose(0, 1).flatten(1)


def need(spec: TaggerSpec, vocabulary: TaggerVocabulary, words: int) -> Need:
    """Return what training needs in memory with `words` words (or characters) in the largest step."""
    part = spec.model
    outputs = part.directions * part.hidden
    encoder = 0 if part.characters == "none" else part.character_width
    width = part.words + encoder + part.shapes + part.suffixes * len(vocabulary.suffixes)
    weights = sum(4 * outputs * (inputs + part.hidden) for inputs in [width, *[outputs] * (part.layers - 1)])
    endings = sum(len(ends) for ends in vocabulary.suffixes)
    return Need(
        numbers=4 * weights
        + 6 * words * outputs * part.layers
        + 2 * (outputs + words) * len(vocabulary.tags),
        of_vocabulary=4 * (len(vocabulary.words) * part.words + endings * part.suffixes),
        smaller="make --hidden, --layers, --tokens, --words or --suffixes smaller",
        fewer=f"give fewer of the {len(vocabulary.words):,} words an embedding (--min-count)",
    )
