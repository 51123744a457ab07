"""Adds the manual page to a wheel, made from the commands' own help."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Manual(BuildHookInterface):
    """`share/man/man1/lstmterm.1`, which pip, pipx and uv put where `man` looks for it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from lstmterm.cli.manual import manual

        self.folder = tempfile.TemporaryDirectory()
        page = Path(self.folder.name) / "lstmterm.1"
        page.write_text(manual(), "utf-8")
        build_data["shared_data"][str(page)] = "share/man/man1/lstmterm.1"
