"""The Tagger tab."""
