"""Realistic journals of runs for tests, the same at every call.

`NOW` is the time of all of them: runs started shortly before it.
"""

import math
import random
from pathlib import Path

from lstmterm.runs import events
from lstmterm.runs.events import Event

NOW = 1_738_333_530.0  # 31 January 2025, 14:25:30 UTC
WORDS = [
    "harbour",
    "light",
    "tide",
    "rope",
    "the",
    "a",
    "of",
    "master",
    "lamp",
    "bell",
    "quay",
    "night",
    "salt",
    "wind",
    "said",
    "and",
    "no",
    "boat",
    "morning",
    "keeper",
    "gull",
    "stone",
    "captain",
    "never",
    "sea",
]


def learning(
    *,
    run: str = "20250131-142230-harbour",
    model: str = "harbour",
    corpus: str = "harbour",
    steps: int = 9800,
    done: float = 0.42,
    every: int = 12,
    began: float = NOW - 120.0,
    seed: int = 1,
    overfits: bool = False,
    ending: str = "",
) -> list[Event]:
    """The events of a run, up to the share `done`; `ending` is "", finished, stopped or failed."""
    chance = random.Random(seed)
    last = int(steps * done)
    pace = 46.0  # steps a second
    found: list[Event] = [
        events.Started(
            step=0,
            time=began,
            run=run,
            task="charlm",
            model=model,
            corpus=corpus,
            steps=steps,
            steps_per_epoch=1310.5,
            units_per_step=768,
            parameters=731_970,
            device="cpu",
            precision="bfloat16",
            threads=2,
            summary="1x384, batch 16 x 48",
            baselines={"unigram": 3.31, "bigram": 2.46, "trigram": 2.02},
        )
    ]
    best = math.inf
    for step in range(every, last + 1, every):
        time = began + 3 + step / pace
        ideal = 1.28 + 2.9 * math.exp(-step / 160) + 0.75 * math.exp(-step / 2100)
        found.append(
            events.Step(
                step=step,
                time=time,
                steps=every,
                loss=ideal + chance.gauss(0, 0.045),
                epoch=step / 1310.5,
                chars_per_second=70_000 + chance.gauss(0, 1500),
                learning_rate=2e-3 * min(step / 100, 0.5 + 0.5 * math.cos(math.pi * step / steps)),
                gradient_norm=abs(0.45 + chance.gauss(0, 0.08)),
            )
        )
        if step % (steps // 20 // every * every) == 0:
            val = ideal + 0.06 + (0.00009 * max(step - 3400, 0) if overfits else 0)
            found.append(
                events.Evaluated(step=step, time=time + 0.2, val_loss=val, train_loss=ideal, best=val < best)
            )
            if val < best:
                best = val
                found.append(events.Saved(step=step, time=time + 0.3, what="model", seconds=0.02))
            found.append(
                events.Sampled(
                    step=step,
                    time=time + 0.4,
                    prompt="The harbour",
                    text=_writing(chance, step / steps),
                    seed=1,
                    temperature=0.8,
                )
            )
    end = began + 4 + last / pace
    if ending == "finished":
        found.append(
            events.Finished(
                step=last,
                time=end,
                model=model,
                val_loss=best,
                val_loss_reset=best + 0.051,
                test_loss=best + 0.012,
                steps=last,
                epochs=last / 1310.5,
                seconds=end - began,
                chars_per_second=69_800.0,
                parameters=731_970,
            )
        )
    elif ending == "stopped":
        found.append(events.Stopped(step=last, time=end, reason="stopped by a signal"))
    elif ending == "failed":
        found.append(
            events.Failed(
                step=last,
                time=end,
                message="The loss was not finite three times; try a smaller learning rate than 0.5 (--lr).",
            )
        )
    return found


def _writing(chance: random.Random, skill: float) -> str:
    """Text that improves from random letters to words."""
    letters = "etaoin shrdlu\n"
    lines: list[str] = []
    for _ in range(7):
        words = []
        for _ in range(chance.randint(4, 9)):
            if chance.random() < 0.25 + 3 * skill:
                words.append(chance.choice(WORDS))
            else:
                words.append("".join(chance.choice(letters) for _ in range(chance.randint(2, 7))).strip())
        lines.append(" ".join(words))
    return ", ".join(lines[:1]) + "\n" + "\n".join(lines[1:])


def write(folder: Path, found: list[Event]) -> Path:
    """The events as a run's journal in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    journal = folder / "events.jsonl"
    journal.write_text("".join(events.to_json(e) + "\n" for e in found), encoding="utf-8")
    return journal
