"""Shell completion of models, runs and texts, from the names of files and folders."""

import contextlib
from collections.abc import Iterable, Iterator

import click
from click.shell_completion import CompletionItem

from lstmterm import paths
from lstmterm.runs.ids import name_in


def models(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """All models, or any file."""
    names = (*_models_in(paths.models()), *_models_in(paths.shipped_models()))
    return _files(incomplete) + _matching(names, incomplete)


def own_models(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The user's own models."""
    return _matching(_models_in(paths.models()), incomplete)


def runs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Runs by name, or by id once a digit is typed."""
    ids = sorted(_entries(paths.runs()), reverse=True)
    if incomplete[:1].isdigit():
        return _matching(ids, incomplete)
    return _matching(map(name_in, ids), incomplete)


def texts(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Texts that need no fetching, or any file."""
    from lstmterm.corpora import builtin

    return _files(incomplete) + _matching([*builtin.NAMES, *_entries(paths.corpora())], incomplete)


def stored_texts(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Texts that were fetched or added."""
    return _matching(_entries(paths.corpora()), incomplete)


def fetchable(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Texts of the catalogue."""
    from lstmterm.corpora import catalogue
    from lstmterm.errors import InputError

    with contextlib.suppress(InputError):
        return _matching(catalogue.entries(), incomplete)
    return []


def _models_in(folder: paths.Path) -> Iterator[str]:
    files = (name for name in _entries(folder) if name.endswith(paths.MODEL_SUFFIX))
    return (name.removesuffix(paths.MODEL_SUFFIX) for name in files)


def _entries(folder: paths.Path) -> Iterator[str]:
    """The names in a folder except hidden ones; empty if it cannot be read."""
    with contextlib.suppress(OSError):
        yield from sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))


def _matching(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    """Each name once, without names that contain control characters."""
    fit = (name for name in names if name.startswith(incomplete) and name.isprintable())
    return [CompletionItem(name) for name in dict.fromkeys(fit)]


def _files(incomplete: str) -> list[CompletionItem]:
    """Let the shell complete files if no name matches."""
    return [CompletionItem(incomplete, type="file")]
