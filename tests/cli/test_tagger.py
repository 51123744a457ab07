"""`train-tagger`, `tag` and `evaluate`, as the user types them."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import conllu
import numpy as np
import pytest
from click.testing import CliRunner, Result

from lstmterm import paths
from lstmterm.cli import lstmterm
from lstmterm.models import library, model_file
from lstmterm.nn import device
from lstmterm.runs import storage
from lstmterm.tagging import ciphers
from tests.tagging.treebank.fetched import fetched

TRAIN = (
    "--threads",
    "1",
    "--hidden",
    "24",
    "--words",
    "12",
    "--steps",
    "60",
    "--layers",
    "1",
    "--lr",
    "0.02",
)
HARBOUR = paths.shipped_corpora() / "harbour.conllu"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSTMTERM_HOME", str(home))


def run(*words: Any, stdin: str | bytes | None = None, code: int = 0) -> Result:
    result = CliRunner().invoke(lstmterm, [str(w) for w in words], input=stdin, obj=[str(w) for w in words])
    got = getattr(result.exception, "exit_code", result.exit_code)
    assert got == code, f"{result.output}{result.exception!r}"
    return result


@pytest.fixture(scope="module")
def harbour(home: Path) -> str:
    """A tagger of the small treebank."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LSTMTERM_HOME", str(home))
        run("train-tagger", "harbour", "--quiet", *TRAIN)
    return "harbour"


@pytest.mark.parametrize("knobs", [("--hidden", 8192, "--layers", 8), ("--words", 4096, "--hidden", 1)])
def test_a_tagger_that_cannot_fit_in_memory_is_refused_before_it_is_made(
    knobs: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "_memory", lambda _: 10_000_000)
    refused = str(run("train-tagger", "harbour", "--name", "large", *knobs, code=2).exception)
    assert re.match(
        r"Training needs at least [\d.,e+]+ GB of memory, but at most 0.01 GB can be used", refused
    )
    assert "make --hidden, --layers, --tokens, --words or --suffixes smaller" in refused
    assert ("words an embedding (--min-count)" in refused) == ("--words" in knobs)
    assert not any(r.name == "large" for r in storage.all_runs())


