"""When this process began: a run's minutes count from here."""

import time

STARTED = time.monotonic()  # imported first, so it is as good as the start of the process
