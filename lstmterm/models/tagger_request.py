"""The tagged data that a request names, read for its plan without torch."""

from dataclasses import dataclass, replace

from lstmterm.models import library, model_file
from lstmterm.models.starting import reading_of_tagger
from lstmterm.models.tagger_size import sizes
from lstmterm.planning.request import TrainRequest
from lstmterm.planning.tagger_outlook import TaggedText
from lstmterm.spec.tagger import DataPart
from lstmterm.tagging import ciphers, tagged_data
from lstmterm.tagging.counting import counting
from lstmterm.tagging.tagged_data import TaggerData
from lstmterm.tagging.words import TaggerVocabulary


@dataclass(frozen=True)
class TaggedReading:
    """Tagged data, how it was read, and what a plan needs to know of it."""

    part: DataPart
    data: TaggerData
    text: TaggedText


def read(request: TrainRequest) -> TaggedReading:
    """Read the data of a request, as a tagger that it starts from reads its own. Raises `InputError`."""
    given, further, earlier = request.given, None, None
    if request.start_from is not None:
        card = model_file.describe(library.find(request.start_from).path)
        given = reading_of_tagger(card, request.start_from, request.source, given)
        further = card.spec["model"]
        earlier = TaggerVocabulary.from_dict(card.metadata["vocabulary"])
    part = tagged_data.part_of(request.source, given)
    data = tagged_data.read(part)
    words = sum(len(sentence.words) for sentence in data.train)
    cipher = ciphers.kind_of(request.source)
    text = TaggedText(part.level, cipher, words, counting(data, part.level), further, sizes(data, earlier))
    return TaggedReading(replace(part, sha256=data.sha256), data, text)
