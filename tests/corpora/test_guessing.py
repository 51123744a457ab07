"""Texts without a mark that are not UTF-8: their encoding is guessed, and how sure that is."""

import pytest

from lstmterm.corpora.guessing import guess

# Article 1 of the Universal Declaration of Human Rights, with a few words more in some languages.
DECLARATION = {
    ("English", "cp1252"): "It’s only a naïve idea — café society costs £5, said the old man. All human beings are born free and equal in dignity and rights.",
    ("French", "cp1252"): "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité. Le cœur déçu mais l'âme plutôt naïve.",
    ("French of a Mac", "mac_roman"): "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience.",
    ("French of DOS", "cp850"): "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience.",
    ("German", "cp1252"): "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geiste der Brüderlichkeit begegnen. Die Straße führt über die Brücke.",
    ("Spanish", "cp1252"): "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y conciencia, deben comportarse fraternalmente. ¿Qué hace el niño mañana? ¡Dónde está!",
    ("Portuguese", "cp1252"): "Dotados de razão e de consciência, devem agir uns para com os outros em espírito de fraternidade. Não há coração sem emoção.",
    ("Italian", "cp1252"): "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Perché è così? Più o meno, né sì né no.",
    ("Dutch", "cp1252"): "Zij zijn begiftigd met verstand en geweten. Eén coördinatie, België.",
    ("Swedish", "cp1252"): "Alla människor är födda fria och lika i värde och rättigheter. De har utrustats med förnuft och samvete.",
    ("Danish", "cp1252"): "Alle mennesker er født frie og lige i værdighed og rettigheder. De er udstyret med fornuft og samvittighed, og de bør handle mod hverandre i en broderskabets ånd.",
    ("Finnish", "cp1252"): "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan. Heidän on toimittava veljeyden hengessä.",
    ("Icelandic", "cp1252"): "Hver maður er borinn frjáls og jafn öðrum að virðingu og réttindum. Menn eru gæddir vitsmunum og samvisku.",
    ("Polish", "cp1250"): "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Zażółć gęślą jaźń.",
    ("Polish of Unix", "iso8859_2"): "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Zażółć gęślą jaźń.",
    ("Czech", "cp1250"): "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Příliš žluťoučký kůň úpěl ďábelské ódy.",
    ("Hungarian", "cp1250"): "Minden emberi lény szabadon születik és egyenlő méltósága és joga van. Árvíztűrő tükörfúrógép.",
    ("Turkish", "cp1254"): "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Şişli’de ığdır çağı.",
    ("Russian", "cp1251"): "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    ("Russian of Unix", "koi8_r"): "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    ("Ukrainian", "cp1251"): "Всі люди народжуються вільними і рівними у своїй гідності та правах.",
    ("Greek", "cp1253"): "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.",
    ("Hebrew", "cp1255"): "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון, לפיכך חובה עליהם לנהוג איש ברעהו ברוח של אחווה.",
    ("Arabic", "cp1256"): "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق. وقد وهبوا عقلا وضميرا.",
    ("Chinese", "gb18030"): "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
    ("Chinese of Taiwan", "big5"): "人人生而自由，在尊嚴和權利上一律平等。他們賦有理性和良心，並應以兄弟關係的精神互相對待。",
    ("Japanese", "shift_jis"): "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    ("Japanese of Unix", "euc_jp"): "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを授けられており、互いに同胞の精神をもって行動しなければならない。",
    ("Korean", "euc_kr"): "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
}  # fmt: skip


@pytest.mark.parametrize(("language", "codec"), DECLARATION)
@pytest.mark.parametrize("times", [1, 20])
def test_a_paragraph_shows_its_encoding(language: str, codec: str, times: int) -> None:
    text = f"{DECLARATION[language, codec]}\n" * times
    found = guess(text.encode(codec))
    assert found is not None
    assert text.encode(codec).decode(found.codec) == text


@pytest.mark.parametrize(
    "text",
    [
        "it’s\n",
        "a café\n",
        "one — two\n",
        "It costs £5 now.\n",
        "é",
        "ÿ said so\n",
        "footnote¹ here\n",
        "50° north",
    ],
)
def test_a_single_byte_is_windows_1252_and_uncertain(text: str) -> None:
    found = guess(text.encode("cp1252"))
    assert found is not None
    assert (found.codec, found.sure) == ("cp1252", False)


def test_a_long_text_that_is_nearly_ascii_is_windows_1252() -> None:
    text = "The old man said that he had no time for any of it at all. " * 200
    for rare in ("\x92", "\x97", "\xa3", "\xe9", "\xf5"):
        found = guess(f"{text}it {rare}s ".encode("latin-1") + text.encode())
        assert found is not None
        assert found.codec == "cp1252"


def test_what_is_uncertain_has_alternatives_that_read_otherwise() -> None:
    data = "vin rosé\n".encode("cp437")
    found = guess(data)
    assert found is not None
    assert not found.sure
    assert len(found.others) <= 3
    readings = [data.decode(codec) for codec in (found.codec, *found.others)]
    assert len(set(readings)) == len(readings)
    many = guess((DECLARATION["French", "cp1252"] * 20).encode("cp1252"))
    assert many is not None
    assert (many.sure, many.others) == (True, ())
