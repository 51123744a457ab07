"""Trained models at work, with numpy alone: one LSTM cell; sampling, scoring, adapting, tagging."""
