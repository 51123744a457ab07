"""Training a character model: streams, carried state, validation, samples."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lstmterm.corpora import baselines
from lstmterm.corpora.aside import Aside
from lstmterm.corpora.baselines import Baselines
from lstmterm.corpora.corpus import Corpus
from lstmterm.corpora.growing import GrowingText
from lstmterm.corpora.splits import Split
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.predictions import carried_work
from lstmterm.infer.score import RESET, score
from lstmterm.infer.text_stream import write_text
from lstmterm.models import model_file
from lstmterm.nn.charlm import CharLM, Noise
from lstmterm.nn.device import autocast
from lstmterm.nn.initial import ALL, State, detached, of_streams
from lstmterm.nn.left_out import LeftOut
from lstmterm.nn.losses import Taught, distilled_nll, mean_nll
from lstmterm.nn.pieces import Gradient, Pieces, cut, known, summed
from lstmterm.nn.ranks import ALONE, Ranks
from lstmterm.nn.streams import Streams
from lstmterm.nn.task import Evaluation, Sample, StopCheck, Task, Tensors, raise_if_stopped, weights_of
from lstmterm.nn.teachers import NO_TEACHERS, Teachers, learning_from_teachers
from lstmterm.nn.validation import seconds_of, validated
from lstmterm.spec.character import CharModelPart, CharSpec
from lstmterm.spec.sampling import Sampling

SAMPLE_LENGTH = 300
SAMPLE_TEMPERATURE = 0.7


def streams_of(spec: CharSpec, ids: np.ndarray) -> Streams:
    """Cut the training text as a spec says."""
    cut = spec.batches
    turning = spec.training.seed if cut.stream_starts == "random" else None
    return Streams(ids, cut.batch_size, cut.seq_length, turning)


def summary_of(part: CharModelPart, streams: Streams) -> str:
    """Return a model and its batches in a few words."""
    return f"{part.layers}x{part.hidden}, batch {streams.count} x {streams.seq_length}"


class CharTask(Task[CharSpec, CharLM]):
    """A character model and its corpus, as the training loop uses them."""

    kind = "charlm"

    def __init__(
        self,
        spec: CharSpec,
        corpus: Corpus,
        split: Split,
        device: torch.device,
        ranks: Ranks = ALONE,
        teachers: Teachers = NO_TEACHERS,
        left_out: LeftOut | None = None,
    ) -> None:
        """Draw the initial weights from the spec's seed. Each of several `ranks` has its own streams.

        The model also learns from the predictions of `teachers` and of the n-grams `left_out`. Raises `InputError` if there
        are fewer streams than ranks.
        """
        self.corpus = corpus
        self.split = split
        self.ranks = ranks
        self.vocabulary = corpus.vocabulary
        torch.manual_seed(spec.training.seed)
        part = learning_from_teachers(spec.model) if teachers.count else spec.model
        model = CharLM(len(self.vocabulary), part).to(device)
        super().__init__(spec, model, device, corpus.name)
        self.streams = streams_of(spec, corpus.ids[slice(*split.train)])
        self.own_streams = ranks.streams(self.streams.count)
        self.teachers = teachers
        self.left_out = left_out
        self._start_streams()
        self._aside: Aside | None = None
        self._known: Baselines | None = None
        self._said = False  # whether all that is known of baselines was reported

    # What the loop asks for

    @property
    def steps_per_epoch(self) -> int:
        return self.streams.steps_per_epoch

    @property
    def units_per_step(self) -> int:
        return self.streams.count * min(self.streams.seq_length, self.streams.length)

    def summary(self) -> str:
        ranks, in_short = self.ranks.count, summary_of(self.spec.model, self.streams)
        return in_short if ranks == 1 else f"{in_short} on {ranks} ranks"

    def begin(self) -> None:
        if self.ranks.is_first:
            self._aside = Aside(self.corpus, self.split)

    def end(self) -> None:
        if self._aside:
            self._aside.close()

    def facts(self) -> dict[str, Any]:
        known = self._baselines
        self._said = known.compressed
        return super().facts() | {"counted": known.counted if known.sampled else 0}

    @property
    def baselines(self) -> Mapping[str, float]:
        """N-gram baselines, compressors once they are known, and the entropy of the corpus where it is known."""
        return self._baselines.losses

    @property
    def _baselines(self) -> Baselines:
        if not self._known or not self._known.compressed:
            found = self._aside.baselines if self._aside else None
            self._known = found or self._known or baselines.of_ngrams(self.corpus, self.split)
        return self._known

    def new_baselines(self, wait: StopCheck | None = None) -> Mapping[str, float]:
        if self._aside and wait and not self._said:
            self._aside.wait(lambda: raise_if_stopped(wait))
        if self._said or not self._baselines.compressed:
            return {}
        self._said = True
        return self.baselines

    def next_loss(self) -> tuple[Tensor, int]:
        """Return the loss of the next step; the state after it is carried over, detached."""
        if self.streams.at_start:
            self._start_streams()
        ngrams = self._ngrams()
        ids = self.streams.next()
        block = torch.from_numpy(ids[:, self.own_streams]).to(self.device, non_blocking=True)
        if self.pieces is not None:
            return self._loss_apart(self.pieces, block, ngrams), ids[1:].size
        loss, self.state = self._loss_of(block, ngrams)
        if self.ranks.count > 1:
            loss = loss * self._share(ids[1:] != len(self.vocabulary), self.own_streams)
        return loss, ids[1:].size

    def _ngrams(self) -> Taught | None:
        """Return what n-grams teach in the next step."""
        done = self.streams.epoch() * self.steps_per_epoch / self.steps
        share = self.spec.ensemble.ngram_share * max(0.0, 1 - done)
        if self.left_out is None or not share:
            return None
        expected_TBV = self.left_out.read(self.streams.places()[:, self.own_streams])
        return Taught(expected_TBV.to(self.device, non_blocking=True), share)

    def _loss_of(
        self, block: Tensor, ngrams: Taught | None, streams: slice = ALL, noise: Noise | None = None
    ) -> tuple[Tensor, State]:
        """Return the mean loss of a block (T+1, B), which has these of the own streams, and the state after it."""
        with autocast(self.device, self.spec.training.precision):
            logits, state = self.model(block[:-1], of_streams(self.state, streams), noise)
            taught = ngrams.of(streams) if ngrams else None
            if self.teachers.count:
                theirs = Taught(self.teachers.read(block[:-1], streams), self.spec.ensemble.teacher_share)
                taught = theirs.with_another(taught) if taught else theirs
        if taught is None:
            loss = mean_nll(logits, block[1:], self.spec.training.loss, len(self.vocabulary))
        else:
            loss = distilled_nll(logits, block[1:], taught, len(self.vocabulary))
        return loss, detached(state)

    def _loss_apart(self, pieces: Pieces, block: Tensor, ngrams: Taught | None) -> Tensor:
        """Return the same loss, with its gradients, in pieces of some streams each."""
        parameters = [p for p in self.model.parameters() if p.requires_grad]
        noise, scored = self.model.noise(block[:-1]), block[1:] != len(self.vocabulary)

        def one(streams: slice) -> tuple[Tensor, Sequence[Gradient], State]:
            loss, state = self._loss_of(block[:, streams].contiguous(), ngrams, streams, noise.of(streams))
            loss = loss * self._share(scored, streams)
            return loss.detach(), torch.autograd.grad(loss, parameters, allow_unused=True), state

        loss, sums = torch.zeros(()), list[Gradient]([None] * len(parameters))
        states: list[State] = []
        for its_loss, gradients, state in pieces.each(one, self.cut(pieces.threads)):
            loss, sums = loss + its_loss, summed(sums, gradients)
            states.append(state)
        self.state = torch.cat([h for h, _ in states], 1), torch.cat([c for _, c in states], 1)
        return known(loss, sums, parameters)

    def _share(self, scored: np.ndarray | Tensor, streams: slice) -> float:
        """Return the share of the scored characters (T, B) that these streams have."""
        return int(scored[:, streams].sum()) / max(int(scored.sum()), 1)

    def cut(self, threads: int) -> list[slice]:
        if self.ranks.count > 1:
            return []
        return cut(self.streams.count, threads)

    def _start_streams(self) -> None:
        """Begin with the initial state in every stream."""
        count = self.own_streams.stop - self.own_streams.start
        self.state = self.model.first_state(count)
        self.teachers.restart(count)

    def epoch(self) -> float:
        return self.streams.epoch()

    def position(self) -> Tensors:
        """Return the position in the text, and the carried state."""
        h, c = (self.ranks.gathered(s, self.streams.count) for s in detached(self.state))
        return {
            "place": torch.tensor([self.streams.offset, self.streams.epochs]),
            "h": h,
            "c": c,
        } | self.teachers.position()

    def go_to(self, position: Tensors) -> None:
        self.streams.go_to(*position["place"].tolist())
        # into memory that torch aligned itself, because rounding can depend on the alignment
        own = (position[s][:, self.own_streams] for s in "hc")
        h, c = (torch.empty_like(s, device=self.device).copy_(s) for s in own)
        self.state = h, c
        self.teachers.go_to(position)

    def evaluate(self) -> Evaluation:
        return validated(
            self.model, self.corpus.ids, self.split.val, self.device, self.spec.training.precision
        )

    def evaluation_seconds(self) -> float:
        ids, precision = self.corpus.ids, self.spec.training.precision
        return seconds_of(self.model, ids, self.split.val, self.device, precision)

    def sample(self) -> Sample:
        """Generate text in numpy, always from the same prompt and seed."""
        symbols, seed = self.vocabulary.symbols, self.spec.training.seed
        prompt = "\n" if "\n" in symbols else symbols[0]  # of a text without lines
        model = CharLSTM.from_tensors(weights_of(self.model))
        sampling = Sampling(temperature=SAMPLE_TEMPERATURE)
        text = write_text(model, self.vocabulary, prompt, SAMPLE_LENGTH, sampling, seed)
        copies = self._aside.copies if self._aside else None
        if copies is None:
            return Sample(prompt, text, seed, SAMPLE_TEMPERATURE)
        copied, stretches = copies.copying(text).figures(), GrowingText(copies).append(text).stretches
        return Sample(
            prompt,
            text,
            seed,
            SAMPLE_TEMPERATURE,
            copied,
            tuple((each.start, each.end) for each in stretches),
        )

    # The model file

    def as_file(
        self, metadata: Mapping[str, Any], temperature: float = 1.0
    ) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        weights, header = super().as_file({"output_temperature": temperature, **metadata}, temperature)
        if temperature != 1:
            weights |= {
                name: weights[name] / np.float32(temperature) for name in ("output.weight", "output.bias")
            }
        return weights, header

    def header(self) -> dict[str, Any]:
        part, corpus = self.spec.model, self.corpus
        return {
            "sizes": {
                "layers": part.layers,
                "hidden": part.hidden,
                "embedding": part.embedding,
                "vocabulary": len(self.vocabulary),
            },
            "vocabulary": self.vocabulary.to_dict(),
            "corpus": {
                "name": corpus.name,
                "sha256": corpus.sha256,
                "chars": len(corpus),
                "source": corpus.source,
            },
            "split": asdict(self.split),
            "counted": self._baselines.counted,
        }

    def final_metrics(self, path: Path, should_stop: StopCheck) -> dict[str, float | None]:
        """Compute `val_loss`, `val_loss_reset`, `test_loss` and `test_loss_reset` as `score` does."""
        model = CharLSTM.from_tensors(model_file.load(path).tensors)

        def check(_done: int, _total: int) -> None:
            raise_if_stopped(should_stop)

        def loss(span: tuple[int, int], reset: int | None = None) -> float | None:
            if span[1] - span[0] < 2:
                return None
            nats = score(model, self.corpus.ids[slice(*span)], reset=reset, progress=check).nats_per_char
            return nats if math.isfinite(nats) else None

        return {
            "val_loss": loss(self.split.val),
            "val_loss_reset": loss(self.split.val, RESET),
            "test_loss": loss(self.split.test),
            "test_loss_reset": loss(self.split.test, RESET),
        }

    def finish_seconds(self) -> float:
        """Estimate the seconds of the exact final losses from a part of them."""
        model = CharLSTM.from_tensors(weights_of(self.model))
        ids = np.asarray(self.corpus.ids[:1000])
        started = time.perf_counter()
        score(model, ids)
        one_by_one = (time.perf_counter() - started) / len(ids)
        block = np.resize(ids, 16 * 64)  # 16 streams, as few as those of a long text
        started = time.perf_counter()
        score(model, block, reset=64)
        side_by_side = (time.perf_counter() - started) / len(block)
        seconds = 0.0
        for first, last in (self.split.val, self.split.test):
            alone, together = carried_work(model, last - first)
            seconds += alone * one_by_one + (together + last - first) * side_by_side
        return seconds
