"""The line below tagged words: the signs, what they mean, and how many there are."""

from collections.abc import Sequence

from textual.content import Content

from lstmterm.ui.tagger.gloss import CORRECTED, UNKNOWN, UNSURE, TaggedToken
from lstmterm.ui.widgets.plain import Line
from lstmterm.visible import shorten

_DIM = "$foreground 70%"


class Legend(Line):
    """The signs of the tokens that are shown."""

    def show(self, tokens: Sequence[TaggedToken], unknown: str, cut: bool) -> None:
        """Describe these tokens. `unknown`: characters that the tagger does not know; `cut`: not all is shown."""
        counts = (
            (UNKNOWN, "unknown", 0 if unknown else sum(not t.known for t in tokens)),
            (UNSURE, "unsure", sum(t.unsure and not t.corrected for t in tokens)),
            (CORRECTED, "corrected", sum(t.corrected for t in tokens)),
        )
        parts: list[tuple[str, str]] = []
        if unknown:
            letters = shorten(" ".join(unknown[:12]), 30)
            parts.append((f"{UNKNOWN} it does not know {letters}  ", "$warning"))
        for sign, meaning, number in counts:
            if number:
                parts += [(f"{sign} {number} ", "bold $warning"), (f"{meaning}   ", _DIM)]
        if cut:
            parts.append(("The rest of the text is not shown; `lstmterm tag` takes whole files.", "$warning"))
        self.set_text(Content.assemble(*parts))