@pytest.fixture(scope="module")
def rot13(home: Path) -> str:
    """A deciphering tagger."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LSTMTERM_HOME", str(home))
        run("train-tagger", "rot13", "--quiet", "--threads", "1", "--steps", "80")
    return "rot13"


def test_training_names_its_column_and_ends_with_its_figures(home: Path) -> None:
    out = run("train-tagger", "harbour-tags", "--json", "--name", "small", *TRAIN)
    events = [json.loads(line) for line in out.stdout.splitlines()]
    said = [e["message"] for e in events if e["event"] == "warned"]
    assert any("column tag" in message and "distinct tags (" in message for message in said)
    assert {"dev_accuracy", "test_accuracy", "test_accuracy_unknown"} <= events[-1].keys()
    card = model_file.describe(library.find("small").path)
    assert (card.kind, card.complete) == ("tagger", True)


def test_a_cipher_is_deciphered_letter_by_letter(rot13: str) -> None:
    assert run("tag", rot13, stdin="URYYB\n").stdout == "HELLO\n"
    assert run("tag", rot13, stdin="Uryyb, Jbeyq - 1!\n\nn\n").stdout == "Hello, World - 1!\n\na\n"
    report = json.loads(run("evaluate", rot13, "rot13", "--json").stdout)
    assert report["accuracy"] == 1.0
    odd = run("tag", rot13, stdin="pnsé 木\n")
    assert odd.stdout == "café 木\n"
    assert "does not know 2 characters of the text" in odd.stderr


def test_the_cipher_of_0_1_0_has_a_dash_among_its_letters(home: Path) -> None:
    run("train-tagger", "rot13-dash", "--name", "rot13-old", "--quiet", "--threads", "1", "--steps", "80")
    assert run("tag", "rot13-old", stdin="FUVEMVEMNMERPDRF\n").stdout == "THIS-IS-A-SECRET\n"
    for name in ("rot13-dash", "rot13"):  # a model of 0.1.0 learned it as rot13
        evaluated = run("evaluate", "rot13-old", name, "--json")
        assert json.loads(evaluated.stdout)["accuracy"] == 1.0
        assert "rot13-dash: 1,000 fresh strings" in evaluated.stderr


def test_the_position_in_a_key_is_carried_through_the_text(home: Path) -> None:
    run("train-tagger", "vigenere-dash:KEY", "--name", "key", "--quiet", "--threads", "1", "--steps", "200")
    text = ciphers.parse("vigenere-dash:KEY").encipher("MEET-ME-AT-DAWN-" * 5)
    assert run("tag", "key", stdin=text + "\n").stdout == "MEET-ME-AT-DAWN-" * 5 + "\n"
    assert json.loads(run("evaluate", "key", "vigenere-dash:KEY", "--json").stdout)["accuracy"] > 0.999


def test_conllu_keeps_everything_but_its_column(harbour: str) -> None:
    whole = HARBOUR.read_bytes().decode()
    tagged = run("tag", harbour, HARBOUR).stdout
    was, now = whole.split("\n"), tagged.split("\n")
    assert len(was) == len(now)
    for a, b in zip(was, now, strict=True):
        cells, given = a.split("\t"), b.split("\t")
        if len(cells) == 10 and cells[0].isdecimal():
            given[3] = cells[3]
        assert given == cells
    assert [t["form"] for s in conllu.parse(tagged) for t in s] == [
        t["form"] for s in conllu.parse(whole) for t in s
    ]
    assert run("tag", harbour, "-", stdin=whole).stdout == tagged, "CoNLL-U is known by its look"


def test_plain_text_becomes_conllu_tsv_or_json(harbour: str, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("The sea pays. Gulls don't\napologise!\n\nMr. Orrin is late.")
    parsed = conllu.parse(run("tag", harbour, file).stdout)
    assert [s.metadata["text"] for s in parsed] == [
        "The sea pays.",
        "Gulls don't apologise!",
        "Mr. Orrin is late.",
    ]
    assert all(token["upos"] for s in parsed for token in s)
    rows = run("tag", harbour, file, "--format", "tsv").stdout.split("\n")
    assert rows[:5] == [f"{t['form']}\t{t['upos']}" for t in parsed[0]] + [""]
    lines = [json.loads(line) for line in run("tag", harbour, file, "--format", "json").stdout.splitlines()]
    assert [line["words"] for line in lines] == [[t["form"] for t in s] for s in parsed]
    whole = run("tag", harbour, "--input", "words", "--format", "tsv", stdin="Gulls don't pay.\n").stdout
    assert [row.split("\t")[0] for row in whole.split("\n")[:4]] == ["Gulls", "don't", "pay.", ""]
    split = run("tag", harbour, "--input", "lines", "--format", "json", stdin="One. Two.\n").stdout
    assert json.loads(split)["words"] == ["One", ".", "Two", "."]


def test_words_are_what_a_reader_takes_for_them_and_keep_their_bytes() -> None:
    text = "I ❤️ 🇵🇱 👩‍👩‍👧 👍🏽 at the cafe\u0301 and the caf\u00e9 .\n"
    out = run("tag", "english-upos", "--format", "tsv", stdin=text).stdout
    rows = [row.split("\t") for row in out.splitlines() if row]
    assert [word for word, _ in rows] == text.split()
    tags = dict(rows)
    assert tags["cafe\u0301"] == tags["caf\u00e9"]
    probabilities = ("--format", "json", "--probabilities")
    one, other = (
        run("tag", "english-upos", *probabilities, stdin=f"The {w} .").stdout
        for w in ("cafe\u0301", "caf\u00e9")
    )
    assert json.loads(one)["probabilities"] == json.loads(other)["probabilities"]


def test_every_tags_probability(harbour: str) -> None:
    rows = run("tag", harbour, "--probabilities", "--format", "tsv", stdin="The sea pays.\n").stdout.split(
        "\n"
    )
    head, *words = [row.split("\t") for row in rows if row]
    tags = head[3:]
    assert head[:3] == ["word", "tag", "probability"]
    for row in words:
        matrix = np.array(row[3:], float)
        assert matrix.sum() == pytest.approx(1, abs=1e-4)
        assert float(row[2]) == matrix.max() == matrix[tags.index(row[1])]
    said = run("tag", harbour, "--probabilities", stdin="x\n", code=2)
    assert "cannot hold probabilities" in str(said.exception)


def test_evaluate_prints_a_report(harbour: str, tmp_path: Path) -> None:
    table = tmp_path / "confusion.csv"
    shown = run("evaluate", harbour, HARBOUR, "--confusion", table)
    assert "column UPOS" in shown.stderr
    assert "accuracy" in shown.stdout
    assert "NOUN" in shown.stdout
    figures = json.loads(run("evaluate", harbour, HARBOUR, "--json").stdout)
    assert {"accuracy", "accuracy_known", "accuracy_unknown", "macro_f1", "tokens"} <= figures.keys()
    rows = [line.split(",") for line in table.read_text().splitlines()]
    counts = np.array([row[1:] for row in rows[1:]], int)
    assert counts.sum() == figures["tokens"]
    assert np.trace(counts) / counts.sum() == pytest.approx(figures["accuracy"])


def test_labels_of_whole_sequences(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "moods.csv"
    moods = [("good", "fine"), ("bad", "sad")]
    rows = [f"the {w} sea {i % 7},{mood[0]}" for i in range(60) for mood in moods for w in mood]
    file.write_text("text,label\n" + "\n".join(rows) + "\n")
    run("train-tagger", file, "--level", "sequence", "--dropout", "0.1", "--quiet", *TRAIN)
    out = run("tag", "moods", stdin="the fine sea 3\nthe sad sea 5\n").stdout
    assert out == "the fine sea 3\tgood\nthe sad sea 5\tbad\n"


def test_many_tags_need_a_confirmation(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "lemmas.tsv"
    file.write_text("\n\n".join(f"w{i}\tt{i}" for i in range(800)))
    refused = run("train-tagger", file, "--steps", "1", code=2)
    assert "640 distinct tags" in str(refused.exception)
    assert not (home / "state").exists() or not list((home / "state" / "runs").glob("*lemmas"))
    run("train-tagger", file, "--steps", "1", "--quiet", "--yes", "--threads", "1")


def test_a_file_with_words_that_are_not_annotated_trains_on_the_others(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "partly.tsv"
    file.write_text("# id 1\nthe\tDET\n#\tSYM\nsea\t_\n\nsea\t _\n\n" * 20 + "a\tDET\n# id 3\ntide\tN\n")
    trained = run("train-tagger", file, "--val", "0", "--test-share", "0", *TRAIN)
    assert "40 tags are not annotated (`_`), 20 of them in sentences without a tag" in trained.stderr
    out = run("tag", "partly", "--format", "tsv", stdin="the sea # a tide\n").stdout
    assert {row.split("\t")[1] for row in out.splitlines() if row} <= {"DET", "SYM", "N"}
    evaluated = run("evaluate", "partly", file, "--json")
    assert json.loads(evaluated.stdout)["tokens"] == 42
    assert "40 tags are not annotated" in evaluated.stderr
    assert run("tag", "partly", file).stdout.count("# id") == 21


def test_columns_that_look_wrong_need_a_confirmation_and_can_be_named(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "parsed.tsv"
    file.write_text("1\tthe\tthe\tDET\t_\t2\tdet\tX\n2\tsea\tsea\tNOUN\t_\t0\troot\tX\n\n" * 9)
    steps = ("--steps", "1", "--quiet", "--threads", "1")
    refused = str(run("train-tagger", file, *steps, code=2).exception)
    assert "a single tag, X" in refused
    assert "--text-column" in refused
    named = ("--column", "4")
    assert "Most words are numbers" in str(run("train-tagger", file, *named, *steps, code=2).exception)
    named = ("--text-column", "2", *named)
    run("train-tagger", file, *named, *steps)
    for again in (named, ()):  # the model remembers them
        assert (
            json.loads(run("evaluate", "parsed", file, *again, "--json").stdout)["accuracy_unknown"] is None
        )
        assert run("tag", "parsed", file, *again).stdout.startswith("1\tthe\tthe\t")
    other = run("evaluate", "parsed", file, "--column", "8", "--json")
    assert json.loads(other.stdout)["accuracy"] == 0
    assert "tags from the column 8" in other.stderr


def test_the_columns_of_a_table_are_remembered(home: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "german.csv", tmp_path / "other.csv"
    file.write_text("Nr;Satz;Wortarten;tag\n" + "".join(f"{i};die See;DET NOUN;X Y\n" for i in range(20)))
    other.write_text("text,tag\ndie See,DET NOUN\n")
    named = ("--text-column", "Satz", "--column", "Wortarten")
    run("train-tagger", file, *named, "--steps", "40", "--quiet", "--threads", "1")
    for gold in (file, other):
        assert json.loads(run("evaluate", "german", gold, "--json").stdout)["accuracy"] == 1
    assert json.loads(run("evaluate", "german", file, "--column", "tag", "--json").stdout)["accuracy"] == 0
    file.write_text("Nr;Satz;Wortarten\n1;die See;\n")
    assert run("tag", "german", file).stdout == "Nr;Satz;Wortarten\n1;die See;DET NOUN\n"


def test_a_fetched_treebank_trains_and_is_evaluated_by_its_name(home: Path) -> None:
    assert "`lstmterm corpora fetch ud-english-ewt`" in str(
        run("train-tagger", "ud-english-ewt", code=2).exception
    )
    fetched(
        "ud-made", {"xx_made-ud-train.conllu": 30, "xx_made-ud-dev.conllu": 4, "xx_made-ud-test.conllu": 6}
    )
    steps = ("--steps", "5", "--threads", "1")
    events = [
        json.loads(line) for line in run("train-tagger", "ud-made", *steps, "--json").stdout.splitlines()
    ]
    assert {"dev_accuracy", "test_accuracy"} <= events[-1].keys()
    card = model_file.describe(library.find("ud-made").path)
    assert card.metadata["corpus"]["sentences"] == {"train": 30, "dev": 4, "test": 6}
    report = run("evaluate", "ud-made", "ud-made", "--json")
    assert json.loads(report.stdout)["tokens"] == 12
    assert "xx_made-ud-test.conllu: tags" in report.stderr


def test_wrong_use_is_explained(harbour: str, tmp_path: Path) -> None:
    assert "no file" in str(run("tag", harbour, tmp_path / "none.txt", code=2).exception)
    assert "character model" in str(_not_a_tagger(code=2).exception)
    assert "caesar:K" in str(run("train-tagger", "caesar:x", code=2).exception)
    assert "at least 3" in str(
        run("train-tagger", "harbour", "--name", "f", "--folds", "2", code=2).exception
    )


def _not_a_tagger(code: int) -> Result:
    from tests.character_models import TorchModel

    TorchModel(1, 8).publish("letters")
    return run("tag", "letters", stdin="x", code=code)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_text_is_tagged_whatever_its_encoding_and_packing(
    harbour: str, tmp_path: Path, codec: str, packed: bool
) -> None:
    text = "Orrin’s café pays.\nÅsa swims — déjà vu.\n"
    plain = run("tag", harbour, stdin=text).stdout
    assert "# text = Orrin’s café pays." in plain
    file = tmp_path / ("a.txt.gz" if packed else "a.txt")
    file.write_bytes(gzip.compress(text.encode(codec)) if packed else text.encode(codec))
    assert run("tag", harbour, file).stdout == plain
    if not packed:
        assert run("tag", harbour, stdin=text.encode(codec)).stdout == plain


def test_tagged_files_are_read_whatever_their_encoding_and_packing(harbour: str, tmp_path: Path) -> None:
    whole = "".join(HARBOUR.read_text("utf-8").partition("\n\n")[:2]).replace("The", "Thé—")
    tagged = run("tag", harbour, "--input", "conllu", stdin=whole).stdout
    figures = []
    for name, codec in (("a", "utf-8"), ("b", "cp1252"), ("c", "utf-16")):
        file = tmp_path / f"{name}.conllu.gz"
        file.write_bytes(gzip.compress(whole.encode(codec)))
        assert run("tag", harbour, file).stdout == tagged
        figures.append(run("evaluate", harbour, file, "--json").stdout)
    assert len(set(figures)) == 1
    odd = tmp_path / "odd.csv"
    odd.write_bytes("text,tag\ncaf\x82 vin,N N\n".encode("latin-1") * 1)
    assert "café" in run("tag", harbour, odd, "--encoding", "cp437").stdout
    assert "café" in run("tag", harbour, odd, "--format", "tsv", "--encoding", "cp437").stdout


def test_what_is_uncertain_or_lost_is_noted(harbour: str, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"It\x92s late.\n")
    said = run("tag", harbour, file).stderr
    assert "appears to be windows-1252, which is uncertain" in said
    assert "(--encoding NAME sets another)" in said
    assert "--raw-newlines" not in said
    file.write_bytes("Ça va très bien.".encode() + b"\xff\n")
    assert "1 place could not be decoded" in run("tag", harbour, file).stderr
    file.write_bytes(bytes(range(256)))
    assert "binary file" in str(run("tag", harbour, file, code=2).exception)


def test_a_tagger_is_trained_on_a_file_in_another_encoding(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "latin.csv"
    rows = [f"le café {i} très déçu,D N M A A" for i in range(60)]
    file.write_bytes("\n".join(["text,tag", *rows]).encode("cp1252"))
    result = run("train-tagger", file, "--name", "latin", "--overwrite", *TRAIN, "--steps", "2")
    assert "detected as windows-1252" in result.stderr
    assert "déçu" in model_file.load(library.find("latin").path).card.metadata["vocabulary"]["forms"]
    run("train-tagger", file, "--name", "latin", "--overwrite", *TRAIN, "--steps", "2", "--encoding", "cp437")
    assert "déçu" not in model_file.load(library.find("latin").path).card.metadata["vocabulary"]["forms"]


def test_a_tiny_binary_file_and_a_changed_treebank_are_refused(harbour: str, tmp_path: Path) -> None:
    (tmp_path / "tiny.txt").write_bytes(b"\0\1\2\0")
    for command in ("tag", "evaluate"):
        assert "is a binary file" in str(run(command, harbour, tmp_path / "tiny.txt", code=2).exception)
    fetched("ud-made", {"xx_made-ud-train.conllu": 4, "xx_made-ud-test.conllu": 2})
    path = paths.corpora() / "ud-made" / "xx_made-ud-test.conllu"
    assert run("tag", harbour, path).stdout.count("\n\n") == 2
    assert "lstmterm train-tagger ud-made" in str(run("tag", harbour, "ud-made", code=2).exception)
    path.write_bytes(path.read_bytes().replace(b"VERB", b"NOUN", 1))
    for words in (("tag", harbour, path), ("evaluate", harbour, path), ("evaluate", harbour, "ud-made")):
        assert "The treebank 'ud-made' has changed" in str(run(*words, code=2).exception)


def test_a_corpus_is_tagged_by_its_name(harbour: str) -> None:
    tagged = run("tag", harbour, "harbour", "--format", "tsv").stdout
    assert tagged.startswith("HARBOUR\t")
    assert "There is no corpus named 'harbor'" in str(run("tag", harbour, "harbor", code=2).exception)


def test_a_table_with_a_word_in_each_row_trains_and_is_tagged(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    rows = ["Sentence #,Word,POS,Tag"]
    for i in range(40):
        rows += [f"Sentence: {i},the,DT,O", f",sea{i},NN,O", ',",",",",O', f",North {i},NNP,B-LOC"]
    table.write_text("\n".join(rows) + "\n")
    said = run("train-tagger", table, "--name", "places", "--steps", "2", *TRAIN[:4]).stderr
    assert "tags from the column tag, 2 distinct tags (B-LOC, O); 40 sentences, 160 words" in said
    written = run("tag", "places", table).stdout
    assert [row.rpartition(",")[0] for row in written.splitlines()] == [
        row.rpartition(",")[0] for row in rows
    ]
    assert (
        len(json.loads(run("tag", "places", table, "--format", "json").stdout.splitlines()[0])["words"]) == 4
    )
