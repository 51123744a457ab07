"""Text that attacks a terminal: sequences of every kind, and a home whose every part holds them.

The kinds are those of published attacks: titles, clipboard, hyperlinks, files and downloads, reports that
type an answer into the shell, redefined keys, modes, colours, character sets, resets, resizing, graphics,
notifications, and text that is hidden, overwritten or reordered.
"""

import dataclasses
import json
import re
from pathlib import Path

from lstmterm import paths
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.runs import events
from tests.character_models import TorchModel
from tests.ui.journals import NOW, learning, write
from tests.ui.tagger_models import keep_tagger

MARK = "7777"  # in the parameters, so that a sequence is not mistaken for one of our own
BEFORE = "⟪"  # before each attack
_ENDS = ("\x07", "\x1b\\", "\x9c", "")
_OSC = (
    "0;PWN", "1;PWN", "2;PWN", "4;1;rgb:ff/00/00", "5;0;?", "6;1;bg;red;brightness;9", "7;file://evil/", "8;;http://evil/",
    "8;id=1;file:///etc/passwd", "9;PWN", "9;4;1;50", "10;?", "11;?", "12;red", "13;?", "17;#ff0000", "22;wait", "50;#1",
    "52;c;UFdO", "52;p;?", "99;i=1;PWN", "104", "110", "112", "133;A", "133;C", "555;", "633;E;id", "701;UTF-8", "777;notify;P;WN",
    "1337;File=inline=1:AAAA", "1337;SetUserVar=a=b", "1337;CursorShape=1", "1337;ClearScrollback", "1337;Copy=:UFdO", "5522;type=read",
)  # fmt: skip
_STRINGS = (
    "\x1bP$q", "\x1bP+q544e", "\x1bP+p", "\x1bP1$r0m", "\x1bP0;1|17/0a", "\x1bPq#0;2;0;0;0~", "\x1bPtmux;\x1b\x1b]0;", "\x1b_Ga=T,f=24;",
    "\x1b_Ga=q;", "\x1b^pm", "\x1bXsos", "\x90+q", "\x9fGa=T;", "\x9epm", "\x98sos", "\x1bk",
)  # fmt: skip
_CSI_FINALS = "@ABCDEFGHIJKLMPSTXZ`abcdefghijklmnqrstux"
_CSI = (
    "?{}h", "?{}l", "?47;{}h", "?1049;{}h", "?1000;{}h", "?2004;{}h", "?25;{}l", ">{}u", "<{}u", "={};1u", "?{}n", "6;{}n", ">0;{}c",
    "={}c", "21;{}t", "22;{}t", "3;{};1t", "8;9;{}t", "4;{};9t", "?{}$p", "{} q", "{}$r", "{}$x", "{}$z", "{}*y", "{}'z", "!p{}", '{}"p',
    '{}"q', "?{}S", "?{}J", "?{}K", ">{}m", ">4;{}m", "38;2;1;2;{}m", "8;{}m", "5;{}m", "{}#|", "{}+p", "?69;{}h", "?7;{}l", "?2026;{}h",
)  # fmt: skip
_ESCAPES = "cDEHMNOVWZ6789=>FGlmno|}~"
_OTHERS = (
    "\x1b#8", "\x1b%G", "\x1b%@", "\x1b(0", "\x1b)B", "\x1b*A", "\x1b+0", "\x1b F", "\x1b G", "\x1b#3", "\x1b[20t", "\x1b]", "\x1b[",
    "\x1b", "\x1b\x1b[2J", "\x1b[3\x0831m", "abc\rxyz", "abc\b\b\bxyz", "\x0e\x0f", "\x05", "\x85", "\x84", "\x88", "\x8d", "\x8e", "\x8f",
    "\u202egnp.exe", "\u2066a\u2067b\u2069", "\u200f\u061c\u200e", "\U000e0041\U000e0042\U000e007f", "\ufeff", "\u2028\u2029", "\x1bc\x1b[!p",
)  # fmt: skip


def attacks() -> list[str]:
    """All attacks; over 300 sequences, then every C0 and C1 control character and DEL."""
    found = [f"\x1b]{body}{MARK}{end}" for body in _OSC for end in _ENDS[: 4 if body < "2" else 2]]
    found += [f"\x9d{body}{MARK}\x9c" for body in _OSC[::3]]
    found += [f"{start}{MARK}{end}" for start in _STRINGS for end in _ENDS[1:3]]
    found += [f"{csi}{MARK}{final}" for csi in ("\x1b[", "\x9b") for final in _CSI_FINALS]
    found += [f"\x1b[{form.format(MARK)}" for form in _CSI]
    found += [f"\x1b{final}" for final in _ESCAPES]
    found += _OTHERS
    assert len(set(found)) >= 300, len(set(found))
    return found + [chr(code) for code in (*range(32), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"]


ATTACKS = attacks()
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)|.)?", re.DOTALL)
_CONTROL = re.compile("[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_OURS = re.compile(  # what rich and Textual write: colours, modes, moving the cursor, clearing, asking for modes
    r"\x1b\[(?:[0-9;:]*m|\?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]|\?(?:2026|2048)\$p"
    r"|[0-9;]*[ABCDHJK]|>25u|<u|\?1;2c)|\x1b\]22;[a-z]*(?:\x07|\x1b\\)"
)


