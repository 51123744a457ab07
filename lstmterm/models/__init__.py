"""Model files and the library that they make."""
