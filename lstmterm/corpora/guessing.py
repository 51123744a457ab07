"""Guessing the encoding of a text that is neither UTF-8 nor ASCII.

Each encoding with one byte for a character is weighed by what it makes of the bytes beyond ASCII: they must
be letters of one language, in words of plausible capitals, or symbols where symbols stand. So few bytes
suffice, and where several encodings make equal sense, the commonest is taken: windows-1252. What none of
them makes sense of, such as Chinese, is left to charset-normalizer.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SAMPLE = 1 << 18  # bytes from which an encoding is guessed
_ENCODINGS = (  # the commonest first
    "cp1252", "cp1250", "iso8859_2", "cp1254", "cp1257", "cp1251", "koi8_u", "cp866", "iso8859_5", "cp1253",
    "cp1255", "cp1256", "mac_roman", "cp850", "cp437", "cp852",
)  # fmt: skip
_MULTIBYTE = ("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr")
_ALPHABETS = tuple(
    map(
        frozenset,
        (  # the letters of languages beyond ASCII
            "àâæçèéêëîïñôœöùûüÿ",  # French, English
            "äöüßéà",  # German
            "áéíñóúüç",  # Spanish
            "àáâãçéêíóôõú",  # Portuguese
            "àçèéíïòóúü",  # Catalan
            "àèéìíîòóùú",  # Italian
            "áäèéëíïóöúü",  # Dutch
            "äåöéü",  # Swedish, Finnish
            "æøåéóôòü",  # Danish, Norwegian
            "áðéíóúýþæö",  # Icelandic
            "ąćęłńóśźż",  # Polish
            "áčďéěíňóřšťúůýž",  # Czech
            "áäčďéíĺľňóôŕšťúýž",  # Slovak
            "áéíóöőúüű",  # Hungarian
            "ăâîşţșț",  # Romanian
            "čćđšž",  # Croatian, Slovenian
            "çğıİöşüâîû",  # Turkish
            "ąčęėįšųūž",  # Lithuanian
            "āčēģīķļņšūž",  # Latvian
            "äõöüšž",  # Estonian
            "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",  # Russian, Bulgarian
            "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяў",  # Ukrainian
            "абвгдђежзијклљмнњопрстћуфхцчџш",  # Serbian
            "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",  # Greek
            "אבגדהוזחטיכךלמםנןסעפףצץקרשת",  # Hebrew
            "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةأإآؤئءپچژگ",  # Arabic, Persian
        ),
    )
)
_SYMBOLS = frozenset("’‘”“„‚«»‹›…—–·°ªº®©™¹²³\xa0\xad£€¥¢§¡¿½¼¾†‡•×÷±µ№،؛؟ـ")  # of texts
_AFTER_LETTERS = frozenset("’‘”“»›…—–·°ªº®©™¹²³\xa0\xad،؛؟ـ")  # those that may follow a letter
_WITHIN_WORDS = frozenset("’—–·…\xa0\xad")  # and another letter after that
_LITTLE = 24  # bytes beyond ASCII that are too few to be sure
_SENSE = 0.7  # share of them that an encoding must make sense of
_MUCH = 0.8  # share with which windows-1252 is preferred to an encoding that makes sense of one byte more
_CLEARLY = 0.05  # by which that of the best must exceed the next
_RARE = 0.02  # share of the letters that are beyond ASCII in a text that is nearly ASCII
_MOST_OTHERS = 3

Contexts = Counter[tuple[int, int, int]]  # each byte beyond ASCII with its neighbours, and how often


@dataclass(frozen=True)
class Guess:
    """An encoding, whether it is sure, and others that are possible, the likeliest first."""

    codec: str
    sure: bool
    others: tuple[str, ...] = ()


def guess(sample: bytes) -> Guess:
    """The encoding of a text by a part of it that has bytes beyond ASCII; some encodings read any bytes."""
    contexts = Counter(
        context
        for context in zip(b"\n" + sample, sample, sample[1:] + b"\n", strict=False)
        if context[1] > 0x7F
    )
    high, letters = contexts.total(), sum(map(str.isalpha, sample.decode("latin-1")))
    senses = dict(sorted(_senses(contexts), key=lambda found: -found[1]))  # stable: the commonest of equals
    ranked = [codec for codec, sense in senses.items() if sense >= _SENSE]
    rivals = [codec for codec in ranked if senses[codec] > senses[ranked[0]] - _CLEARLY]
    enough = _LITTLE if ranked else 10 * _LITTLE
    western = senses.get("cp1252", 0.0)
    nearly_ascii = high < _RARE * letters and western >= _SENSE / 2
    nearly_best = bool(ranked) and western >= _MUCH and (senses[ranked[0]] - western) * high <= 1
    if nearly_ascii or nearly_best:
        ranked.insert(0, "cp1252")
    elif not ranked:
        ranked = [*_by_charset_normalizer(sample), *senses]
    elif len(rivals) > 1 and high > max(_LITTLE, letters / 2):
        ranked = [*(codec for codec in _by_charset_normalizer(sample) if codec in rivals), *ranked]
    others = _other_readings(sample, ranked[0], [*ranked, *_MULTIBYTE])
    sure = high > enough and not set(others) & set(rivals)
    return Guess(ranked[0], sure, () if sure else tuple(others))


def _senses(contexts: Contexts) -> Iterator[tuple[str, float]]:
    """The share of the bytes beyond ASCII that make sense in each encoding that has all of them."""
    for codec in _ENCODINGS:
        table = bytes(range(256)).decode(codec, "replace")
        if not any(table[byte] == "\ufffd" for _, byte, _ in contexts):
            yield codec, _sense(contexts, table) / contexts.total()


def _sense(contexts: Contexts, table: str) -> float:
    """How many bytes make sense as characters of `table`: symbols, and letters of the likeliest language."""
    symbols = 0
    letters: Counter[str] = Counter()
    capitals: Counter[str] = Counter()  # within words; they make less sense than small letters
    for (before, byte, after), count in contexts.items():
        left, it, right = table[before], table[byte], table[after]
        if it in _SYMBOLS:
            after_letter = it in _AFTER_LETTERS and (it in _WITHIN_WORDS or not right.isalpha())
            symbols += count * (after_letter or not left.isalpha())
        elif not (it.isupper() and left.islower()) and all(map(_belong_together, it * 2, (left, right))):
            (capitals if it.isupper() and left.isupper() else letters)[it.lower()] += count
    words = max(sum(n for c, n in letters.items() if c in a) for a in _ALPHABETS)
    return symbols + words + sum(capitals.values()) / 2


def _belong_together(letter: str, neighbour: str) -> bool:
    """Whether a letter beyond ASCII can stand beside a character: no digit, and no letter of another script."""
    return not neighbour.isalnum() or (neighbour.isalpha() and (letter < "Ͱ") == (neighbour < "Ͱ"))


def _by_charset_normalizer(sample: bytes) -> list[str]:
    from charset_normalizer import from_bytes

    return [match.encoding for match in from_bytes(sample)]


def _other_readings(sample: bytes, codec: str, ranked: Iterable[str]) -> list[str]:
    """The first encodings that read the sample otherwise than `codec` and each other."""
    readings, others = {sample.decode(codec, "replace")}, []
    for other in ranked:
        reading = sample.decode(other, "replace")
        if "\ufffd" not in reading and reading not in readings:
            readings.add(reading)
            others.append(other)
        if len(others) == _MOST_OTHERS:
            break
    return others
