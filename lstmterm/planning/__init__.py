"""From a text, a time and this machine to a spec."""
