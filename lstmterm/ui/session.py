"""What was in the screen when it was last used, for its next start: a small file, written as it changes.

Of several screens that are open at once, the one that wrote last is restored.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from lstmterm import atomic, paths, plain_data
from lstmterm.errors import RunError
from lstmterm.plain_data import Damaged

FORMAT = 1
_LARGEST = 8_000_000  # bytes
_MOST_PROMPTS = 200
_LONGEST_PROMPTS = 200_000  # characters of all prompts that were sent together
_LONGEST_UNSENT = 1_000_000  # characters of the prompt that was not


@dataclass(frozen=True)
class Session:
    """The tab, what is in the forms of new models, and what is in Generate; each page of it has a model and a draft, empty for none."""

    tab: str = ""
    comparing: bool = False
    models: tuple[str, ...] = ()
    drafts: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)  # what is in the fields, by their names
    prompts: tuple[str, ...] = ()  # the last is the newest
    unsent: str = ""  # the prompt that is being typed
    held: tuple[tuple[str, ...], ...] = ()  # the hidden units of each page, as `held_unit.stored` gives them
    talk: Mapping[str, str] = field(default_factory=dict)  # of a dialogue, as `TalkPanel` keeps it
    train: Mapping[str, str] = field(default_factory=dict)  # a form's text, time and knobs, by their names
    train_tagger: Mapping[str, str] = field(default_factory=dict)
    colours: str = ""  # by what the texts are coloured; empty: they are not


def load() -> Session:
    """The last session; an empty one if there is none. Raises `RunError` for a file that is damaged or foreign."""
    path = paths.session()
    try:
        values = plain_data.read(path, _LARGEST)
        with plain_data.naming(path):
            if values.get("lstmterm") != "session":
                raise Damaged("is not a session")
            if values.get("format") != FORMAT:
                shown = plain_data.shown(values.get("format"))
                raise Damaged(f"has format {shown}; this version reads {FORMAT}")
            return plain_data.restored(Session, values)
    except FileNotFoundError:
        return Session()
    except Damaged as error:
        raise RunError(f"The last session cannot be restored: {error}. It is written anew.") from None


def save(session: Session) -> None:
    """Write a session, its newest prompts, and an unsent one unless it is a book. Raises `WriteError`."""
    unsent = session.unsent if len(session.unsent) <= _LONGEST_UNSENT else ""
    values = dataclasses.asdict(session) | {"prompts": newest(session.prompts), "unsent": unsent}
    atomic.write_text(
        paths.session(), json.dumps({"lstmterm": "session", "format": FORMAT, **values}, indent=1) + "\n"
    )


def newest(prompts: tuple[str, ...]) -> tuple[str, ...]:
    """The last prompts that are not too many or too long together."""
    kept, left = list[str](), _LONGEST_PROMPTS
    for prompt in reversed(prompts[-_MOST_PROMPTS:]):
        left -= len(prompt)
        if left < 0:
            break
        kept.append(prompt)
    return tuple(reversed(kept))
