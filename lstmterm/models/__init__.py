"""Model files, the library of models, and what a model's card says."""
