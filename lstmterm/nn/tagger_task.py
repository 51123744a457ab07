"""Training a tagger: batches of sentences, rare words replaced at random, validation, samples."""

from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lstmterm.infer.tag import Tagger as NumpyTagger
from lstmterm.models import model_file
from lstmterm.models.model_file import LoadedModel
from lstmterm.models.tagger_size import vocabulary_for
from lstmterm.nn.batches import UNSCORED, Batch, EncodedSentences, plan_batches
from lstmterm.nn.device import autocast, refuse_too_large
from lstmterm.nn.losses import mean_nll
from lstmterm.nn.tagger import Tagger, need
from lstmterm.nn.tagger_transfer import learn_words_alone, new_tags, start_from, vocabulary_of
from lstmterm.nn.task import Evaluation, Sample, StopCheck, Task, Tensors, raise_if_stopped
from lstmterm.spec.tagger import TaggerSpec
from lstmterm.tagging import counting, metrics
from lstmterm.tagging.spans import Rules, Scheme
from lstmterm.tagging.tagged_data import TaggerData
from lstmterm.tagging.treebank import Tagged

EVALUATION_TOKENS = 4_000  # words per validation batch
SAMPLE_WORDS = (6, 16)  # the length of the sample sentence
SAMPLE_LETTERS = (16, 30)  # the same at the level "char"
TAGGED_PER_SECOND = 20_000  # words, for the final figures
FINISH_SECONDS = 1.0  # reading and writing the last model


