"""The lines beside the crosshair."""

from lstmterm.ui.train.chart_values import Values, lines


def shown(*names: str, room: int) -> list[str]:
    runs = [Values(name, "train", "━ 1.395") for name in names]
    return ["".join(text for text, _ in line) for line in lines("step 3", runs, [], room)]


def test_names_are_whole_where_there_is_room_and_wide_characters_take_one_column() -> None:
    assert shown("harbour-港の町", "tide", room=60)[1:] == [
        " harbour-??? ━ 1.395 ",
        " tide        ━ 1.395 ",
    ]
    assert all(len(line) <= 20 for line in shown("harbour-hidden96-港", "a\x1b[1m", room=20))
