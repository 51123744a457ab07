"""Tagged text in and out, tokens, word features, spans, metrics and ciphers."""
