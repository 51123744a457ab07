"""The screen: the only room that imports textual. It never imports torch, nor the room that does."""
