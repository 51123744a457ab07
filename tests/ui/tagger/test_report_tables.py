"""The tables of a report."""

from textual.app import App, ComposeResult

from lstmterm.tagging.metrics import Report, report
from lstmterm.ui.tagger.report_tables import ConfusionTable, PairTable, ScoreTable


class Tables(App[None]):
    def compose(self) -> ComposeResult:
        yield ScoreTable()
        yield PairTable()
        yield ConfusionTable()


def found(tags: list[str]) -> Report:
    """Every tag is taken for the first one once, and is right once; the first is always right."""
    gold = [tag for tag in tags for _ in range(2)]
    predicted = [tag for tag in tags for tag in (tag, tags[0])]
    return report([["w"] * len(gold)], [gold], [predicted], lambda _: True)


async def test_a_report_fills_them_again_and_again() -> None:
    app = Tables()
    async with app.run_test():
        for tags in (["A", "B", "[red]\x1b"], ["A", "B"]):
            for table in app.query("ScoreTable, PairTable, ConfusionTable"):
                table.show(found(tags))  # type: ignore[attr-defined]
        scores, pairs, confusion = (app.query_one(kind) for kind in (ScoreTable, PairTable, ConfusionTable))
        assert [str(cell).strip() for cell in scores.get_row_at(1)] == ["B", "100.0", "50.0", "66.7", "2"]
        assert [str(cell).strip() for cell in pairs.get_row_at(0)] == ["B", "A", "1"]
        assert [str(cell).strip() for cell in confusion.get_row_at(1)] == ["B", "1!", "1"]
        assert (scores.row_count, pairs.row_count, confusion.row_count) == (2, 1, 2)


async def test_of_many_tags_the_most_frequent_are_in_the_matrix() -> None:
    app = Tables()
    async with app.run_test():
        table = app.query_one(ConfusionTable)
        table.show(found([f"T{i:02}" for i in range(70)]))
        assert table.row_count == 60
        assert table.border_title == "Confusion · the 60 most frequent of 70 tags"
