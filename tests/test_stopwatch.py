from lstmterm.stopwatch import Stopwatch


class Times:
    """Clocks that stand still until they are moved."""

    def __init__(self) -> None:
        self.now = self.worked = 100.0
        self.watch = Stopwatch(lambda: self.now, lambda: self.worked)

    def after(self, seconds: float, worked: float, waited: float = 0.0) -> float:
        self.now += seconds
        self.worked += worked
        return round(self.watch.read(waited), 6)


def test_short_stretches_count_whole() -> None:
    times = Times()
    assert times.after(0.5, 0.0) == 0.5
    assert times.after(1.5, 0.1) == 2.0


def test_long_work_counts_whole() -> None:
    assert Times().after(30.0, 29.0) == 30.0
    assert Times().after(30.0, 5.0) == 30.0  # while others had the processors


def test_a_suspension_does_not_count() -> None:
    times = Times()
    assert times.after(1.0, 1.0) == 1.0
    assert times.after(3600.0, 0.01) == 1.1
    assert times.after(1.0, 1.0) == 2.1


def test_what_was_waited_on_purpose_counts() -> None:
    times = Times()
    assert times.after(100.5, 0.01, waited=100.0) == 100.5
    assert times.after(3600.0, 0.0, waited=100.0) == 200.5


def test_it_can_be_restarted() -> None:
    times = Times()
    times.after(1.0, 1.0)
    times.watch.restart()
    assert times.after(0.5, 0.5) == 0.5