def foreign(raw: bytes, after_mark: bool = True) -> str:
    """The first control sequence in a terminal's output that is not of the program; empty if there is none.

    `after_mark`: whether one right after `BEFORE` counts, which a screen's own may come after.
    """
    text = raw.decode("utf-8")  # and no byte that is not UTF-8
    for found in _SEQUENCE.finditer(text):
        ours = _OURS.fullmatch(found[0]) is not None and MARK not in found[0]
        # A style ends before a line is folded, also right after the mark.
        attacked = after_mark and text[: found.start()].endswith(BEFORE) and not found[0].endswith("[0m")
        if not ours or attacked:
            return repr(text[max(found.start() - 20, 0) : found.end() + 20])
    if control := _CONTROL.search(_SEQUENCE.sub("", text)):
        return repr(control[0])
    return ""


def hostile_text(start: int) -> str:
    """All attacks in a row, from number `start` on."""
    return "".join(
        f"{BEFORE}{attack}[/][@click=app.quit]x[/]" for attack in ATTACKS[start:] + ATTACKS[:start]
    )


def one_line(text: str, most: int = 60) -> str:
    """The beginning of a text as it can be a file's name."""
    return re.sub("[/\x00\n]", "", text)[:most].encode("utf-8", "replace")[:200].decode("utf-8", "ignore")


def hostile_home(start: int, folder: Path) -> None:
    """Runs, models, taggers and texts in `LSTMTERM_HOME` and `folder` whose every string attacks."""
    text = hostile_text(start)
    journal = learning(done=0.2)
    begun = journal[0]
    assert isinstance(begun, events.Started)
    strings = dict.fromkeys(("model", "corpus", "device", "precision", "summary"), text)
    baselines = {f"{BEFORE}{attack}": 3.0 + i / 1000 for i, attack in enumerate(ATTACKS[start : start + 9])}
    journal[0] = dataclasses.replace(begun, **strings, baselines=baselines)
    journal += [
        events.Evaluated(step=1900, time=NOW, val_loss=2.0, train_loss=2.0, best=True, metrics={text: 1.0}),
        events.Sampled(step=1900, time=NOW, prompt=text, text=text, seed=1, temperature=1),
        events.Warned(step=1900, time=NOW, message=text),
        events.Failed(step=1900, time=NOW, message=text),
    ]
    for run in ("20250131-142230-hostile", "20250131-142231-[red]x[@click=app.quit]"):
        write(paths.runs() / run, journal)
        spec = {"task": "charlm", "name": text, "text": {"name": text, "source": text}}
        (paths.runs() / run / "spec.json").write_text(json.dumps(spec))
        (paths.runs() / run / "log").write_text(text)
    about = {
        "corpus": {"name": text, "source": text, "sha256": text},
        "versions": {text: text},
        "created": text,
    }
    about |= {"metrics": {text: 1.5, "val_loss": 1.5}, "adapted": {"from": text, "text": text}}
    letters = Vocabulary("".join(sorted({*text, "\n"})))
    TorchModel(hidden=8, embedding=4, vocabulary=letters).publish("hostile", **about)
    tags = {
        word: f"{BEFORE}{a}"
        for word, a in zip(["the", "tide", "a", "sea", "of", "us"], ATTACKS[start:], strict=False)
    }
    keep_tagger("hostile-tagger", tags, **about)
    (folder / "text.txt").write_text(text.replace("\x00", "") * 3, "utf-8")
    (folder / f"{one_line(text)}.txt").write_text("Some text. " * 300)
    sentence = "the tide a sea of us " + text.replace("\x00", "")
    (folder / "sentences.txt").write_text(sentence, "utf-8")
    rows = "".join(
        f"{i + 1}\tthe\tthe\t{BEFORE}{a}\t_\t_\t0\t_\t_\t_\n"
        for i, a in enumerate(ATTACKS)
        if not a.isprintable() and not set("\r\n\t\x00\x1c\x1d\x1e\x85\u2028\u2029\x0b\x0c") & set(a)
    )
    (folder / "gold.conllu").write_text(rows + "\n", "utf-8")
