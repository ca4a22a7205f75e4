"""Fixtures of the browser tests: a prepared site of one's own for each test, a real Chromium for all of them."""

import pytest
from playwright.sync_api import sync_playwright
from site_of import prepared, served


@pytest.fixture(scope="session")
def prepared_site(tmp_path_factory):
    """Give the folder of a small demonstration, filled once for each process of the test run."""
    return prepared(tmp_path_factory.mktemp("site"))


@pytest.fixture
def site(prepared_site, tmp_path):
    """Serve a copy of it."""
    with served(prepared_site, tmp_path / "data") as found:
        yield found


@pytest.fixture(scope="session")
def chromium(browser_path):
    """Give the browser; each person gets a context of their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox", "--disable-gpu", "--no-proxy-server"]
        )
        yield browser
        browser.close()
