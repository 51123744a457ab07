"""How fast a machine trains a character model of any size, from what was measured of one.

Two things were measured: the time that the reference model takes for a character, and the share of it that matrix
products take. The products of another size follow from its weights. The rest (gates, copies, waiting) follows from its
hidden units, and is less for each character of a larger batch. The share differs much among machines: about 0.3 with
matrix units (AMX), 0.6 in bfloat16 without them, 0.9 in float32.
"""

from lstmterm.planning.machine import Machine
from lstmterm.spec.character import CharBatchPart, CharModelPart

REFERENCE = CharModelPart(layers=1, hidden=384, embedding=64)
REFERENCE_BATCHES = CharBatchPart(batch_size=32, seq_length=48)
REFERENCE_VOCABULARY = 65
# A step's fixed costs, in streams that would take as long: small batches leave the processor waiting.
_STREAMS_OF_OVERHEAD = 40
_UNITS_OF_OVERHEAD = 128  # the same in hidden units
# Multiplications of the matrices of hidden units in a step of Muon: of four gates, in three rounds of three products.
_MUONS_PRODUCTS = 4 * 3 * 3
_MOST_OF_PRODUCTS = 0.9  # a larger share was measured wrong: something else takes time, too
_TIMES_TRAINED = 3  # the multiplications of training: forward, and twice as many backward


def cost(model: CharModelPart, vocabulary_size: int) -> float:
    """Multiplications for a character, forward."""
    inputs = [model.embedding or 1, *[model.hidden] * (model.layers - 1)]
    gates = sum(4 * model.hidden * (width + model.hidden) for width in inputs)
    return gates + model.hidden * vocabulary_size


def chars_per_second(
    model: CharModelPart,
    cut: CharBatchPart,
    vocabulary_size: int,
    machine: Machine,
    optimizer: str,
) -> float:
    """Characters a second on which `machine` trains a model, approximately."""
    products = _products(model, cut, vocabulary_size, optimizer) / _reference_products()
    rest = _rest(model, cut) / _rest(REFERENCE, REFERENCE_BATCHES)
    share = machine.share_of_products
    return machine.chars_per_second / (share * products + (1 - share) * rest)


def relative_time(model: CharModelPart, cut: CharBatchPart, optimizer: str) -> float:
    """How long a model takes for a character, in times of the reference model, on a machine of the usual kind."""
    usual = Machine("cpu", 1, "float32", chars_per_second=1.0)
    return 1 / chars_per_second(model, cut, REFERENCE_VOCABULARY, usual, optimizer)


def share_of_products(chars_per_second: float, multiplications_per_second: float) -> float:
    """The share of the reference model's time that its products take, at the speed of large ones."""
    seconds = _reference_products() / multiplications_per_second
    return min(seconds * chars_per_second, _MOST_OF_PRODUCTS)


def units(cut: CharBatchPart) -> int:
    """Characters in a step."""
    return cut.batch_size * cut.seq_length


def _reference_products() -> float:
    return _products(REFERENCE, REFERENCE_BATCHES, REFERENCE_VOCABULARY, "adamw")


def _products(model: CharModelPart, cut: CharBatchPart, vocabulary_size: int, optimizer: str) -> float:
    """Multiplications for a character in training."""
    matrices = 2 * model.layers - 1  # from hidden units to hidden units
    muons = _MUONS_PRODUCTS * matrices * model.hidden**3 / units(cut) if optimizer == "muon" else 0.0
    return _TIMES_TRAINED * cost(model, vocabulary_size) + muons


def _rest(model: CharModelPart, cut: CharBatchPart) -> float:
    """What else a character takes, in hidden units of a large batch."""
    units_and_more = model.layers * model.hidden + _UNITS_OF_OVERHEAD
    return units_and_more * (1 + _STREAMS_OF_OVERHEAD / cut.batch_size)
