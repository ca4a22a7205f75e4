"""Fixtures of the browser tests: a real Chromium for all of them."""

import pytest
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="session")
def chromium(browser_path):
    """Give the browser; each person gets a context of their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox", "--disable-gpu", "--no-proxy-server"]
        )
        yield browser
        browser.close()
