"""A treebank as `corpora fetch` leaves it."""

from collections.abc import Mapping

from lstmterm.corpora import stored
from lstmterm.corpora.documents import sha256_of_file


def fetched(name: str, files: Mapping[str, int]) -> None:
    """Store a treebank with files of this many sentences, all different."""
    with stored.new(name) as folder:
        for file, count in files.items():
            rows = [
                f"1\t{file[:-7]}{i}\t_\tNOUN\t_\t_\t_\t_\t_\t_\n2\tis\t_\tVERB\t_\t_\t_\t_\t_\t_\n\n"
                for i in range(count)
            ]
            (folder / file).write_text("".join(rows))
        sha256 = {file: sha256_of_file(folder / file) for file in files}
        stored.write_record(folder, stored.Record("fetched", "treebank", name, "made", sha256))
