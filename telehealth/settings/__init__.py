"""What the service is told from outside: each setting declared once, as data; a bad value stops the start."""

from telehealth.settings.reading import BadSetting
from telehealth.settings.service import Settings

__all__ = ["BadSetting", "Settings"]
