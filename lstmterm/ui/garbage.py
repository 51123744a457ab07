"""When Python looks for unused objects in the process of the screen.

A look at all objects stops the screen for a tenth of a second while a model writes, and comes every other second then.
Nearly all of them are what the screen is made of, so those are left out.
"""

import gc


class Garbage:
    """Whether and among which objects Python looks. Until `wait` nothing is changed."""

    def __init__(self) -> None:
        self._ours = False

    def wait(self) -> None:
        """Do not look until `leave_out`: looking takes a tenth of the time to the first frame, and frees nothing."""
        self._ours = True
        gc.disable()

    def leave_out(self) -> None:
        """Look from now on, but never at the objects that exist now."""
        if self._ours:
            gc.freeze()
            gc.enable()


garbage = Garbage()
