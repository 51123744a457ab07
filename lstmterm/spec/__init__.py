"""What to train and how to sample: every setting, declared once."""
