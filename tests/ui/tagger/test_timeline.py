"""The samples of a tagger's run."""

from pathlib import Path

from lstmterm.ui.tagger.colours import TagColours
from lstmterm.ui.tagger.timeline import GoldSentence, gold_sentence, letters, tagged_words, tags_in
from lstmterm.ui.themes import DARK


def test_tags_are_found_in_a_sample_of_any_words() -> None:
    gold = GoldSentence("word", ("a/b", "New York", "."), ("X", "Y", "Z"))
    assert tags_in("a/b/X New York/Y ./Z", gold) == ["X", "Y", "Z"]


def test_the_gold_tags_of_a_sample_are_found_in_the_runs_data(tmp_path: Path) -> None:
    cipher = gold_sentence({"level": "char", "source": "rot13-dash"}, "FUVEM")
    assert cipher is not None
    assert "".join(cipher.tags) == "THIS-"
    file, dev = tmp_path / "train.csv", tmp_path / "dev.csv"
    file.write_text("text,tag\nthe tide,DET NOUN\n")
    dev.write_text("text,tag\nit rises,PRON VERB\n")
    data = {"level": "word", "source": str(file), "dev": str(dev)}
    for words, tags in (("the tide", ("DET", "NOUN")), ("it rises", ("PRON", "VERB"))):
        assert gold_sentence(data, words) == GoldSentence("word", tuple(words.split()), tags)
    assert gold_sentence(data, "another one") is None


def test_letters_are_marked_until_all_are_right() -> None:
    gold = GoldSentence("char", tuple("FUVE"), tuple("THIS"))
    half = letters(gold, "THEE", [True, True, False, False], 40).plain.split("\n")
    assert half[:4] == ["cipher   FUVE", "decoded  THEE", "         ✓✓  ", "plain    THIS"]
    assert "plain" not in letters(gold, "THIS", [True] * 4, 40).plain


def test_a_wrong_tag_is_followed_by_the_right_one() -> None:
    gold = GoldSentence("word", ("the", "tide"), ("DET", "NOUN"))
    shown = tagged_words(gold, ["DET", "VERB"], [True, False], 40, TagColours((), DARK)).plain
    assert shown.split("\n")[-2:] == ["the  tide         ", "DET  ✗VERB(NOUN)  "]
