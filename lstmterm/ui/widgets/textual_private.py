"""Everything of Textual that is not public and that the screen uses."""

import os
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from string import ascii_lowercase, digits
from typing import Any

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.drivers import linux_driver
from textual.events import Click, Key
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from lstmterm.visible import stand_ins

_PASTE_BEGINS, _PASTE_ENDS = "\x1b[200~", "\x1b[201~"


def all_bindings(screen: Screen) -> Iterator[tuple[DOMNode, str, Binding]]:
    """Every key of the focused widget, its ancestors and the application: its node, the key, its binding.

    `Screen.active_bindings` leaves out the keys whose action is not possible at the moment; help
    explains these, too. Keys that the settings change are included, which class attributes lack.
    """
    for node, bindings in screen._modal_binding_chain:
        for key, binding in bindings:
            yield node, key, binding


def shown_bindings(node: DOMNode) -> Iterator[tuple[Widget, Binding]]:
    """Every key of all widgets that are shown within a node, from the top; `all_bindings` only has the focused one's."""
    for child in node.children:
        if child.display:
            for _, binding in child._bindings:
                yield child, binding
            yield from shown_bindings(child)


def binding_of(node: DOMNode, key: str) -> Binding | None:
    """What a key is bound to in a node itself; None if it is not."""
    return next(iter(node._bindings.key_to_bindings.get(key, ())), None)


def clicked_option(event: Click) -> int | None:
    """The index of the option of an `OptionList` that was clicked; None if it was none."""
    return event.style.meta.get("option")


def write_to_terminal(app: App[Any], sequence: str) -> None:
    """Send the terminal an escape sequence between two frames. Textual's own, such as the bell, are fixed."""
    if app._driver is not None:
        app._driver.write(sequence)


def read_anything() -> None:
    """Let screens that are opened from now on read whatever the terminal sends.

    Bytes that are not UTF-8, as of a Latin-1 text that is pasted, would end the screen: they become U+FFFD.
    What is pasted is text, all of it. The drivers make their decoders and parsers themselves; there is no other
    way to choose them.
    """
    drivers = [linux_driver]
    if "TEXTUAL_DRIVER" in os.environ:  # `textual serve`
        from textual.drivers import web_driver

        drivers.append(web_driver)
    for driver in drivers:
        setattr(driver, getincrementaldecoder.__name__, _replacing_decoder)
        setattr(driver, XTermParser.__name__, PasteParser)


def _replacing_decoder(encoding: str) -> Callable[[], IncrementalDecoder]:
    return partial(getincrementaldecoder(encoding), "replace")


class PasteParser(XTermParser):
    """Textual's parser of what the terminal sends, for texts with ESC in them, and for alt and a letter.

    Textual takes ESC within a pasted text for the beginning of a key, and what follows it for keys: a ^q
    among them would quit. Here it is read as its stand-in, so that `originals` gives the text back.

    Terminals send alt and a letter or a digit as ESC and the character. Textual waits a tenth of a second for more, and if another
    key comes meanwhile, it takes both for text: alt+z, held down, would type ^z. Here it is a key at once.
    """

    def __init__(self, debug: bool = False) -> None:
        self._is_pasting = False
        self._before = ""  # what was read last: the beginning of a paste may be cut in two
        self._held = ""  # of a paste: what may begin its end
        super().__init__(debug)

    def feed(self, data: str) -> Iterable[Message]:
        if data and not (data := "".join(self._parts(data))):
            return ()  # to Textual, no data means the end
        return super().feed(data)

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        found = list(super()._sequence_to_key_events(sequence, alt))
        if len(sequence) == 2 and sequence[0] == "\x1b":
            known = found and sequence[1] not in digits  # a digit is what a Mac's keyboard writes with alt
            if not known and sequence[1] in ascii_lowercase + digits:
                return super()._sequence_to_key_events(sequence[1], alt=True)
        return found

    def _parts(self, data: str) -> Iterator[str]:
        """`data` in parts, without ESC in what is pasted."""
        while data:
            if not self._is_pasting:
                found = (self._before + data).find(_PASTE_BEGINS)
                self._is_pasting = found >= 0
                cut = found + len(_PASTE_BEGINS) - len(self._before) if self._is_pasting else len(data)
                self._before = "" if self._is_pasting else (self._before + data)[1 - len(_PASTE_BEGINS) :]
                yield data[:cut]
                data = data[cut:]
                continue
            pasted, end, data = (self._held + data).partition(_PASTE_ENDS)
            self._is_pasting = not end
            self._held = "" if end else _beginning_of_end(pasted)
            yield pasted.removesuffix(self._held).replace("\x1b", stand_ins("\x1b")) + end


def _beginning_of_end(pasted: str) -> str:
    """The end of `pasted` that may be a part of the sequence that ends a paste."""
    lengths = range(len(_PASTE_ENDS) - 1, 0, -1)
    return next((_PASTE_ENDS[:n] for n in lengths if pasted.endswith(_PASTE_ENDS[:n])), "")
