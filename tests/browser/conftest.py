"""One clinic and one Chromium for all browser tests."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.clinic import Clinic, running_clinic
from tests.browser.visitor import running_chromium

expect.set_options(
    timeout=15_000
)  # as long as pages wait for their own things: a busy machine is slow, not wrong


@pytest.fixture(scope="session")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with running_clinic(tmp_path_factory.mktemp("clinic") / "data") as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser
