"""Drafts: trees of texts that people write with models, kept on disk as they grow."""
