"""The samples of a tagger's run."""

from lstmterm.ui.tagger.timeline import Truth, tags_in


def test_tags_are_found_in_a_sample_whatever_the_words_are() -> None:
    truth = Truth("word", ("a/b", "New York", "."), ("X", "Y", "Z"))
    assert tags_in("a/b/X New York/Y ./Z", truth) == ["X", "Y", "Z"]
