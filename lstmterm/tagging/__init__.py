"""Tagged files, sentences and words of plain text, word features, spans, metrics and ciphers."""
