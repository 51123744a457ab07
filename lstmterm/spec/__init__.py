"""What to train: every hyperparameter, declared once."""
