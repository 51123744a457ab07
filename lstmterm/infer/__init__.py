"""The trained models at work, with numpy alone."""
