"""The samples of a run: what the model wrote from the same prompt at each evaluation."""

from bisect import bisect_left
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widgets import Static

from lstmterm.runs.events import Sampled
from lstmterm.ui.widgets.clipboard import copy
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.plain import plain_lines
from lstmterm.visible import visible_lines

_SHARE = "share_16"  # the share of a sample's windows of 16 characters that occur in the training text


class Timeline(VerticalScroll):
    """One sample at a time; follows the newest until the user steps back."""

    EMPTY = "At each evaluation the model writes from the same prompt; ← and → step through the samples."
    TITLE = "Samples"

    BINDINGS = [
        key("left", "step(-1)", "Earlier", "timeline.earlier", "The sample of the evaluation before"),
        key("right", "step(1)", "Later", "timeline.later", "The sample of the next evaluation"),
        key("home", "jump(0)", "First", "timeline.first", "The first sample", show=False),
        key("end", "jump(-1)", "Newest", "timeline.newest", "The newest sample, also when there is another"),
        key("y", "copy", "Copy", "timeline.copy", "Copy the sample to the clipboard"),
        key("i", "inspect", "Inspect", "timeline.inspect", "See where the sample surprises the model"),
    ]

    @dataclass
    class Inspected(Message):
        """The user wants to see where a sample surprises the model of its run."""

        run: str
        text: str

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._samples: list[Sampled] = []
        self._chosen: int | None = None  # None follows the newest
        self._run = ""

    def compose(self) -> ComposeResult:
        yield Static(id="sample")

    def on_mount(self) -> None:
        self._draw()

    def show(self, run: str, samples: list[Sampled]) -> None:
        """Show the samples of a run; called again whenever there are more, or some were left out."""
        if run != self._run:
            self._run, self._chosen = run, None
        elif samples == self._samples:
            return
        if self._chosen is not None:
            step = self._samples[self._chosen].step
            later = bisect_left([sample.step for sample in samples], step)
            self._chosen = later if later < len(samples) else None
        self._samples = list(samples)
        self._draw()

    @property
    def position(self) -> int:
        """The index of the sample that is shown."""
        return len(self._samples) - 1 if self._chosen is None else self._chosen

    def _draw(self) -> None:
        text = self.query_one("#sample", Static)
        self.set_class(not self._samples, "-empty")
        if not self._samples:
            self.border_title, self.border_subtitle = self.TITLE, ""
            text.update(Content(self.EMPTY))
            return
        sample = self._samples[self.position]
        self.border_title = f"{self.TITLE} · step {sample.step:,}"
        said = ""
        longest, share = (sample.copied.get(name, nan) for name in ("longest", _SHARE))
        if isfinite(longest) and isfinite(share):  # runs of older versions do not know
            said = f" · {share:.0%} copied, longest {longest:.0f}"
        elif isfinite(longest):
            said = f" · longest copy {longest:.0f} characters"
        self.border_subtitle = Content.assemble(
            self._arrow("◂", -1, self.position > 0),
            f" {self.position + 1} of {len(self._samples)} ",
            self._arrow("▸", 1, self.position < len(self._samples) - 1),
            said,
        )
        text.update(self.shown(sample))

    def _arrow(self, arrow: str, by: int, possible: bool) -> Content:
        """A sign on the border that steps to another sample when it is clicked, while there is one."""
        return Content.styled(arrow, Style.from_meta({"@click": f"step({by})"})) if possible else Content(" ")

    def shown(self, sample: Sampled) -> Content:
        """A sample as it is drawn: the prompt, then what the model wrote, underlined where it is copied."""
        text = plain_lines(sample.text)
        for start, end in (stretch for stretch in sample.stretches if len(stretch) == 2):
            if 0 <= start < end <= len(sample.text):
                text = text.stylize("underline", start, end)
        return Content.assemble((visible_lines(sample.prompt), "bold $accent"), text)

    def action_step(self, by: int) -> None:
        """Show the sample `by` places later."""
        if not self._samples:
            return
        target = min(max(self.position + by, 0), len(self._samples) - 1)
        self._chosen = None if target == len(self._samples) - 1 else target
        self._draw()

    def action_jump(self, target: int) -> None:
        """Show the first sample (0) or the newest (-1)."""
        self._chosen = None if target < 0 or not self._samples else 0
        self._draw()

    def action_inspect(self) -> None:
        if self._samples:
            sample = self._samples[self.position]
            self.post_message(self.Inspected(self._run, sample.prompt + sample.text))

    def action_copy(self) -> None:
        if self._samples:
            sample = self._samples[self.position]
            copy(self.app, sample.prompt + sample.text, "the sample")
