"""Training a tagger: batches of sentences, rare words unlearned at random, validation, samples."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from lstmterm.infer.tag import Tagger as NumpyTagger
from lstmterm.models import model_file
from lstmterm.nn.batches import Batch, EncodedSentences, plan_batches
from lstmterm.nn.device import autocast
from lstmterm.nn.tagger import Tagger
from lstmterm.nn.task import Evaluation, Interrupted, Sample, StopCheck, Tensors
from lstmterm.spec.tagger import TaggerSpec
from lstmterm.tagging import metrics, tagged_data
from lstmterm.tagging.spans import Rules, Scheme
from lstmterm.tagging.tagged_data import TaggerData
from lstmterm.tagging.treebank import Tagged
from lstmterm.tagging.words import TaggerVocabulary

SUFFIX_LENGTHS = (2, 3, 4)
EVALUATION_TOKENS = 4_000  # words in a batch of the validation
SAMPLE_WORDS = (6, 16)  # a sentence of so many words is shown
SAMPLE_LETTERS = (16, 30)  # where each letter has a tag


class TaggerTask:
    """A tagger and its data, as the training loop sees them."""

    def __init__(self, spec: TaggerSpec, data: TaggerData, device: torch.device) -> None:
        """Draws the first weights from the spec's seed."""
        self.spec = spec
        self.name = spec.name
        self.data = data
        self.device = device
        part, level = spec.model, spec.data.level
        self.vocabulary = TaggerVocabulary.build(
            [sentence.words for sentence in data.train],
            data.tag_counts(),
            lowercase=not part.cased,
            suffix_lengths=SUFFIX_LENGTHS if part.suffixes else (),
            min_count=part.min_count,
        )
        self.scheme: Scheme | None = tagged_data.scheme(data, level)
        torch.manual_seed(spec.training.seed)
        self.model = Tagger(self.vocabulary, part, level).to(device)
        self.training = EncodedSentences(data.train, self.vocabulary, level)
        self.unknown_chance = self._unknown_chance().to(device)
        self.epochs_done = 0
        self.batches_done = 0  # of this epoch
        self.plan = self._plan()

    def _unknown_chance(self) -> Tensor:
        """How likely each word is taken for unknown, by its number: r / (r + how often it occurs).

        Words that are unknown anyway stay so; at the level "char" nothing is unlearned.
        """
        counts = Counter(self.vocabulary.key(word) for s in self.data.train for word in s.words)
        rare = self.spec.model.rare
        chances = [rare / (rare + counts[word]) for word in self.vocabulary.words]
        return torch.tensor([*chances, 0.0])

    def _plan(self) -> list[np.ndarray]:
        """The batches of this epoch, which depend on the seed and the epoch alone."""
        random = np.random.Generator(np.random.PCG64([self.spec.training.seed, self.epochs_done]))
        return plan_batches(self.training.lengths, self.spec.batches.tokens, random)

    # What the loop asks for

    @property
    def steps_per_epoch(self) -> float:
        """Batches in a pass over the training sentences."""
        return len(self.plan)

    @property
    def units_per_step(self) -> int:
        """Words in a batch, on average."""
        return max(1, round(self.training.tokens / len(self.plan)))

    def facts(self) -> dict[str, Any]:
        """What the `Started` event says of the task."""
        part = self.spec.model
        ways = "both ways" if part.directions == 2 else "forwards"
        letters = {"none": "", "cnn": ", letters by CNN", "lstm": ", letters by LSTM"}[part.characters]
        return {
            "task": self.spec.task,
            "model": self.name,
            "corpus": self.data.name,
            "baselines": self.baselines,
            "summary": f"{part.layers}x{part.hidden} {ways}{letters}, {len(self.vocabulary.tags)} tags",
        }

    @cached_property
    def baselines(self) -> dict[str, float]:
        """Losses that counting reaches."""
        return tagged_data.baselines(self.data)

    def next_loss(self) -> tuple[Tensor, int]:
        """The next batch's loss, rare words taken for unknown at random."""
        batch = self.training.batch(self.plan[self.batches_done]).to(self.device)
        self._move_on()
        chance = self.unknown_chance.index_select(0, batch.words_N)
        unlearned = torch.rand(len(chance), device=self.device) < chance
        with autocast(self.device, self.spec.training.precision):
            logits = self.model(batch, batch.words_N.masked_fill(unlearned, self.model.unknown))
        return tag_loss(logits, batch.targets, self.spec.training.loss), len(batch.words_N)

    def _move_on(self) -> None:
        self.batches_done += 1
        if self.batches_done == len(self.plan):
            self.batches_done = 0
            self.epochs_done += 1
            self.plan = self._plan()

    def epoch(self) -> float:
        """The position in passes over the training sentences."""
        return self.epochs_done + self.batches_done / len(self.plan)

    def position(self) -> Tensors:
        """Which epoch, and which of its batches comes next."""
        return {"place": torch.tensor([self.epochs_done, self.batches_done])}

    def go_to(self, position: Tensors) -> None:
        """Return to a position."""
        self.epochs_done, self.batches_done = position["place"].tolist()
        self.plan = self._plan()

    # Validation

    @cached_property
    def _validation(self) -> EncodedSentences:
        return EncodedSentences(self.data.dev, self.vocabulary, self.spec.data.level)

    def evaluate(self) -> Evaluation:
        """Loss and accuracy on the validation sentences; tags that training never saw count as wrong."""
        if not self.data.dev:
            return Evaluation(None)
        encoded = self._validation
        predicted: dict[int, list[str]] = {}
        nats = scored = 0.0
        for chosen in plan_batches(encoded.lengths, EVALUATION_TOKENS):
            batch = encoded.batch(chosen).to(self.device)
            with autocast(self.device, self.spec.training.precision):
                logits = self.model(batch)
            known = int((batch.targets >= 0).sum())
            nats += tag_loss(logits, batch.targets, "cross-entropy").item() * known
            scored += known
            for i, tags in zip(chosen, self._tags(batch, logits), strict=True):
                predicted[int(i)] = tags
        report = self._report(self.data.dev, [predicted[i] for i in range(len(encoded))])
        if not scored:
            return Evaluation(None, figures("dev", report))
        # Late in a run the loss rises on words that were wrong anyway, while the tags still improve:
        # the fewest wrong tags are the best, and the loss decides between equals.
        error = 1 - report.accuracy + 1e-6 * nats / scored
        return Evaluation(nats / scored, figures("dev", report), error)

    def _tags(self, batch: Batch, logits: Tensor) -> list[list[str]]:
        """The tags of each sentence of a batch."""
        names = self.vocabulary.tags
        scores = logits.float().cpu()
        if self.spec.data.level == "sequence":
            return [[names[i]] for i in scores.argmax(dim=-1).tolist()]
        rules = Rules(names, self.scheme) if self.scheme else None
        parts = scores.split(batch.sentences.lengths_B.tolist())
        chosen = [rules.decode(part.numpy()) if rules else part.argmax(dim=-1).tolist() for part in parts]
        return [[names[i] for i in ids] for ids in chosen]

    def _report(self, sentences: tuple[Tagged, ...], predicted: list[list[str]]) -> metrics.Report:
        return metrics.report(
            [s.words for s in sentences], [s.tags for s in sentences], predicted, self.vocabulary.knows
        )

    @cached_property
    def _shown(self) -> Tagged:
        """The sentence that is shown as training goes on."""
        least, most = SAMPLE_LETTERS if self.spec.data.level == "char" else SAMPLE_WORDS
        choice = self.data.dev or self.data.train
        return next((s for s in choice if least <= len(s.words) <= most), choice[0])

    def sample(self) -> Sample:
        """The same sentence's tags as the model gives them now; of a cipher text its plain text."""
        level = self.spec.data.level
        batch = EncodedSentences([self._shown], self.vocabulary, level).batch(np.array([0])).to(self.device)
        tags = self._tags(batch, self.model(batch))[0]
        words = self._shown.words
        joint = "" if level == "char" else " "
        if level == "word":
            text = joint.join(f"{word}/{tag}" for word, tag in zip(words, tags, strict=True))
        else:
            text = ("" if max(map(len, tags)) == 1 else " ").join(tags)
        return Sample(joint.join(words) + "\n", text, self.spec.training.seed, 0.0)

    # The model file

    def tensors(self) -> dict[str, np.ndarray]:
        """The weights, float32, by torch's names."""
        return {n: p.detach().float().cpu().numpy() for n, p in self.model.named_parameters()}

    def write_model(self, path: Path, metadata: Mapping[str, Any]) -> None:
        """The model as it is now, as a whole model file."""
        part = self.spec.model
        header = {
            "kind": "tagger",
            "name": self.name,
            "sizes": {
                "layers": part.layers,
                "hidden": part.hidden,
                "directions": part.directions,
                "embedding": part.words,
                "vocabulary": len(self.vocabulary.words),
                "tags": len(self.vocabulary.tags),
                "parameters": sum(p.numel() for p in self.model.parameters()),
            },
            "vocabulary": self.vocabulary.to_dict(),
            "level": self.spec.data.level,
            "column": self.data.column,
            "layout": self.data.layout,
            "scheme": self.scheme,
            "spec": self.spec.to_dict(),
            "corpus": {
                "name": self.data.name,
                "source": self.data.source,
                "sha256": self.data.sha256.get("train", ""),
                "files": self.data.sha256,
                "sentences": {role: len(getattr(self.data, role)) for role in ("train", "dev", "test")},
                "words": self.training.tokens,
            },
            "baselines": self.baselines,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        model_file.write(path, self.tensors(), {**header, **metadata})

    def final_metrics(self, path: Path, should_stop: StopCheck) -> dict[str, float | None]:
        """The figures of a model file on validation and test, as `evaluate` computes them."""
        tagger = NumpyTagger.from_model(model_file.load(path))
        final: dict[str, float | None] = {}
        for role, name, sentences in (
            ("dev", "val_loss", self.data.dev),
            ("test", "test_loss", self.data.test),
        ):
            if not sentences:
                final[name] = None
                continue
            nats, predicted = 0.0, []
            scored = 0
            for sentence, tagging in zip(sentences, tagger.tag_all(s.words for s in sentences), strict=True):
                if reason := should_stop():
                    raise Interrupted(reason)
                gold = [self.vocabulary.tag_numbers.get(tag, -1) for tag in sentence.tags]
                rows = [i for i, tag in enumerate(gold) if tag >= 0]
                right = tagging.probabilities[rows, [gold[i] for i in rows]]
                nats -= float(np.log(np.maximum(right, 1e-38)).sum(dtype=np.float64))
                scored += len(rows)
                predicted.append(tagging.tags)
            final[name] = nats / scored if scored else None
            final |= figures(role, self._report(sentences, predicted))
        return final


def tag_loss(logits: Tensor, targets: Tensor, kind: str) -> Tensor:
    """Mean negative log-likelihood in nats, in float32; targets of -1 are not scored.

    `logits` (N, G), `targets` (N,). `kind` is "cross-entropy" of the logits or "nll" of their
    log-softmax: the same thing said two ways.
    """
    scored = (targets >= 0).sum().clamp(min=1)
    if kind == "nll":
        losses = F.nll_loss(F.log_softmax(logits.float(), dim=-1), targets, ignore_index=-1, reduction="sum")
    else:
        losses = F.cross_entropy(logits.float(), targets, ignore_index=-1, reduction="sum")
    return losses / scored


def figures(role: str, report: metrics.Report) -> dict[str, float]:
    """A report's main figures, by name: `dev_accuracy`, `test_accuracy_unknown` and so on."""
    found = {
        "accuracy": report.accuracy,
        "accuracy_unknown": report.accuracy_unknown,
        "macro_f1": report.macro_f1,
        "span_f1": report.spans[0].f1 if report.spans else None,
    }
    return {f"{role}_{name}": value for name, value in found.items() if value is not None}
