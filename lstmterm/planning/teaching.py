"""How long training takes when models are trained in turn: teachers, and one that learns from them."""

from lstmterm.planning.training_time import relative_time
from lstmterm.spec.character import CharBatchPart, CharModelPart, EnsemblePart

_PREDICTIONS = 0.31  # of a teacher, in steps of it


def teachers_step(model: CharModelPart, ensemble: EnsemblePart, cut: CharBatchPart, optimizer: str) -> float:
    """How long a step of a teacher takes, in steps of the model alone."""
    teacher = ensemble.teacher_of(model)
    return relative_time(teacher, cut, optimizer) / relative_time(model, cut, optimizer)


def taught_step(model: CharModelPart, ensemble: EnsemblePart, cut: CharBatchPart, optimizer: str) -> float:
    """How long a step of the model takes with the predictions of its teachers, in steps of the model alone."""
    return 1 + ensemble.ensemble * teachers_step(model, ensemble, cut, optimizer) * _PREDICTIONS


def models_in_time(model: CharModelPart, ensemble: EnsemblePart, cut: CharBatchPart, optimizer: str) -> float:
    """How many times as long the whole run takes as the last model alone; all models make as many steps."""
    teachers = ensemble.ensemble * teachers_step(model, ensemble, cut, optimizer)
    return teachers + taught_step(model, ensemble, cut, optimizer)
