"""The registry of the tests' office, for what erasing takes along."""

from tests.unit.privacy.conftest import registry

__all__ = ["registry"]
