"""The screen's own colours, a dark and a light theme; textual's other themes can be chosen too."""

from textual.theme import Theme

DARK = Theme(
    name="lstmterm-dark",
    primary="#7aa2d6",
    secondary="#8fa1b8",
    accent="#e0a458",
    warning="#e0a458",
    error="#e07a6d",
    success="#8fbf7f",
    foreground="#d8dce4",
    background="#14171c",
    surface="#1a1e25",
    panel="#232934",
    dark=True,
    variables={"border": "#4a5568", "border-blurred": "#2f3744", "block-cursor-text-style": "bold"},
)

LIGHT = Theme(
    name="lstmterm-light",
    primary="#2b5f9e",
    secondary="#5b6675",
    accent="#a85a12",
    warning="#a85a12",
    error="#b0382b",
    success="#3c7a34",
    foreground="#23272e",
    background="#fafaf7",
    surface="#f3f3ee",
    panel="#e8e8e1",
    dark=False,
    variables={"border": "#8c94a0", "border-blurred": "#cfd2cf", "block-cursor-text-style": "bold"},
)
