"""What people do on the pages that are made of Streamlit's controls, by clicks and keys only."""

import re
from pathlib import Path

from playwright.sync_api import TimeoutError, expect  # noqa: A004  the browser's own


class Person:
    """Somebody who is signed in, on a page."""

    def __init__(self, page):
        self.page = page

    def settled(self):
        """Wait until the page has answered what was done before: what it draws anew takes an open list away."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")

    def go(self, title, group=None):
        """Go to a page by the navigation."""
        if group:
            self.page.get_by_test_id("stTopNavSection").filter(has_text=group).click()
            self.page.get_by_role("menuitem", name=title, exact=True).click()
        else:
            self.page.get_by_test_id("stTopNav").get_by_role("link", name=title, exact=True).click()

    def part(self, title):
        """Open a part of a page."""
        self.settled()
        chosen = self.page.get_by_role("radio", name=title, exact=True)
        chosen.click()
        expect(chosen).to_be_checked()

    def pick(self, label, *wanted):
        """Pick from a list by typing."""
        box = self.page.get_by_role("combobox", name=label, exact=True)
        for one in wanted:
            self._pick(box, one)
        self.page.keyboard.press("Tab")

    def _pick(self, box, text):
        option = self.page.get_by_role("option").filter(has_text=text).first
        for attempt in reversed(range(5)):
            self.settled()
            box.click()
            box.fill(text)
            try:
                return option.click(timeout=10_000)
            except TimeoutError:  # the page was drawn anew under the open list
                if not attempt:
                    raise
        return None

    def write(self, label, text):
        """Write into a field."""
        self.page.get_by_label(label, exact=True).fill(text)

    def day(self, label, moment):
        """Write a day, or a day and an hour, into a field of days."""
        self.settled()
        field = self.page.get_by_role("group", name=label, exact=True).first
        field.get_by_role("spinbutton").first.click()
        self.page.keyboard.type(re.sub(r"\D", "", moment))

    def tick(self, label, *, first=False):
        """Tick a box, or open what is folded."""
        self.settled()
        found = self.page.get_by_text(label, exact=True)
        (found.first if first else found).click()

    def click(self, label):
        """Click a button."""
        self.page.get_by_role("button", name=label, exact=True).click()

    def takes(self, label):
        """Follow a link to a file and return its content."""
        with self.page.expect_download() as coming:
            self.page.get_by_role("link", name=label, exact=True).click()
        return Path(coming.value.path()).read_bytes()

    def sees(self, *texts):
        """Wait until each text is to be seen."""
        for one in texts:
            expect(self.page.get_by_text(one).first).to_be_visible()
