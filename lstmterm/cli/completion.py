"""Shell completion of models, runs and texts, from the names of files and folders."""

import contextlib
from collections.abc import Callable, Iterable, Iterator

import click
from click.shell_completion import CompletionItem

from lstmterm import paths
from lstmterm.errors import InputError
from lstmterm.runs.ids import name_in

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _completion(names: Callable[[str], Iterable[str]], *, files: bool = False) -> Complete:
    """Complete `names(incomplete)`, each once, and with `files` any file; never one with control characters."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        fit = (name for name in names(incomplete) if name.startswith(incomplete) and name.isprintable())
        any_file = [CompletionItem(incomplete, type="file")] * files
        return [*any_file, *map(CompletionItem, dict.fromkeys(fit))]

    return complete


def _entries(folder: paths.Path) -> Iterator[str]:
    """The names in a folder except hidden ones; empty if it cannot be read."""
    with contextlib.suppress(OSError):
        yield from sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))


def _models_in(*folders: paths.Path) -> Iterator[str]:
    files = (name for folder in folders for name in _entries(folder) if name.endswith(paths.MODEL_SUFFIX))
    return (name.removesuffix(paths.MODEL_SUFFIX) for name in files)


def _runs(incomplete: str) -> Iterable[str]:
    """Names of runs, or ids once a digit is typed; the newest first."""
    ids = sorted(_entries(paths.runs()), reverse=True)
    return ids if incomplete[:1].isdigit() else map(name_in, ids)


def _texts(_: str) -> Iterable[str]:
    from lstmterm.corpora import builtin

    return [*builtin.NAMES, *_entries(paths.corpora())]


def _catalogue(_: str) -> Iterable[str]:
    from lstmterm.corpora import catalogue

    with contextlib.suppress(InputError):
        return catalogue.entries()
    return ()


def _drafts(_: str) -> Iterable[str]:
    return (name.removesuffix(".jsonl") for name in _entries(paths.drafts()) if name.endswith(".jsonl"))


def _presets(_: str) -> Iterable[str]:
    from lstmterm import settings
    from lstmterm.spec import presets

    with contextlib.suppress(InputError, OSError):
        return presets.every(settings.load().presets)
    return presets.SHIPPED


models = _completion(lambda _: _models_in(paths.models(), paths.shipped_models()), files=True)
own_models = _completion(lambda _: _models_in(paths.models()))
runs = _completion(_runs)
texts = _completion(_texts, files=True)  # that need no fetching
stored_texts = _completion(lambda _: _entries(paths.corpora()))
fetchable = _completion(_catalogue)
drafts = _completion(_drafts)
presets = _completion(_presets)
