"""Suffix arrays: the positions of a text in the alphabetic order of what follows them, to find any stretch.

Built by prefix doubling (U. Manber and G. Myers, Suffix Arrays, SIAM Journal on Computing 22(5), 1993),
which sorts again only what is still tied, as N. J. Larsson and K. Sadakane do (Faster Suffix Sorting,
Theoretical Computer Science 387(3), 2007). The first round compares as many characters as fit into 64 bits.
"""

import numpy as np

_BITS = 63  # of a key
_AT_ONCE = 1 << 14  # positions of a searched text, so that memory stays small


def suffix_array(ids: np.ndarray) -> np.ndarray:
    """The positions of `ids`, numbers of shape (n,), in the order of their suffixes; uint32.

    A suffix comes before the longer ones that begin with it. Ordinary text takes about half a second for a
    million characters, and 30 bytes for each; one that repeats itself for long takes several times as long.
    """
    n = len(ids)
    if n == 0:
        return np.zeros(0, np.uint32)
    keys, depth = _packed(ids)
    order = np.argsort(keys)
    keys = keys[order]
    starts = np.concatenate([[True], keys[1:] != keys[:-1]])
    del keys
    rank = np.zeros(n + 1, np.int32)  # where a suffix's tied group starts, plus 1; 0 for the empty suffix
    group = np.maximum.accumulate(np.where(starts, np.arange(n, dtype=np.int32), 0))
    rank[order] = group + 1
    tied = _tied(starts)
    while len(tied):
        suffixes = order[tied]
        pairs = rank[suffixes].astype(np.int64) << 32 | rank[np.minimum(suffixes + depth, n)]
        inner = np.argsort(pairs)
        pairs, suffixes = pairs[inner], suffixes[inner]
        order[tied] = suffixes
        new = np.concatenate([[True], pairs[1:] != pairs[:-1]])
        rank[suffixes] = np.maximum.accumulate(np.where(new, tied, 0)) + 1
        tied = tied[_tied(new)]
        depth *= 2
    return order.astype(np.uint32)


def _packed(ids: np.ndarray) -> tuple[np.ndarray, int]:
    """For each position a number that orders the next few characters, and how many those are."""
    bits = int(ids.max() + 1).bit_length()
    depth = _BITS // bits
    keys = np.zeros(len(ids), np.int64)
    for ahead in range(depth):
        keys <<= bits
        keys[: max(len(ids) - ahead, 0)] += ids[ahead:]
        keys[: max(len(ids) - ahead, 0)] += 1  # the end comes before every character
    return keys, depth


def _tied(starts: np.ndarray) -> np.ndarray:
    """The places of groups of more than one, by where groups start."""
    alone = starts & np.append(starts[1:], True)
    return np.flatnonzero(~alone)


def matches(
    text: np.ndarray, suffixes: np.ndarray, wanted: np.ndarray, starts: np.ndarray, longest: int
) -> tuple[np.ndarray, np.ndarray]:
    """For each of the positions `starts` of `wanted`, the longest stretch from there that occurs in `text`, and where.

    Lengths are at most `longest`; `suffixes` is the suffix array of `text`, or of a part of it. All numbers
    are signed or small enough to compare. Two arrays of shape (len(starts),).
    """
    parts = [
        _matches(text, suffixes, wanted, starts[at : at + _AT_ONCE], longest)
        for at in range(0, len(starts), _AT_ONCE)
    ]
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    lengths, places = (np.concatenate(each) for each in zip(*parts, strict=True))
    return lengths, places


def _matches(
    text: np.ndarray, suffixes: np.ndarray, wanted: np.ndarray, starts: np.ndarray, longest: int
) -> tuple[np.ndarray, np.ndarray]:
    """The same for not too many positions: a binary search, all of them at once.

    Of the two neighbours of a position in the alphabetic order, one has the longest common prefix with it.
    """
    low, high = np.zeros(len(starts), np.int64), np.full(len(starts), len(suffixes), np.int64)
    best, places = np.zeros(len(starts), np.int64), np.zeros(len(starts), np.int64)
    below, above = best.copy(), best.copy()  # common prefixes with the suffixes around the range
    for _ in range(len(suffixes).bit_length()):
        middle = (low + high) // 2
        open_ = low < high
        at = suffixes[np.minimum(middle, len(suffixes) - 1)].astype(np.int64)
        common = np.minimum(below, above)
        common, less = _compared(text, at, wanted, starts, common, longest)
        better = open_ & (common > best)
        best, places = np.where(better, common, best), np.where(better, at, places)
        up = open_ & less
        low, below = np.where(up, middle + 1, low), np.where(up, common, below)
        down = open_ & ~less
        high, above = np.where(down, middle, high), np.where(down, common, above)
    return best, places


def _compared(
    text: np.ndarray, at: np.ndarray, wanted: np.ndarray, starts: np.ndarray, common: np.ndarray, longest: int
) -> tuple[np.ndarray, np.ndarray]:
    """How many characters `text` from `at` and `wanted` from `starts` share, and which of them comes first.

    The first `common` of them are known to be the same. The second is whether the text's comes first; where
    all agree up to `longest` or the end of `wanted`, it does not.
    """
    common = common.copy()
    less = np.zeros(len(at), bool)
    going = np.arange(len(at))
    while len(going):
        k = common[going]
        p, q = at[going] + k, starts[going] + k
        ends = (q >= len(wanted)) | (k >= longest)
        out = ~ends & (p >= len(text))
        here = text[np.minimum(p, len(text) - 1)]
        there = wanted[np.minimum(q, len(wanted) - 1)]
        same = ~ends & ~out & (here == there)
        less[going] = out | (~ends & (here < there))
        common[going] += same
        going = going[same]
    return common, less


def longest_match(text: np.ndarray, suffixes: np.ndarray, wanted: np.ndarray) -> tuple[int, int]:
    """The longest beginning of `wanted` that occurs in `text`, however long it is: its length, and where."""
    low, high, best, place = 0, len(suffixes), 0, 0
    below = above = 0  # common prefixes with the suffixes around the range
    while low < high:
        middle = (low + high) // 2
        at = int(suffixes[middle])
        known = min(below, above)
        common = known + _common(text[at + known :], wanted[known:])
        if common > best:
            best, place = common, at
        if common < len(wanted) and (at + common >= len(text) or text[at + common] < wanted[common]):
            low, below = middle + 1, common
        else:
            high, above = middle, common
    return best, place


def _common(one: np.ndarray, other: np.ndarray) -> int:
    """The length of the common prefix."""
    most, done, step = min(len(one), len(other)), 0, 64
    while done < most:
        stop = min(done + step, most)
        differ = one[done:stop] != other[done:stop]
        if differ.any():
            return done + int(differ.argmax())
        done, step = stop, 2 * step
    return most
