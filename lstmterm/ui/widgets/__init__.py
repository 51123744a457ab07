"""Widgets and dialogs that several tabs use."""
