"""Two examples of every command, as its `--help`, the manual page and the documentation show them.

`tests/cli/test_recommendations.py` runs each of them.
"""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "": ("lstmterm train harbour --minutes 1", "lstmterm generate shakespeare --length 400"),
    "train": (
        "lstmterm train my-novel.txt --minutes 10",
        "lstmterm train notes/ --glob '**/*.md' --name notes --detach",
    ),
    "runs": (
        "lstmterm runs --columns 'name val tags' --sort val",
        "lstmterm runs --filter 'text:harbour val<1.5 tag:good'",
    ),
    "runs tag": ("lstmterm runs tag good harbour", "lstmterm runs tag good,night harbour stopped"),
    "runs untag": ("lstmterm runs untag good harbour", "lstmterm runs untag good,night harbour stopped"),
    "runs note": ('lstmterm runs note harbour "more dropout"', 'lstmterm runs note harbour ""'),
    "runs archive": ("lstmterm runs archive harbour", "lstmterm runs archive harbour stopped"),
    "runs unarchive": ("lstmterm runs unarchive harbour", "lstmterm runs unarchive harbour stopped"),
    "runs pin": ("lstmterm runs pin harbour", "lstmterm runs pin stopped"),
    "runs export": (
        "lstmterm runs export harbour harbour.csv",
        "lstmterm runs export harbour harbour.json --format json",
    ),
    "runs diff": ("lstmterm runs diff harbour stopped", "lstmterm runs diff stopped harbour"),
    "runs remove": (
        "lstmterm runs remove harbour",
        "lstmterm runs remove --filter 'state=stopped' --yes",
    ),
    "attach": ("lstmterm attach harbour", "lstmterm attach harbour --json"),
    "stop": ("lstmterm stop harbour", "lstmterm stop stopped"),
    "resume": ("lstmterm resume stopped", "lstmterm resume harbour --minutes 5"),
    "sweep": (
        "lstmterm sweep my-novel.txt --set hidden=256,512 --set dropout=0,0.3",
        "lstmterm sweep my-novel.txt --set hidden=64,128 --seeds 3 --detach",
    ),
    "plot": ("lstmterm plot harbour", "lstmterm plot harbour --csv curves.csv"),
    "generate": (
        'lstmterm generate harbour --prompt "GULL:" --temperature 0.7 --length 800',
        "lstmterm generate harbour --count 5 --seed 7",
    ),
    "next": (
        'lstmterm next shakespeare --prompt "ROMEO: O, that I "',
        'lstmterm next harbour --prompt "The tide" --words',
    ),
    "chat": ("lstmterm chat harbour --with GULL", "lstmterm chat shakespeare --as ROMEO --with JULIET"),
    "drafts": ("lstmterm drafts", "lstmterm drafts --json"),
    "drafts show": ("lstmterm drafts show night", "lstmterm drafts show evening --before 1"),
    "drafts search": ("lstmterm drafts search the", 'lstmterm drafts search "the sea"'),
    "drafts export": (
        "lstmterm drafts export night --format markdown",
        "lstmterm drafts export evening evening.txt",
    ),
    "drafts rename": ("lstmterm drafts rename night morning", "lstmterm drafts rename evening dusk"),
    "drafts remove": ("lstmterm drafts remove night", "lstmterm drafts remove night evening"),
    "score": ("lstmterm score harbour other.txt", "lstmterm score harbour other.txt --adapt"),
    "copied": ("lstmterm copied harbour --seed 1", "lstmterm copied other.txt --corpus harbour"),
    "compare": (
        "lstmterm compare harbour shakespeare other.txt",
        "lstmterm compare harbour shakespeare other.txt --json",
    ),
    "cells": ("lstmterm cells harbour", "lstmterm cells harbour --unit 0:7"),
    "train-tagger": (
        "lstmterm train-tagger my-words.csv --from english-upos --name mine",
        "lstmterm train-tagger rot13 --minutes 1",
    ),
    "tag": (
        'echo "The harbour master sings." | lstmterm tag english-upos',
        "lstmterm tag mine novel.txt --format tsv --probabilities",
    ),
    "evaluate": ("lstmterm evaluate mine gold.conllu", "lstmterm evaluate mine gold.conllu --json"),
    "plan": ("lstmterm plan my-novel.txt --minutes 30", "lstmterm plan my-novel.txt --json"),
    "plan-tagger": (
        "lstmterm plan-tagger my-words.csv --from english-upos",
        "lstmterm plan-tagger my-words.csv --why",
    ),
    "models": ("lstmterm models", "lstmterm models --json"),
    "show": ("lstmterm show shakespeare", "lstmterm show harbour --json"),
    "rename": ("lstmterm rename harbour plays", "lstmterm rename mine my-tagger"),
    "export": ("lstmterm export harbour plays.safetensors", "lstmterm export mine ."),
    "import": (
        "lstmterm import plays.safetensors",
        "lstmterm import plays.safetensors --name friend",
    ),
    "remove": ("lstmterm remove harbour", "lstmterm remove harbour mine"),
    "corpora": ("lstmterm corpora", "lstmterm corpora --json"),
    "corpora add": ("lstmterm corpora add my-novel.txt", "lstmterm corpora add notes/ --name notes"),
    "corpora check": ("lstmterm corpora check my-novel.txt", "lstmterm corpora check harbour"),
    "corpora fetch": (
        "lstmterm corpora fetch tinyshakespeare",
        "lstmterm corpora fetch alice --from my-novel.txt",
    ),
    "corpora remove": ("lstmterm corpora remove added", "lstmterm corpora remove tinyshakespeare"),
    "doctor": ("lstmterm doctor", "lstmterm doctor --json"),
}


def epilog(name: str) -> str | None:
    """What the help of a command ends with: its examples, a line each; None without any."""
    if name not in EXAMPLES:
        return None
    return "\b\nExamples:\n" + "\n".join(f"  {example}" for example in EXAMPLES[name])
