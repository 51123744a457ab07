"""How often threads that write post what they wrote."""

POST_INTERVAL = 1 / 25  # seconds between two pieces of text
FULL_INTERVAL = 1 / 12  # the same at full speed; drawing holds up the thread that writes
BREATH = 0.002  # seconds that a thread at full speed leaves to the screen after each piece
WAY = 0.04  # seconds for which it leaves all of the interpreter to the screen after a key
CALM = 0.4  # seconds after a key in which it writes no faster than this, so that the next keys are as quick
CALM_SPEED = 120.0  # characters a second
