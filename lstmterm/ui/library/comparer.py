"""Measures models for the comparison, in a thread: posts messages and touches no widget."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from textual.message import Message

from lstmterm.amounts import progress
from lstmterm.errors import InputError, RunError, within_memory
from lstmterm.infer.side_by_side import (
    CharacterFigures,
    Models,
    SampleSettings,
    SharedText,
    adapted,
    measured,
)
from lstmterm.infer.taggers_side_by_side import TaggerFigures, data_of, measured_tagger
from lstmterm.ui.messages import on_screen
from lstmterm.ui.tagger.data_picker import name_of
from lstmterm.ui.train.planning import Cancelled

_PERIOD = 0.1  # seconds between messages about progress

Figures = CharacterFigures | TaggerFigures


@dataclass(frozen=True)
class Request:
    """Models to compare."""

    number: int  # the newest counts
    models: Models
    place: str | None  # the text; None: that of the first model
    sample: SampleSettings
    adapting: bool = False  # whether to measure only the adapted losses, of models that are measured
    text: SharedText | None = None  # as it was read before
    measured: Sequence[Figures] = ()


@dataclass
class ComparerMessage(Message):
    """What is posted about a request."""

    number: int


@dataclass
class Working(ComparerMessage):
    """What is being done."""

    what: str


@dataclass
class TextRead(ComparerMessage):
    """What the models are compared on: in a sentence, with remarks; and the text, unless they are taggers."""

    about: tuple[str, ...]
    text: SharedText | None


@dataclass
class Measured(ComparerMessage):
    """The figures of a model, by its place among the models."""

    place: int
    figures: Figures


@dataclass
class Ended(ComparerMessage):
    """Everything is measured, or why not."""

    reason: str = ""


class Comparer:
    """Works on one request, until it is stale."""

    def __init__(
        self, request: Request, post: Callable[[Message], object], is_stale: Callable[[], bool]
    ) -> None:
        self._request, self._post, self._is_stale = request, post, is_stale
        self._doing, self._next = "", 0.0

    def run(self) -> None:
        """Measure, and post what is found."""
        reason = ""
        try:
            with within_memory():
                self._measure()
        except Cancelled:
            return
        except (InputError, RunError, OSError) as error:
            reason = on_screen(error)
        self._post(Ended(self._request.number, reason))

    def _measure(self) -> None:
        request = self._request
        if request.models[0][1].kind == "tagger":
            self._measure_taggers()
        elif request.adapting and request.text is not None:
            for place, figures in enumerate(request.measured):
                assert isinstance(figures, CharacterFigures)
                score = adapted(figures.entry, request.text, self._told(place))
                self._found(place, replace(figures, adapted=score))
        else:
            text = SharedText.of(request.models, request.place, progress=self._tell)
            self._post(TextRead(request.number, (text.name, *text.notes), text))
            for place, (entry, _) in enumerate(request.models):
                self._found(place, measured(entry, text, request.sample, self._told(place)))

    def _measure_taggers(self) -> None:
        request = self._request
        data = data_of(request.models, request.place)
        about: dict[str, None] = {}
        for place, (entry, _) in enumerate(request.models):
            figures, notes = measured_tagger(entry, data, doing=self._told(place))
            about |= dict.fromkeys((f"{name_of(figures.source)}: {figures.about}", *notes))
            self._post(TextRead(request.number, tuple(map(on_screen, about)), None))
            self._found(place, figures)

    def _found(self, place: int, figures: Figures) -> None:
        self._post(Measured(self._request.number, place, figures))

    def _told(self, place: int) -> Callable[[str, int, int | None], None]:
        """A callback for the progress of the work on a model."""
        models = self._request.models
        name = f"{place + 1} of {len(models)}, {models[place][0].name}"
        return lambda what, done, whole: self._tell(f"{name}: {what}", done, whole)

    def _tell(self, doing: str, done: int, whole: int | None) -> None:
        if self._is_stale():
            raise Cancelled
        now = time.monotonic()
        if doing != self._doing or now >= self._next:
            self._doing, self._next = doing, now + _PERIOD
            self._post(Working(self._request.number, progress(doing, done, whole)))
