"""Find similar: the places of a corpus at which a model is in nearly the same hidden state.

The h of the top layer after each of a sample of characters is kept, scaled to length 1, in a file that is
written once for a model and a corpus and memory-mapped from then on. The nearest are those of the
highest cosine; they are computed for all, so nothing is missed. What is near is then what the model
treats alike (Strobelt et al., LSTMVis, 2018).

A long corpus is sampled in stretches, evenly spread; each is read after a warm-up.

Shapes: N positions in the sample, H hidden units, B streams.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lstmterm import atomic, paths
from lstmterm.infer.lstm import CharLSTM, Progress, Reader, State

FORMAT = 1  # of the files
SAMPLE = 200_000  # positions
_STREAMS = 32
_WARM_UP = 512  # characters that a stream reads first, if there are so many before its stretch
_ROWS = 16_384  # compared at a time
_MOST_FILES = 4  # kept, those used last


@dataclass(frozen=True)
class Similar:
    """A place like the one asked for."""

    position: int  # of the character after which the state is similar
    cosine: float


@dataclass(frozen=True)
class SimilarStates:
    """The states of a sample of a corpus."""

    positions: np.ndarray  # (N,): in the corpus
    states: np.ndarray  # (N, H), float16, of length 1; mapped
    streams: int  # B; position number k + B is the character after number k

    @classmethod
    def of(
        cls,
        model: CharLSTM,
        file: Path,
        ids: np.ndarray,
        progress: Progress = lambda done, whole: None,
        sample: int = SAMPLE,
    ) -> "SimilarStates":
        """The states of the model in `file` after a sample of `ids`, (T,); read again only if none are kept.

        `progress` is called with the positions done and in all while they are read. Raises `WriteError`.
        """
        starts, length = _stretches(len(ids), sample)
        positions = (starts + np.arange(length)[:, None]).reshape(
            -1
        )  # step by step, in the order of the file
        path = paths.states() / f"{_key(file, ids[positions], positions)}.states"
        shape = (len(positions), model.hidden)
        if not path.exists() or path.stat().st_size != 2 * shape[0] * shape[1]:
            _remove_oldest(path.parent)
            with atomic.writing(path, 2 * shape[0] * shape[1]) as out:
                for done, states in _read(model, ids, starts, length):
                    out.write(states.data)
                    progress(done * len(starts), len(positions))
        path.touch()
        return cls(positions, np.memmap(path, np.float16, "r", shape=shape), len(starts))

    def nearest(self, states: np.ndarray, most: int = 10, apart: int = 20) -> list[Similar]:
        """The places nearest to states of the top layer, the nearest first, no two within `apart`.

        `states` is one, (H,), or those along a stretch of n characters, (n, H): then the stretch that ends at
        a place is compared, by the mean of the cosines of its characters.
        """
        cosines = self.cosines(states)
        enough = min(most * (2 * apart + 1), len(cosines))  # so many cannot all be near fewer than `most`
        best = np.argpartition(-cosines, enough - 1)[:enough] if enough else np.zeros(0, np.int64)
        found: list[Similar] = []
        for row in best[np.argsort(-cosines[best], kind="stable")]:
            position, cosine = int(self.positions[row]), float(cosines[row])
            if len(found) == most or cosine == -np.inf:
                break
            if all(abs(position - other.position) > apart for other in found):
                found.append(Similar(position, cosine))
        return found

    def cosines(self, states: np.ndarray) -> np.ndarray:
        """The mean cosine of `states`, (H,) or (n, H), and the kept ones up to each place: (N,), float32.

        -inf where fewer than n characters were kept before.
        """
        wanted = np.atleast_2d(np.asarray(states, np.float32))
        wanted = wanted / np.maximum(np.linalg.norm(wanted, axis=1, keepdims=True), 1e-12)
        n, rows = len(wanted), len(self.states)
        total = np.zeros(rows, np.float32)
        for a in range(0, rows, _ROWS):
            each = self.states[a : a + _ROWS].astype(np.float32) @ wanted.T
            for k in range(n):  # the character of state k is n - 1 - k characters before the place
                first = a + (n - 1 - k) * self.streams
                part = total[first : first + len(each)]
                part += each[: len(part), k]
        total /= n
        total[: (n - 1) * self.streams] = -np.inf
        return total


def state_after(model: CharLSTM, ids: np.ndarray, state: State | None = None) -> np.ndarray:
    """The top layer's h after `ids`, (T,), read from `state` or the initial one: (H,)."""
    return model.read(ids, model.initial() if state is None else state).h[-1, 0]


def _stretches(length: int, sample: int) -> tuple[np.ndarray, int]:
    """Where the stretches of a corpus of this length begin, (B,), and how long each is."""
    streams = _STREAMS if length >= 4 * _STREAMS * _WARM_UP else 1
    each = min(sample, length) // streams
    last = length - each
    return np.linspace(0, last, streams).astype(np.int64), each


def _warmed_up(model: CharLSTM, ids: np.ndarray, starts: np.ndarray) -> State:
    """The states of streams that begin at `starts`, (B,): the initial one for the first, which is at 0.

    Each of the others has read `_WARM_UP` characters before its start, which are nearly as good as all.
    """
    first = model.initial()
    if len(starts) == 1:
        return first
    warm = Reader(model, model.initial(len(starts)))  # the first one, too: an odd number takes longer
    for t in range(-_WARM_UP, 0):
        warm.read(ids[starts + t])
    return State.joined([first, warm.state.streams(1)])


def _read(
    model: CharLSTM, ids: np.ndarray, starts: np.ndarray, length: int
) -> Iterator[tuple[int, np.ndarray]]:
    """The steps done, and the states after a few more of them, (steps * B, H), float16, of length 1."""
    streams = len(starts)
    reader = Reader(model, _warmed_up(model, ids, starts))
    piece = max(1, 2048 // streams)
    for a in range(0, length, piece):
        steps = np.arange(a, min(a + piece, length))
        states = np.empty((len(steps), streams, model.hidden), np.float32)
        for state, symbols in zip(states, ids[starts + steps[:, None]], strict=True):
            reader.read(symbols if streams > 1 else symbols[0])
            state[:] = reader.layers[-1].h.T
        states /= np.maximum(np.linalg.norm(states, axis=-1, keepdims=True), 1e-12)
        yield int(steps[-1]) + 1, states.astype(np.float16).reshape(-1, model.hidden)


def _key(file: Path, ids: np.ndarray, positions: np.ndarray) -> str:
    digest = hashlib.sha256(f"{FORMAT} {ids.dtype.str}".encode())
    for part in (file.read_bytes(), ids.tobytes(), positions.tobytes()):
        digest.update(part)
    return digest.hexdigest()[:40]


def _remove_oldest(folder: Path) -> None:
    """Make place for a new file."""
    files = sorted(folder.glob("*.states"), key=paths.changed)
    for file in files[: max(len(files) + 1 - _MOST_FILES, 0)]:
        file.unlink(missing_ok=True)
