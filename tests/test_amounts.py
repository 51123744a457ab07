"""Amounts as people say them."""

import math

from lstmterm.amounts import ago, count, duration, figure, perplexity, plural, progress, size


def test_lengths_of_time() -> None:
    assert [duration(s) for s in (42, 725, 3599.6, 12_000, 400_000)] == [
        "0:42", "12:05", "1 h 00 min", "3 h 20 min", "4 days 15 h",
    ]  # fmt: skip


def test_how_long_ago() -> None:
    assert [ago(s) for s in (-3, 5, 130, 7300, 200_000, 8e7)] == [
        "just now", "just now", "2 min ago", "2 h ago", "2 d ago", "2 y ago",
    ]  # fmt: skip


def test_counts_and_sizes() -> None:
    assert [count(n) for n in (940, 72_400, 999_960, 1_120_000, math.nan)] == [
        "940",
        "72.4k",
        "1M",
        "1.12M",
        "–",
    ]
    assert [size(n) for n in (12, 460_000, 11_200_000)] == ["12 B", "460 kB", "11.2 MB"]


def test_figures_stay_short() -> None:
    assert [figure(n) for n in (1.4657, 405.18, 1000, 2.6758e24, -0.5, math.inf, math.nan)] == [
        "1.466", "405.180", "1e+03", "2.68e+24", "-0.500", "–", "–",
    ]  # fmt: skip
    assert figure(2.1145, 2) == "2.11"


def test_a_count_with_its_noun() -> None:
    assert [plural(n, "tag") for n in (0, 1, 2, 1200)] == ["0 tags", "1 tag", "2 tags", "1,200 tags"]


def test_progress_is_a_share_where_the_whole_is_known() -> None:
    assert [progress("reading", *done) for done in ((42, 100), (11_200_000, None), (0, None), (0, 5))] == [
        "reading 42%", "reading 11.2 MB", "reading", "reading 0%",
    ]  # fmt: skip


def test_what_is_not_finite_or_too_large_has_no_error() -> None:
    assert duration(math.nan) == duration(math.inf) == "–"
    assert perplexity(0.0) == 1.0
    assert perplexity(177e6) == math.inf