class TaggerTask(Task[TaggerSpec, Tagger]):
    """A tagger and its data, as the training loop uses them."""

    kind = "tagger"

    def __init__(
        self,
        spec: TaggerSpec,
        data: TaggerData,
        device: torch.device,
        earlier: LoadedModel | None = None,
    ) -> None:
        """Draw the initial weights from the spec's seed, or take those of an earlier tagger.

        Raises `InputError` if training cannot fit in memory.
        """
        self.data = data
        part, level = spec.model, spec.data.level
        self.vocabulary = vocabulary_for(data, part, None if earlier is None else vocabulary_of(earlier))
        self.scheme: Scheme | None = data.scheme or (earlier.card.metadata["scheme"] if earlier else None)
        lengths = [len(sentence.words) for sentence in data.train]
        largest = min(sum(lengths), max(spec.batches.tokens, *lengths))
        refuse_too_large(need(spec, self.vocabulary, largest), device)
        torch.manual_seed(spec.training.seed)
        super().__init__(spec, Tagger(self.vocabulary, part, level).to(device), device, data.name)
        if earlier is not None:
            start_from(self.model, self.vocabulary, earlier)
        if part.learn == "words":
            learn_words_alone(self.model, earlier is not None and bool(new_tags(earlier, data.train)))
        self.training = EncodedSentences(data.train, self.vocabulary)
        self.unknown_chance = self._unknown_chance().to(device)
        self.epochs_done = 0
        self.batches_done = 0  # in this epoch
        self.plan = self._plan()

    def _unknown_chance(self) -> Tensor:
        """Return the probability r / (r + count) of replacing each word by the unknown one, by its number.

        This trains the embedding of the unknown word. Words that are unknown anyway stay so.
        """
        counts = Counter(self.vocabulary.key(word) for s in self.data.train for word in s.words)
        rare = self.spec.model.rare
        chances = [rare / (rare + (counts[word] or 1)) for word in self.vocabulary.words]
        return torch.tensor([*chances, 0.0])

    def _plan(self) -> list[np.ndarray]:
        """Return the batches of this epoch, which depend on the seed and the epoch alone."""
        random = np.random.Generator(np.random.PCG64([self.spec.training.seed, self.epochs_done]))
        return plan_batches(self.training.lengths, self.spec.batches.tokens, random)

    # What the loop asks for

    @property
    def steps_per_epoch(self) -> int:
        return len(self.plan)

    @property
    def units_per_step(self) -> int:
        """Average number of words in a batch."""
        return max(1, round(self.training.tokens / len(self.plan)))

    def summary(self) -> str:
        part = self.spec.model
        ways = "bidirectional" if part.directions == 2 else "unidirectional"
        letters = {"none": "", "cnn": ", letters by CNN", "lstm": ", letters by LSTM"}[part.characters]
        return f"{part.layers}x{part.hidden} {ways}{letters}, {len(self.vocabulary.tags)} tags"

    @property
    def baselines(self) -> dict[str, float]:
        """Losses of counting tags."""
        return self._counted

    @cached_property
    def _counted(self) -> dict[str, float]:
        return counting.baselines(self.data)

    def next_loss(self) -> tuple[Tensor, int]:
        """Return the loss of the next batch, with rare words replaced by the unknown one at random."""
        batch = self.training.batch(self.plan[self.batches_done]).to(self.device)
        self._advance()
        chance = self.unknown_chance.index_select(0, batch.words_N)
        replaced = torch.rand(len(chance), device=self.device) < chance
        with autocast(self.device, self.spec.training.precision):
            logits = self.model(batch, batch.words_N.masked_fill(replaced, self.model.unknown))
        return mean_nll(logits, batch.targets, self.spec.training.loss, UNSCORED), len(batch.words_N)

    def _advance(self) -> None:
        self.batches_done += 1
        if self.batches_done == len(self.plan):
            self.batches_done = 0
            self.epochs_done += 1
            self.plan = self._plan()

    def epoch(self) -> float:
        return self.epochs_done + self.batches_done / len(self.plan)

    def position(self) -> Tensors:
        """Return the epoch, and the batch that comes next."""
        return {"place": torch.tensor([self.epochs_done, self.batches_done])}

    def go_to(self, position: Tensors) -> None:
        self.epochs_done, self.batches_done = position["place"].tolist()
        self.plan = self._plan()
        if type(self.batches_done) is not int or not 0 <= self.batches_done < len(self.plan):
            raise ValueError(
                f"has a position, {self.batches_done} of {len(self.plan):,}, that the data do not have"
            )

    # Validation

    @cached_property
    def _validation(self) -> EncodedSentences:
        return EncodedSentences(self.data.dev, self.vocabulary)

    def evaluate(self) -> Evaluation:
        """Compute loss and accuracy on the validation sentences; tags unseen in training count as wrong."""
        if not self.data.dev:
            return Evaluation(None)
        encoded = self._validation
        predicted: dict[int, list[str]] = {}
        nats = scored = 0.0
        for chosen in plan_batches(encoded.lengths, EVALUATION_TOKENS):
            batch = encoded.batch(chosen).to(self.device)
            with autocast(self.device, self.spec.training.precision):
                logits = self.model(batch)
            known = int((batch.targets != UNSCORED).sum())
            nats += mean_nll(logits, batch.targets, "cross-entropy", UNSCORED).item() * known
            scored += known
            for i, tags in zip(chosen, self._tags(batch, logits), strict=True):
                predicted[int(i)] = tags
        report = self._report(self.data.dev, [predicted[i] for i in range(len(encoded))])
        if not scored:
            return Evaluation(None, figures("dev", report))
        # Late in a run the loss rises on words that were wrong anyway while the tags still improve:
        # accuracy decides which weights are best, and the loss breaks ties.
        error = 1 - report.accuracy + 1e-6 * nats / scored
        return Evaluation(nats / scored, figures("dev", report), error)

    def _tags(self, batch: Batch, logits: Tensor) -> list[list[str]]:
        """Return the tags of each sentence of a batch."""
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
        """The sample sentence."""
        least, most = SAMPLE_LETTERS if self.spec.data.level == "char" else SAMPLE_WORDS
        choice = self.data.dev or self.data.train
        return next((s for s in choice if least <= len(s.words) <= most and all(s.tags)), choice[0])

    def sample(self) -> Sample:
        """Tag the sample sentence; for a cipher, decipher it."""
        level = self.spec.data.level
        batch = EncodedSentences([self._shown], self.vocabulary).batch(np.array([0])).to(self.device)
        tags = self._tags(batch, self.model(batch))[0]
        words = self._shown.words
        joint = "" if level == "char" else " "
        if level == "word":
            text = joint.join(f"{word}/{tag}" for word, tag in zip(words, tags, strict=True))
        else:
            text = ("" if max(map(len, tags)) == 1 else " ").join(tags)
        return Sample(joint.join(words) + "\n", text, self.spec.training.seed, 0.0)

    # The model file

    def header(self) -> dict[str, Any]:
        part = self.spec.model
        return {
            "sizes": {
                "layers": part.layers,
                "hidden": part.hidden,
                "directions": part.directions,
                "embedding": part.words,
                "vocabulary": len(self.vocabulary.words),
                "tags": len(self.vocabulary.tags),
            },
            "vocabulary": self.vocabulary.to_dict(),
            "level": self.spec.data.level,
            "column": self.data.column,
            "text_column": self.spec.data.text_column,
            "layout": self.data.layout,
            "scheme": self.scheme,
            "corpus": {
                "name": self.data.name,
                "source": self.data.source,
                "sha256": self.data.sha256.get("train", ""),
                "files": self.data.sha256,
                "sentences": {role: len(getattr(self.data, role)) for role in ("train", "dev", "test")},
                "words": self.training.tokens,
            },
        }

    def final_metrics(self, path: Path, should_stop: StopCheck) -> dict[str, float | None]:
        """Compute the metrics of a model file on validation and test data as `evaluate` does."""
        tagger = NumpyTagger.from_model(model_file.load(path))
        final: dict[str, float | None] = {}
        for role, name, sentences in (
            ("dev", "val_loss", self.data.dev),
            ("test", "test_loss", self.data.test),
        ):
            nats, scored, predicted = 0.0, 0, []
            for sentence, tagging in zip(sentences, tagger.tag_all(s.words for s in sentences), strict=True):
                raise_if_stopped(should_stop)
                gold = [self.vocabulary.tag_numbers.get(tag, UNSCORED) for tag in sentence.tags]
                rows = [i for i, tag in enumerate(gold) if tag != UNSCORED]
                right = tagging.probabilities[rows, [gold[i] for i in rows]]
                nats -= float(np.log(np.maximum(right, 1e-38)).sum(dtype=np.float64))
                scored += len(rows)
                predicted.append(tagging.tags)
            final[name] = nats / scored if scored else None
            final |= figures(role, self._report(sentences, predicted)) if sentences else {}
        return final

    def finish_seconds(self) -> float:
        tagged = sum(len(s.words) for s in (*self.data.dev, *self.data.test))
        return FINISH_SECONDS + tagged / TAGGED_PER_SECOND


def figures(role: str, report: metrics.Report) -> dict[str, float]:
    """Return the main figures of a report by name: `dev_accuracy`, `test_accuracy_unknown` and so on."""
    found = {
        "accuracy": report.accuracy,
        "accuracy_unknown": report.accuracy_unknown,
        "macro_f1": report.macro_f1,
        "span_f1": report.spans[0].f1 if report.spans else None,
    }
    return {f"{role}_{name}": value for name, value in found.items() if value is not None}
