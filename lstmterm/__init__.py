"""Train an LSTM on your own text, in your terminal, on the machine you have."""

__version__ = "0.2.0"
