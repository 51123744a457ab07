"""One line on what a run uses of this machine, what other programs use, and how fast it is for it.

Once a second, while it is on the screen, a thread looks at the process that trains, which may have been started in
another terminal. Figures of a GPU come from the run's own events: the screen never asks the GPU.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual import work
from textual.content import Content
from textual.message import Message

from lstmterm.amounts import size
from lstmterm.runs import storage
from lstmterm.ui.widgets.plain import Line

if TYPE_CHECKING:
    from lstmterm.planning.load import Load, Observer
    from lstmterm.runs.progress import Progress

_EVERY = 1.0  # seconds between looks
_SLOW = 0.8  # of the best speed: worth noticing
# How to say which share of the cores other programs use, up to a limit.
_SHARES = ((0.15, ""), (0.3, "a quarter of"), (0.42, "a third of"), (0.6, "half"), (0.85, "most of"))
_DIM, _PLAIN, _NOTICED = "$foreground 70%", "$foreground", "$warning"


@dataclass(frozen=True)
class Part:
    """A part of the line, and its place among those that stay when there is too little room: 0 stays longest."""

    rank: int
    text: str
    style: str = _DIM
    short: str = ""  # what it may be shortened to before it is left out


class MachineStrip(Line):
    """The line. `follow` says which run it is about."""

    @dataclass
    class Looked(Message):
        """What a look found about a run."""

        run: str
        load: Load | None

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._run: str | None = None
        self._progress: Progress | None = None
        self._load: Load | None = None
        self._observer: Observer | None = None

    def on_mount(self) -> None:
        self.set_interval(_EVERY, self._look)

    def follow(self, run: str | None, progress: Progress | None) -> None:
        """Show the machine as this run, which is running, uses it; nothing for None."""
        is_new = run != self._run
        self._run, self._progress = run, progress
        if is_new:
            self._load = self._observer = None
            self._look()
        self._draw()

    def _look(self) -> None:
        if self._run is not None and all(node.display for node in self.ancestors_with_self):
            self._look_in_thread(self._run)
        else:
            self._observer = None  # its next look would be about the time in between

    @work(thread=True, exclusive=True, group="machine")
    def _look_in_thread(self, run: str) -> None:
        from lstmterm.planning.load import Observer

        pid = storage.run_of(run).writer()
        observer = self._observer
        if pid is not None and (observer is None or observer.pid != pid):
            observer = self._observer = Observer(pid)
        load = observer.look() if pid is not None and observer is not None else None
        self.post_message(self.Looked(run, load))

    def on_machine_strip_looked(self, message: Looked) -> None:
        message.stop()
        if message.run == self._run:
            self._load = message.load
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        parts = parts_of(self._load, self._progress) if self._run is not None else []
        self.set_text(fitting(parts, self.size.width))


def parts_of(load: Load | None, progress: Progress | None) -> list[Part]:
    """What is known of the machine, in the order in which it is shown."""
    parts: list[Part] = []
    if load is not None and load.run is not None:
        parts.append(Part(0, f"CPU {load.run:.0%}"))
        if load.others is not None:
            parts.append(Part(2, f"others {load.others:.0%}"))
    share = progress.recent_speed.share if progress is not None else None
    if share is not None:
        parts.append(Part(1, f"{share:.0%} of its best speed", _NOTICED if share < _SLOW else _PLAIN))
    if load is not None and load.others is not None and (taken := _taken(load.others)):
        parts.append(Part(5, taken, _NOTICED))
    if load is not None:
        parts.append(_memory(4, "memory", load.run_memory, load.used_memory, load.memory))
    if progress is not None and (gpu := progress.occupied) is not None:
        parts.append(_memory(3, "GPU memory", gpu.run, gpu.used, gpu.memory))
    return parts


def _memory(rank: int, name: str, run: int | None, used: int, memory: int) -> Part:
    """The bytes that the run uses, if that is known, those that all programs use, and all that there are."""
    everything = f"{size(used)} of {size(memory)}"
    if run is None:
        return Part(rank, f"{name} {everything}")
    return Part(rank, f"{name} {size(run)}, all {everything}", short=f"{name} {size(run)}")


def fitting(parts: list[Part], width: int) -> Content:
    """As many parts as fit into `width` columns, some of them shortened."""
    kept = [*parts]
    while kept and len(_joined(kept)) > width:
        last = max(range(len(kept)), key=lambda i: kept[i].rank)
        part = kept[last]
        kept[last : last + 1] = [replace(part, text=part.short, short="")] if part.short else []
    return _joined(kept)


def _joined(parts: list[Part]) -> Content:
    return Content(" · ").join(Content.styled(part.text, part.style) for part in parts)


def _taken(others: float) -> str:
    """How much of the cores other programs use, in words; empty for little."""
    which = next((words for limit, words in _SHARES if others < limit), "almost all of")
    return f"other programs use {which} the cores" if which else ""
