"""Text in: where texts come from, how they are decoded, counted and encoded."""
