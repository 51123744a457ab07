"""Make `checkpoints/english-upos.safetensors` and its card from a tagger trained on UD English EWT.

    python benchmarks/ship_tagger.py MODEL --command "lstmterm train-tagger ..." --data FOLDER

The weights are stored in half precision and measured again as they are stored. Where the training
files were on this machine is left out; their hashes stay.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from lstmterm import paths
from lstmterm.infer.evaluate import evaluate, gold_data
from lstmterm.infer.tag import Tagger
from lstmterm.models import library, model_file
from lstmterm.planning.processors import usable
from lstmterm.tagging.metrics import Report

ROOT = Path(__file__).parent.parent
NAME = "english-upos"
LARGEST = 6_000_000  # bytes
LICENCE = "CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/)"
ATTRIBUTION = (
    "Trained on the Universal Dependencies English Web Treebank (UD English EWT) 2.16: Natalia Silveira, "
    "Timothy Dozat, Marie-Catherine de Marneffe, Samuel Bowman, Miriam Connor, John Bauer and Christopher "
    "Manning, A Gold Standard Dependency Corpus for English (LREC 2014), and its later contributors; "
    "https://github.com/UniversalDependencies/UD_English-EWT."
)


def half(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The tensors in half precision."""
    return {name: tensor.astype(np.float16) for name, tensor in tensors.items()}


def without_folders(metadata: dict[str, Any]) -> dict[str, Any]:
    """The header without where files lay: their names only."""
    plain = json.loads(json.dumps(metadata))
    for part, keys in ((plain["corpus"], ["source"]), (plain["spec"]["data"], ["source", "dev", "test"])):
        for key in keys:
            if part.get(key):
                part[key] = Path(part[key]).name
    return plain


def judged(path: Path, data: Path) -> Report:
    """The stored model on the test sentences."""
    model = model_file.load(path)
    tagger = Tagger.from_model(model)
    gold = gold_data(str(data / "en_ewt-ud-test.conllu"), "UPOS", tagger, model.card)
    return evaluate(tagger, gold, workers=usable())


def card(found: Report, header: dict[str, Any], size: int, command: str) -> str:
    """The model card, as Markdown."""
    rows = "\n".join(
        f"| {s.name} | {100 * s.precision:.2f} | {100 * s.recall:.2f} | {100 * s.f1:.2f} | {s.support:,} |"
        for s in found.scores
    )
    sizes, steps, seconds = header["sizes"], header["steps"], header["seconds"]
    return f"""# english-upos

A part-of-speech tagger for English with the 17 tags of Universal Dependencies, for the Tagger tab and
`lstmterm tag {NAME}`.

- **Model**: {sizes["layers"]} bidirectional layers of {sizes["hidden"]} hidden units, word embeddings, a character CNN, suffix
  and shape embeddings; {sizes["parameters"]:,} parameters in half precision, {size / 1e6:.1f} MB.
- **Data**: {ATTRIBUTION}
- **Licence**: {LICENCE}, like the data.
- **Trained with**: `{command}`
  ({steps:,} steps in {seconds:,.0f} seconds), then stored with `python benchmarks/ship_tagger.py`.
- **Test** (gold words, as stored): **{100 * found.accuracy:.2f} %** of {found.tokens:,} words;
  {100 * (found.accuracy_known or 0):.2f} % of known words,
  {100 * (found.accuracy_unknown or 0):.2f} % of the {found.unknown[1]:,} unknown words; macro F1 {100 * found.macro_f1:.2f} %.

The training data are blogs, e-mail, newsgroups, reviews and answers from before 2013. Accuracy is somewhat
lower on other kinds of text, and on plain text, whose words are split by rules.

| tag | precision | recall | F1 | test words |
| --- | --- | --- | --- | --- |
{rows}
"""


def main() -> None:
    """Store, measure, describe."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("model", help="name or file of the trained tagger")
    arguments.add_argument("--command", required=True, help="the command that trained it")
    arguments.add_argument("--data", type=Path, required=True, help="folder of UD English EWT's files")
    asked = arguments.parse_args()
    trained = model_file.load(library.find(asked.model).path)
    path = ROOT / "checkpoints" / f"{NAME}{paths.MODEL_SUFFIX}"
    header = without_folders(dict(trained.card.metadata))
    header |= {"name": NAME, "licence": LICENCE, "attribution": ATTRIBUTION, "command": asked.command}
    header["spec"]["name"] = NAME
    weights = half(dict(trained.tensors))
    model_file.write(path, weights, header)
    found = judged(path, asked.data)
    header["metrics"] |= {
        "test_accuracy": found.accuracy,
        "test_accuracy_unknown": found.accuracy_unknown,
        "test_macro_f1": found.macro_f1,
    }
    model_file.write(path, weights, header)
    size = path.stat().st_size
    if size > LARGEST:
        sys.exit(f"{path} has {size:,} bytes, more than {LARGEST:,}; train with a larger --min-count.")
    path.with_suffix(".md").write_text(card(found, header, size, asked.command), encoding="utf-8")
    print(
        f"{path}: {size:,} bytes, test accuracy {found.accuracy:.4f}, unknown words {found.accuracy_unknown:.4f}"
    )


if __name__ == "__main__":
    main()
