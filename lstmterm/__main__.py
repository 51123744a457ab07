"""The start of the program: the console script, and `python -m lstmterm`."""

import os
import sys


def main() -> None:
    """Run the command of the process's arguments."""
    if sys.platform == "win32":
        sys.exit(
            "lstmterm: Windows is not supported. Install WSL (https://learn.microsoft.com/windows/wsl/install), "
            "and lstmterm in it."
        )

    from lstmterm import ending

    ending.end_on_signals()  # before everything that takes time to import
    if sys.getfilesystemencoding() == "ascii":  # LC_ALL=C says nothing of names and arguments: they are UTF-8
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])

    from lstmterm import cli
    from lstmterm.cli import output

    output.protect()
    cli.main()


if __name__ == "__main__":
    main()
