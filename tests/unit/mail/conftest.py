"""What erasing needs, in the tests' own folder."""

from tests.unit.privacy.conftest import registry

__all__ = ["registry"]
