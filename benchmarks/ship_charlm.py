"""Make `checkpoints/NAME.safetensors` and its card from a trained character model.

    python benchmarks/ship_charlm.py MODEL --name shakespeare --command "lstmterm train tinyshakespeare ..."

The weights are stored in half precision, and the model's validation figures are measured again as
they are stored. The text is found by the model's own header, and has to be the same text.
"""

import json
import sys
from pathlib import Path
from typing import Any

import click
import numpy as np

from lstmterm import paths
from lstmterm.amounts import plural
from lstmterm.corpora.corpus import open_text
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.score import score
from lstmterm.models import library, model_file
from lstmterm.spec.kinds import spec_from_dict

ROOT = Path(__file__).parent.parent
LARGEST = 6_000_000  # bytes
RESET = 256


@click.command()
@click.argument("model")
@click.option("--name", required=True, help="What it ships as.")
@click.option("--command", required=True, help="The command that trained it.")
@click.option("--licence", default="public domain", show_default=True, help="Of the text.")
@click.option("--about", default="", help="A sentence on the text and its source.")
def main(model: str, name: str, command: str, licence: str, about: str) -> None:
    """Store, measure, describe."""
    trained = model_file.load(library.find(model).path)
    path = ROOT / "checkpoints" / f"{name}{paths.MODEL_SUFFIX}"
    header: dict[str, Any] = json.loads(json.dumps(dict(trained.card.metadata)))
    spec = spec_from_dict(header["spec"])
    corpus = open_text(spec.text)  # pyright: ignore[reportAttributeAccessIssue]
    for part, key in ((header["corpus"], "source"), (header["spec"]["text"], "source")):
        part[key] = Path(part[key]).name
    header |= {"name": name, "licence": licence, "command": command}
    header["spec"]["name"] = name
    weights = {tensor_name: tensor.astype(np.float16) for tensor_name, tensor in trained.tensors.items()}
    model_file.write(path, weights, header)

    stored = CharLSTM.from_tensors(model_file.load(path).tensors)
    val = corpus.ids[slice(*header["split"]["val"])]
    before = header["metrics"]["val_loss"]
    header["metrics"] |= {
        "val_loss": score(stored, val).nats_per_char,
        "val_loss_reset": score(stored, val, reset=RESET).nats_per_char,
    }
    model_file.write(path, weights, header)
    size = path.stat().st_size
    if size > LARGEST:
        sys.exit(f"{path} has {size:,} bytes, more than {LARGEST:,}; train a smaller one.")
    path.with_suffix(".md").write_text(card(name, header, size, about), encoding="utf-8")
    after = header["metrics"]["val_loss"]
    print(f"{path}: {size:,} bytes, val_loss {before:.4f} in single, {after:.4f} in half precision")


def card(name: str, header: dict[str, Any], size: int, about: str) -> str:
    """The model card, as Markdown."""
    sizes, corpus, metrics = header["sizes"], header["corpus"], header["metrics"]
    first, last = header["split"]["val"]
    nats = metrics["val_loss"]
    teachers = header["spec"]["ensemble"]["ensemble"]
    taught = f"; {plural(teachers, 'teacher')} before it, with as many steps" if teachers else ""
    return f"""# {name}

A character model: `lstmterm generate {name} --prompt "..."` writes with it, and the Generate tab opens with it.

- **Model**: {sizes["layers"]} layers of {sizes["hidden"]} hidden units; {sizes["parameters"]:,} parameters in half precision,
  {size / 1e6:.1f} MB.
- **Text**: {corpus["name"]}, {corpus["chars"]:,} characters ({header["licence"]}), SHA-256
  `{corpus["sha256"]}`.{f" {about}" if about else ""}
- **Trained with**: `{header["command"]}`
  (seed {header["seed"]}, {header["steps"]:,} steps in {header["seconds"]:,.0f} seconds{taught}), then stored with
  `python benchmarks/ship_charlm.py`.
- **Validation loss** on characters {first:,} to {last:,}, held out of training (as stored): **{nats:.4f}** nats per
  character ({nats / np.log(2):.3f} bits) with the hidden state carried over; {metrics["val_loss_reset"]:.4f} with the state
  reset every {RESET} characters.
"""


if __name__ == "__main__":
    main()
