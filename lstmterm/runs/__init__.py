"""A run on disk: its folder, journal, events, progress and curves."""
