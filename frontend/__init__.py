"""The pages of the service: templates, styles, scripts and icons. A package only so that the wheel carries it."""
