"""Corrections by hand, while the text around them changes."""

from lstmterm.ui.tagger.corrections import Corrections


def test_corrections_stay_with_their_words() -> None:
    corrections = Corrections()
    corrections.follow([("the", "tide", "rises"), ("us",)])
    corrections.correct(0, 2, "NOUN")
    corrections.correct(1, 0, "X")
    corrections.follow([("so",), ("the", "tide", "rises"), ("us",)])
    assert [sheet.tags for sheet in corrections.sheets] == [{}, {2: "NOUN"}, {0: "X"}]
    corrections.follow([("so",), ("the", "low", "tide", "rises"), ("us",)])
    assert corrections.sheets[1].tags == {3: "NOUN"}
    corrections.mark_saved([2])
    assert corrections.to_save == [1]
    assert [len(sheet.tags) for sheet in corrections.sheets] == [0, 1, 1]
