"""The formats in which tags are written, with taggers made by hand."""

import io
import json
from collections.abc import Mapping

import pytest

from lstmterm.cli.tag_writers import with_tags, writer
from lstmterm.errors import InputError
from lstmterm.infer.tag import Tagger
from lstmterm.models import model_file
from lstmterm.tagging import treebank
from lstmterm.tagging.sentences import Sentence, split_text
from lstmterm.tagging.treebank import Level, Source
from tests.ui.tagger_models import MOODS, ROT13, WORDS, keep_tagger


def tagger_of(tags: Mapping[str, str], level: Level = "word") -> Tagger:
    return Tagger.from_model(model_file.load(keep_tagger("made", tags, level)))


def written(
    tagger: Tagger, text: str, output: str, column: str = "UPOS", *, probabilities: bool = False
) -> str:
    write = writer(output, tagger, column, probabilities)
    sentences = split_text([text], tagger.level)
    return "".join(write(sentence, tagger.tag(sentence.words)) for sentence in sentences)


def test_words_with_their_tags() -> None:
    tagger = tagger_of(WORDS)
    text = "The tide rises."
    assert written(tagger, text, "tsv") == "The\tDET\ntide\tNOUN\nrises\tVERB\n.\tPUNCT\n\n"
    assert written(tagger, text, "text") == "DET NOUN VERB PUNCT\n"
    assert json.loads(written(tagger, text, "json")) == {
        "words": ["The", "tide", "rises", "."],
        "tags": ["DET", "NOUN", "VERB", "PUNCT"],
    }
    lines = written(tagger, text, "conllu", "misc.Tag").splitlines()
    assert lines[0] == "# text = The tide rises."
    assert lines[3].split("\t")[9] == "SpaceAfter=No|Tag=VERB"


def test_probabilities_of_every_tag() -> None:
    tagger = tagger_of(WORDS)
    head, row, _ = written(tagger, "tide", "tsv", probabilities=True).split("\n", 2)
    assert head.split("\t") == ["word", "tag", "probability", *tagger.tags]
    cells = row.split("\t")
    assert cells[2] == cells[3 + tagger.tags.index("NOUN")] == max(cells[3:])
    record = json.loads(written(tagger, "tide", "json", probabilities=True))
    assert record["probability"] == [record["probabilities"][0]["NOUN"]]


def test_a_cipher_keeps_what_it_does_not_know() -> None:
    assert written(tagger_of(ROT13, "char"), "FUVE x\n\nN\n", "text") == "THIS x\n\nA\n"


def test_labels_of_sequences() -> None:
    tagger = tagger_of(MOODS, "sequence")
    assert written(tagger, "the calm\n\nwreck\n", "tsv") == "the calm\tgood\nwreck\tbad\n"
    with pytest.raises(InputError, match="one tag for each word"):
        writer("conllu", tagger, "UPOS", False)


def test_a_tagged_file_keeps_its_format() -> None:
    raw = io.StringIO("The_\tX\r\n\r\ntide\tX\r\n", newline="\n")
    _, blocks = treebank.blocks(raw, Source("made"), layout="columns")
    tagger = tagger_of(WORDS)
    text = "".join(with_tags(block, tagger.tag(block.words)) for block in blocks)
    assert text.endswith("\r\n\r\ntide\tNOUN\r\n")
    with pytest.raises(AssertionError):
        with_tags(Sentence(("a",)), tagger.tag(["a"]))
