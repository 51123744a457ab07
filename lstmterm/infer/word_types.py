"""A word as a tagger's LSTM reads it: its embedding, its letters, its suffixes, its shape.

Shapes: U word types with M letters in all, C numbers for a letter, W numbers for a type.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from lstmterm.infer.cell import Cell, arranged
from lstmterm.tagging.words import Features, TaggerVocabulary


class TypeEncoder:
    """Encodes word types as the inputs of the tagger's LSTM."""

    def __init__(self, tensors: Mapping[str, np.ndarray], vocabulary: TaggerVocabulary) -> None:
        self._tensors = tensors
        self._vocabulary = vocabulary
        self._lstm = "types.characters.lstm.weight_hh_l0" in tensors

    def encode(self, types: Sequence[str]) -> np.ndarray:
        """The inputs for word types, (U, W), concatenated in the same order as in training."""
        tensors, features = self._tensors, self._vocabulary.features(types)
        parts = []
        if "embedding.weight" in tensors:
            parts.append(tensors["embedding.weight"][features.words])
        if "types.characters.embedding.weight" in tensors:
            parts.append(self._read_by_lstm(features) if self._lstm else self._filtered(features))
        for k in range(features.suffixes.shape[1]):
            if f"types.suffixes.{k}.weight" in tensors:
                parts.append(tensors[f"types.suffixes.{k}.weight"][features.suffixes[:, k]])
        if "types.shapes.weight" in tensors:
            parts.append(tensors["types.shapes.weight"][features.shapes])
        return np.concatenate(parts, axis=1)

    def _filtered(self, features: Features) -> np.ndarray:
        """The maximum of each convolution filter over a word's letters, (U, W)."""
        letters, lengths = self._letters(features)
        ends = np.cumsum(lengths)
        places = np.arange(len(letters)) + np.repeat(np.arange(len(lengths)), lengths) + 1
        apart = np.zeros((len(letters) + len(lengths) + 1, letters.shape[1]), np.float32)
        apart[places] = letters  # one row of zeros between words
        neighbours = np.concatenate([apart[places - 1], apart[places], apart[places + 1]], axis=1)
        outputs = neighbours @ self._tensors["types.characters.filters.weight"].T
        outputs += self._tensors["types.characters.filters.bias"]
        return np.maximum(np.maximum.reduceat(outputs, ends - lengths, axis=0), 0)

    def _read_by_lstm(self, features: Features) -> np.ndarray:
        """The last h of an LSTM that reads a word's letters, in both directions, (U, W)."""
        letters, lengths = self._letters(features)
        starts = np.cumsum(lengths) - lengths
        sides = []
        for reverse in (False, True):
            end = "_l0_reverse" if reverse else "_l0"
            weights = {
                part: arranged(self._tensors[f"types.characters.lstm.{part}{end}"])
                for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            }
            gates = letters @ weights["weight_ih"].T + (weights["bias_ih"] + weights["bias_hh"])
            size = weights["weight_hh"].shape[1]
            h = np.zeros((len(lengths), size), np.float32)
            c = np.zeros_like(h)
            for t in range(int(lengths.max())):
                going = lengths > t
                rows = starts[going] + (lengths[going] - 1 - t if reverse else t)
                now = gates[rows] + h[going] @ weights["weight_hh"].T
                h_after, c_after = np.empty((len(rows), size), np.float32), c[going]
                Cell(now, c_after).step(h_after)
                h[going], c[going] = h_after, c_after
            sides.append(h)
        return np.concatenate(sides, axis=1)

    def _letters(self, features: Features) -> tuple[np.ndarray, np.ndarray]:
        """The letters' embeddings one after another, (M, C), and how many each type has, (U,)."""
        embedding = self._tensors["types.characters.embedding.weight"]
        return embedding[np.concatenate(features.letters)], np.array([len(row) for row in features.letters])
