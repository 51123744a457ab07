"""Talking with a model in the Generate tab: the user is one speaker of its text, the model another.

A dialogue is a draft. What the user says is a stretch that is typed, with the names around it; an answer is a stretch
that the model writes, up to the next turn. So it has branches, undo and commands as any other text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from textual import on, work
from textual.content import Content
from textual.message import Message
from textual.widgets import Label, Static

from lstmterm.corpora import turns as patterns
from lstmterm.corpora.scene import Scene
from lstmterm.corpora.turns import Turns
from lstmterm.errors import error_of
from lstmterm.infer import dialogue, speakers
from lstmterm.spec.knobs import typed
from lstmterm.ui.generate.draft_page import PlaceShown
from lstmterm.ui.generate.models_panel import HINT, ModelsPanel
from lstmterm.ui.generate.prompt_area import SAY, SPEAKERS_MISSING, PromptArea, placeholder
from lstmterm.ui.generate.talk_bar import PatternQuestion, SpeakerPicker, TalkBar
from lstmterm.ui.generate.writer import ModelLoaded, PageSettings, WriterIdle, WritingFailed
from lstmterm.ui.generate.writing_page import WritingPage
from lstmterm.ui.messages import on_screen
from lstmterm.ui.services import Services
from lstmterm.visible import shorten

_OVERHEARD = 100  # turns for which both speak on, unless they are stopped
_LONGEST = 20  # columns of a name beside the prompt
_HINT = (
    "Say something and press Enter.\n\nThe model answers as its speaker.\n"
    "Enter on an empty line lets it speak.\n{write.speak_on:alt+l} lets both speak; {write.end_talk:escape} ends the talk."
)
_BEFORE = "You will be one speaker of the model's text, and the model another.\n\n{write.end_talk:escape} ends the talk."
_ADVICE = "Press 'Turns' to say what a turn looks like."


@dataclass
class SpeakersFound(Message):
    """Who speaks in what a model writes; `turns` is None if nobody does, or if the model cannot be read."""

    model: str
    pattern: str
    turns: Turns | None
    readable: bool = True


class TalkPanel(ModelsPanel):
    """The base of the Generate tab in which the user may talk with the model of the first page.

    Beside it, the second page answers the same words with its own model.
    """

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.talking = False
        self.scene: Scene | None = None  # who speaks; None while that is not known
        self._speaker = ""  # whose turn is written, or was last
        self._names = "", ""  # the user's and the model's speaker, as chosen last
        self._pattern = ""  # as it was typed; empty: found in what the model writes
        self._looked_at: tuple[str, str] | None = (
            None  # the model and the pattern of which it is known who speaks
        )
        self._searched: tuple[str, str] | None = None  # those that are being looked at
        self._begins = False  # whether the talk begins where the prompts left off
        self._once_found: Callable[[], object] | None = None
        self._overheard = 0  # turns for which both still speak on
        self._settings: Sequence[PageSettings] = ()  # of the pages, as they are in the form

    def on_mount(self) -> None:
        talk = self.services.session.talk
        self._names = talk.get("me", ""), talk.get("you", "")
        self._pattern = "" if error_of(patterns.parsed, talk.get("turn", "")) else talk["turn"]
        self.talking = bool(talk.get("on"))
        self._show_talk()

    @property
    def overhears(self) -> bool:
        """Whether both speak on."""
        return bool(self._overheard)

    @property
    def remembered_talk(self) -> dict[str, str]:
        """Whether the user talks, who speaks, and how turns look, for the next start."""
        me, you = self._names
        talk = {"on": "yes" if self.talking else "", "me": me, "you": you, "turn": self._pattern}
        return {name: value for name, value in talk.items() if value}

    # --- who speaks -----------------------------------------------------------------------------------

    def action_end_talk(self) -> None:
        if self.talking:
            self.action_talk()

    def action_talk(self) -> None:
        """Begin to talk with the model, or end it; the text stays as it is."""
        self.talking = self._begins = not self.talking
        if self.talking:
            self._find()
            if self.scene is not None:
                self._play(self._begun(self.scene))
        else:
            self._once_found = None
            self.once_idle(self._steer)
        self._show_talk()

    @property
    def _wanted(self) -> tuple[str, str]:
        return self.pages[0].writer.reference, self._pattern

    def _find(self, *, again: bool = False) -> None:
        """Find who speaks in what the model writes, unless that is known; `again` if nobody did."""
        known = self._looked_at == self._wanted and not (again and self.scene is None)
        if known or self._searched == self._wanted or not self._wanted[0]:
            return
        self._searched, self.scene = self._wanted, None
        self._find_speakers(*self._wanted)

    @work(thread=True, group="speakers")
    def _find_speakers(self, model: str, pattern: str) -> None:
        read, found = self.pages[0].writer.newest(), None
        if read is not None:
            lstm, card = read
            found = speakers.turns_of(lstm, card.vocabulary, patterns.parsed(pattern) if pattern else None)
        self.post_message(SpeakersFound(model, pattern, found, read is not None))

    def on_speakers_found(self, message: SpeakersFound) -> None:
        self._searched = None
        if (message.model, message.pattern) != self._wanted:
            return self._find()
        before, self._looked_at = self._looked_at, self._wanted if message.readable else None
        if message.turns is not None:
            turns = message.turns
            known = (turns.found(name) or "" for name in self._names)
            scene = Scene(turns, *(self._names if before is None and turns.named else known)).filled()
            self._play(self._begun(scene))
        self._show_talk()
        step, self._once_found = self._once_found, None
        if step is not None and self.scene is not None:
            step()

    def _begun(self, scene: Scene) -> Scene:
        """A talk that begins continues the last prompts: the model stays whom it was asked to write as."""
        if not self._begins:
            return scene
        self._begins = False
        tree = self.pages[0].draft.tree
        stretches = (tree.stretches[piece.stretch] for piece in tree.pieces())
        return scene.after([stretch.text for stretch in stretches if stretch.origin.made == "typed"])

    def on_model_loaded(self, message: ModelLoaded) -> None:
        if self.talking and message.page == 0:
            self._find(again=True)
            self._show_talk()

    def _play(self, scene: Scene) -> None:
        before = [] if self.scene is None else self.scene.unknown
        self.scene, self._names, self._speaker = scene, (scene.me, scene.you), scene.you
        for name in scene.unknown:
            if name not in before:
                self.services.notify(scene.turns.not_found(name), "warning")
        self._steer()
        self._show_talk()

    def choose_speakers(self, me: str = "", you: str = "") -> None:
        """Be a speaker, and let the model be one. Raises `InputError` for what is not a name."""
        if (scene := self.scene) is not None:
            scene = scene.being(me) if me else scene
            self._play(scene.meeting(you) if you else scene)

    @on(TalkBar.Asked)
    def _asked(self, event: TalkBar.Asked) -> None:
        event.stop()
        if event.what == "on":
            self.action_speak_on()
        elif event.what == "turn":
            self._ask_pattern()
        elif self.scene is not None:
            self._ask_speaker(self.scene, event.what == "me")
        elif self._looked_at == self._wanted:
            self._ask_pattern()  # it finds the names to choose from
        else:
            self.services.notify(self._missing, "warning")

    @work
    async def _ask_speaker(self, scene: Scene, is_me: bool) -> None:
        title, chosen = ("Who are you?", scene.me) if is_me else ("Who is the model?", scene.you)
        name = await self.app.push_screen_wait(SpeakerPicker(title, scene.turns, chosen))
        if name is not None and self.scene is scene:
            with self.services.reporting():
                self.choose_speakers(**{"me" if is_me else "you": name})
        self.focus_first()

    @work
    async def _ask_pattern(self) -> None:
        found = "" if self.scene is None else typed(self.scene.turns.pattern)
        answer = await self.app.push_screen_wait(PatternQuestion(self._pattern or found))
        if answer is not None and answer != found:
            self._pattern = answer
            self._find()
            self._show_talk()
        self.focus_first()

    # --- what is said ---------------------------------------------------------------------------------

    @property
    def _missing(self) -> str:
        """Why nobody can speak now; empty if both can."""
        if self._searched is not None:
            return "Finding the speakers in what the model writes; one moment."
        if self._looked_at != self._wanted:
            return "The model is still loading."
        if self.scene is None:
            return f"{speakers.none_found(self.pages[0].model)} {_ADVICE}"
        if not (self.scene.me and self.scene.you):
            return "Choose who speaks, below."
        return ""

    def cannot_write(self) -> bool:
        if super().cannot_write():
            return True
        if self.talking and self._missing:
            self._show_talk()  # another model may be loading
        return self.talking and bool(self._missing)

    def steer(self, settings: Sequence[PageSettings]) -> None:
        """Write with these settings from now on; while the user talks, up to the end of a turn."""
        self._settings = settings
        self._steer()

    def _steer(self) -> None:
        for page, settings in zip(self.pages, self._settings, strict=False):
            page.set_settings(self._steered(settings))

    def _steered(self, settings: PageSettings) -> PageSettings:
        if not self.talking or self.scene is None:
            return settings
        generation = dialogue.answering(settings.generation, self.scene, self._speaker)
        return replace(settings, generation=generation)

    def add_prompt(self, page: WritingPage, prompt: str) -> None:
        if self.talking and self.scene is not None:
            self._open_turn(page, self.scene, self.scene.you, prompt)
        else:
            super().add_prompt(page, prompt)

    def _open_turn(self, page: WritingPage, scene: Scene, name: str, words: str = "") -> None:
        """Add what the user says, if anything, and the beginning of a turn of the model."""
        self._speaker = name
        self._steer()
        text = page.draft.tree.text()
        kept, added = scene.continued(text, name, words)
        if added:
            page.add(added, position=None if kept == len(text) else kept)
        elif kept < len(text):
            page.go(page.draft.tree.place_at(kept))

    def _retry(self, same_seed: bool) -> None:
        page = self.pages[0]
        if self.scene is not None and page.retried is not None:
            self._speaker = self.scene.last(page.draft.tree.text(page.retried)) or self.scene.you
            self._steer()
        super()._retry(same_seed)

    # --- both speak on --------------------------------------------------------------------------------

    def action_speak_on(self) -> None:
        """Let both speak, and listen; or stop them."""
        if self._overheard:
            self.action_stop()
        elif not self.talking:
            self.action_talk()
            if self._missing:
                self._once_found = self.action_speak_on
            else:
                self.action_speak_on()
        elif not self.cannot_write():
            self._chosen = True
            self.once_idle(self._begin_overhearing)

    def _begin_overhearing(self) -> None:
        self._overheard = _OVERHEARD
        self._overhear()

    def _overhear(self) -> None:
        """Let the next one of both speak."""
        self._overheard -= 1
        scene, pages = self.scene, self.shown
        if scene is None or self._missing:
            self._overheard = 0
            return
        name, settings = scene.following(pages[0].draft.tree.text()), pages[0].writer.settings
        seed, pinned = settings.new_seed(), settings.generation.seed is not None
        seed += (_OVERHEARD - 1 - self._overheard) * pinned  # a pinned one is that of the first turn
        for page in pages:
            self._open_turn(page, scene, name)
            page.write(seed)
        self._show_talk()

    def on_writer_idle(self, message: WriterIdle) -> None:
        if self._overheard and not self.busy:
            self._overhear()
        else:
            self._show_talk()

    def on_writing_failed(self, message: WritingFailed) -> None:
        self._overheard = 0

    def once_idle(self, step: Callable[[], object]) -> None:
        self._overheard = 0
        super().once_idle(step)

    def action_stop(self) -> None:
        self._overheard = 0
        super().action_stop()
        self._show_talk()

    # --- what is shown --------------------------------------------------------------------------------

    def set_hint(self, text: str) -> None:
        talk = _BEFORE if self._missing else _HINT
        super().set_hint(talk if self.talking and text == HINT else text)

    def _show_talk(self) -> None:
        """Show who speaks above the prompt and beside it, while the user talks."""
        missing = self._missing if self.talking else ""
        if self.pages[0].model:
            self.set_hint(HINT)
        self.set_class(self.talking, "-talking")
        self.set_class(bool(missing), "-missing")
        self.query_one("#talk-missing", Static).update(Content(on_screen(missing)))
        self.refresh_bindings()
        scene = self.scene if self.talking and not missing else None
        self._show_placeholder()
        self.query_one(TalkBar).show(self.scene, self.overhears)
        self.query_one("#speaker", Label).update(Content(shorten(scene.me, _LONGEST) if scene else ""))

    def on_place_shown(self, message: PlaceShown) -> None:
        self._show_placeholder()

    def _show_placeholder(self) -> None:
        if not self.talking:
            said = placeholder("" if self.busy else self.pages[0].draft.tree.text())
        else:
            said = SPEAKERS_MISSING if self._missing else SAY
        self.query_one(PromptArea).placeholder = Content(said)
