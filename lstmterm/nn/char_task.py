"""Training a character model: the text's streams, the carried state, validation, samples."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lstmterm.corpora import baselines
from lstmterm.corpora.corpus import Corpus
from lstmterm.corpora.splits import Split
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.score import score
from lstmterm.infer.text_stream import write_text
from lstmterm.models import model_file
from lstmterm.nn.charlm import CharLM, detached, loss_of
from lstmterm.nn.device import autocast
from lstmterm.nn.ranks import ALONE, Ranks
from lstmterm.nn.streams import Streams
from lstmterm.nn.task import Evaluation, Interrupted, Sample, StopCheck, Tensors
from lstmterm.spec.character import CharSpec
from lstmterm.spec.sampling import Sampling

RESET = 256  # characters of context at most, for `val_loss_reset`
EVALUATION_LANES = 64
EVALUATION_WINDOW = 128
WARM_UP = 256  # characters that a validation lane reads before its first prediction is scored
SAMPLE_LENGTH = 300
SAMPLE_TEMPERATURE = 0.7


class CharTask:
    """A character model and its corpus, as the training loop sees them."""

    def __init__(
        self, spec: CharSpec, corpus: Corpus, split: Split, device: torch.device, ranks: Ranks = ALONE
    ) -> None:
        """Draws the first weights from the spec's seed. Of several `ranks`, each has its own lanes.

        Raises `InputError` where there are fewer lanes than ranks.
        """
        self.spec = spec
        self.name = spec.name
        self.corpus = corpus
        self.split = split
        self.device = device
        self.ranks = ranks
        self.vocabulary = corpus.vocabulary
        torch.manual_seed(spec.training.seed)
        self.model = CharLM(len(self.vocabulary), spec.model).to(device)
        self.streams = Streams(
            corpus.ids[slice(*split.train)], spec.batches.batch_size, spec.batches.seq_length
        )
        self.mine = ranks.lanes(self.streams.lanes)
        self.state = self.model.first_state(self.mine.stop - self.mine.start)

    # What the loop asks for

    @property
    def steps_per_epoch(self) -> float:
        """Windows in a pass over the training text."""
        return self.streams.windows

    @property
    def units_per_step(self) -> int:
        """Characters in a step of whole windows."""
        return self.streams.lanes * min(self.streams.window, self.streams.length)

    def facts(self) -> dict[str, Any]:
        """What the `Started` event says of the task."""
        part, cut = self.spec.model, self.spec.batches
        return {
            "task": self.spec.task,
            "model": self.name,
            "corpus": self.corpus.name,
            "baselines": self.baselines,
            "summary": f"{part.layers}x{part.hidden}, {self.streams.lanes} lanes x {cut.seq_length}"
            + (f" on {self.ranks.count} ranks" if self.ranks.count > 1 else ""),
        }

    @cached_property
    def baselines(self) -> dict[str, float]:
        """Losses that the model's are held against, and the corpus' floor where it is known."""
        ids = self.corpus.ids
        losses = baselines.ngram_losses(
            ids[slice(*self.split.train)], ids[slice(*self.split.val)], len(self.vocabulary)
        )
        floor = {} if self.corpus.floor is None else {"floor": self.corpus.floor}
        return losses | floor

    def next_loss(self) -> tuple[Tensor, int]:
        """The next window of every lane; the state behind it is carried on, detached."""
        if self.streams.at_start:
            self.state = self.model.first_state(self.mine.stop - self.mine.start)
        window = self.streams.next_window()
        block = torch.from_numpy(window[:, self.mine]).to(self.device, non_blocking=True)
        with autocast(self.device, self.spec.training.precision):
            logits, state = self.model(block[:-1], self.state)
        self.state = detached(state)
        loss = loss_of(logits, block[1:], self.spec.training.loss)
        if self.ranks.count > 1:
            loss = loss * self._share(window[1:])
        return loss, window[1:].size

    def _share(self, targets: np.ndarray) -> float:
        """How many of all lanes' scored targets (T, B) are of this rank's own lanes."""
        scored_B = (targets != len(self.vocabulary)).sum(axis=0)
        return scored_B[self.mine].sum() / max(scored_B.sum(), 1)

    def epoch(self) -> float:
        """The position in passes over the training text."""
        return self.streams.epoch()

    def position(self) -> Tensors:
        """Where in the text the lanes are, and the state carried there."""
        h, c = (self.ranks.assembled(s, self.streams.lanes) for s in detached(self.state))
        return {"place": torch.tensor([self.streams.offset, self.streams.passes]), "h": h, "c": c}

    def go_to(self, position: Tensors) -> None:
        """Return to a position."""
        self.streams.offset, self.streams.passes = position["place"].tolist()
        # into fresh memory of torch's own alignment, on which rounding can depend
        own = (position[s][:, self.mine] for s in "hc")
        h, c = (torch.empty_like(s, device=self.device).copy_(s) for s in own)
        self.state = h, c

    def evaluate(self) -> Evaluation:
        """The validation loss by parallel lanes, each warmed up on the characters before it."""
        start, stop = self.split.val
        if stop - start < 2:
            return Evaluation(None)
        lanes = min(EVALUATION_LANES, max(1, (stop - start) // WARM_UP))
        length = -(-(stop - 1 - start) // lanes)
        begin = start + length * np.arange(lanes)
        total = torch.zeros((), device=self.device, dtype=torch.float32)
        scored = torch.zeros((), device=self.device, dtype=torch.float32)
        state = self.model.first_state(lanes)
        for offset in range(-WARM_UP if lanes > 1 else 0, length, EVALUATION_WINDOW):
            size = min(EVALUATION_WINDOW, length - offset)
            rows = np.arange(offset, offset + size + 1)[:, None] + begin
            block = torch.from_numpy(self._validation_block(rows, begin, length)).to(self.device)
            with autocast(self.device, self.spec.training.precision):
                logits, state = self.model(block[:-1], state)
            if offset < 0:
                state = self._warmed(state)
                continue
            wanted = block[1:]
            known = (wanted != len(self.vocabulary)).sum()
            total += loss_of(logits, wanted, "cross-entropy") * known
            scored += known
        return Evaluation((total / scored).item() if scored else None)

    def _validation_block(self, rows: np.ndarray, begin: np.ndarray, length: int) -> np.ndarray:
        """Numbers at `rows` (T+1, lanes); beyond a lane's own stretch, or the split, unknown."""
        start, stop = self.split.val
        last = np.minimum(begin + length, stop - 1)
        inside = (rows >= start) & (rows <= last)
        ids = self.corpus.ids[np.clip(rows, start, stop - 1)].astype(np.int64)
        return np.where(inside, ids, len(self.vocabulary))

    def _warmed(self, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """The state after a warm-up; the first lane has nothing before it and starts anew."""
        first = self.model.first_state(1)
        for s, fresh in zip(state, first, strict=True):
            s[:, :1] = fresh
        return state

    @cached_property
    def _prompt(self) -> str:
        """A newline, where lines begin, else the text's first character."""
        return "\n" if "\n" in self.vocabulary.symbols else self.vocabulary.symbols[0]

    def sample(self) -> Sample:
        """Text from the same prompt and seed each time, written in numpy as `generate` does."""
        model = CharLSTM.from_tensors(self.tensors())
        seed = self.spec.training.seed
        text = write_text(
            model,
            self.vocabulary,
            self._prompt,
            SAMPLE_LENGTH,
            Sampling(temperature=SAMPLE_TEMPERATURE),
            seed,
        )
        return Sample(self._prompt, text, seed, SAMPLE_TEMPERATURE)

    # The model file

    def tensors(self) -> dict[str, np.ndarray]:
        """The weights as they are now, float32, by torch's names."""
        return {n: p.detach().float().cpu().numpy() for n, p in self.model.named_parameters()}

    def write_model(self, path: Path, metadata: Mapping[str, Any]) -> None:
        """The model as it is now, as a whole model file."""
        part = self.spec.model
        header = {
            "kind": "charlm",
            "name": self.name,
            "sizes": {
                "layers": part.layers,
                "hidden": part.hidden,
                "embedding": part.embedding,
                "vocabulary": len(self.vocabulary),
                "parameters": sum(p.numel() for p in self.model.parameters()),
            },
            "vocabulary": self.vocabulary.to_dict(),
            "spec": self.spec.to_dict(),
            "corpus": {
                "name": self.corpus.name,
                "sha256": self.corpus.sha256,
                "chars": len(self.corpus.ids),
                "source": self.corpus.source,
            },
            "split": {
                "train": list(self.split.train),
                "val": list(self.split.val),
                "test": list(self.split.test),
            },
            "baselines": self.baselines,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        model_file.write(path, self.tensors(), {**header, **metadata})

    def final_metrics(self, path: Path, should_stop: StopCheck) -> dict[str, float | None]:
        """`val_loss`, `val_loss_reset` and `test_loss` of a model file, as `score` computes them."""
        model = CharLSTM.from_tensors(model_file.load(path).tensors)

        def go_on(_done: int, _all: int) -> None:
            if reason := should_stop():
                raise Interrupted(reason)

        def loss(span: tuple[int, int], reset: int | None = None) -> float | None:
            if span[1] - span[0] < 2:
                return None
            nats = score(model, self.corpus.ids[slice(*span)], reset=reset, progress=go_on).nats_per_char
            return nats if math.isfinite(nats) else None

        return {
            "val_loss": loss(self.split.val),
            "val_loss_reset": loss(self.split.val, RESET),
            "test_loss": loss(self.split.test),
            "test_loss_reset": loss(self.split.test, RESET),
        }
