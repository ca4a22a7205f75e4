"""The three pages where people work for hours, as a test works in them: filling in, reviewing, looking on site."""

import io
import re

from PIL import Image
from playwright.sync_api import expect

NUMBER, CHOICE = "canteen.diners_per_meal", "canteen.operation"


class FillDesk:
    """The fill-in page of one person."""

    def __init__(self, page, site, seat="第一食堂"):
        self.page, self.site = page, site
        page.goto(f"{site.address}/fill")
        if seat:
            self.seat(seat)
        expect(page.locator(".zf-item").first).to_be_visible()

    def seat(self, title):
        chosen = self.page.get_by_label("填哪一处")
        expect(chosen).to_be_visible()
        value = chosen.locator("option").filter(has_text=title).get_attribute("value")
        if chosen.input_value() != value:
            chosen.select_option(value)
        expect(self.page.locator(f'.zf[data-subject="{value}"] .zf-item').first).to_be_visible()
        expect(self.page).to_have_url(re.compile(f"subject={value}"))

    def fact(self, name):
        return self.page.locator(f'.zf-q[data-fact="{name}"]').first

    def box(self, name):
        return self.fact(name).locator("input:not([type=file]), textarea").first

    @property
    def status(self):
        return self.page.locator(".zf-status")

    def type(self, text):
        """Type letter by letter, and do not leave the field."""
        self.box(NUMBER).fill("")
        self.box(NUMBER).press_sequentially(text)

    def pick(self, title):
        """Choose; what is chosen already would be taken back by another click."""
        option = self.fact(CHOICE).get_by_role("radio", name=title)
        if option.get_attribute("aria-checked") != "true":
            option.click()
        expect(option).to_have_attribute("aria-checked", "true")

    @property
    def picked(self):
        return self.fact(CHOICE).locator('[aria-checked="true"]').inner_text().removeprefix("✓ ")

    def find(self, words):
        self.page.get_by_label("查找问题或指标").fill(words)
        self.page.locator(".zf-found button").first.click()

    def saved(self):
        expect(self.status).to_have_attribute("data-state", "saved")

    def reload(self):
        self.page.reload()
        expect(self.page.locator(".zf-item").first).to_be_visible()


class ReviewDesk:
    """The review page of one inspector, with a case open."""

    def __init__(self, page, site, state="评审中"):
        self.page, self.site = page, site
        page.goto(f"{site.address}/review")
        page.locator(".zs-task").filter(has_text=state).get_by_role("link").click()
        self.ready()

    @classmethod
    def of(cls, page):
        """Return the desk that a page shows already."""
        found = cls.__new__(cls)
        found.page = page
        found.ready()
        return found

    def ready(self):
        expect(self.page.locator(".zr-finding")).to_be_visible()
        self.shown()

    def find(self, words):
        self.page.get_by_label("查找指标").fill(words)
        self.page.get_by_label("查找指标").press("Enter")
        self.page.locator(f'[data-claim="{words}"] h2').click()  # out of the field: keys are keys again
        self.shown()

    def shown(self):
        expect(self.page.locator(".zr-right")).not_to_have_attribute("inert", "")

    def row(self, indicator):
        return self.page.locator(f'.zr-row[data-item="{indicator}"]')

    @property
    def title(self):
        return self.page.locator(".zr-claim h2")

    @property
    def said(self):
        return self.page.locator(".zr-now")

    @property
    def status(self):
        return self.page.locator(".zf-status")

    @property
    def notice(self):
        return self.page.locator(".zf-notice")

    def tab(self, title):
        self.page.locator(".zr-tab").filter(has_text=title).click()

    def saved(self):
        expect(self.status).to_have_attribute("data-state", "saved")
        expect(self.status).to_contain_text("已保存")

    def reload(self):
        self.page.reload()
        self.ready()


# On site -----------------------------------------------------------------------------------------------------------------


def picture(colour=(90, 140, 120)):
    file = io.BytesIO()
    Image.new("RGB", (900, 600), colour).save(file, "JPEG")
    return file.getvalue()


class Trip:
    """The page on the phone, with one place open."""

    def __init__(self, page, site):
        self.page, self.site = page, site
        self.visit = page.locator('.zo-visit[data-indicator="emergency-drills"]')
        page.goto(f"{site.address}/onsite")
        self.open()

    def open(self):
        """Unfold the drills, wherever they stand."""
        expect(self.visit).to_be_attached()
        if self.visit.get_attribute("open") is None:
            self.visit.locator("summary").first.click()
        expect(self.count).to_be_visible()

    @property
    def count(self):
        return self.visit.locator(".zo-counter").first

    @property
    def number(self):
        return self.count.locator("input")

    @property
    def fact(self):
        return self.visit.locator(".zo-fact").filter(has=self.page.locator(".zo-counter")).first

    @property
    def photos(self):
        return self.fact.locator(".zo-shots li")

    @property
    def status(self):
        return self.page.locator(".zf-status")

    def add(self, times=1):
        for _ in range(times):
            self.count.get_by_role("button", name="加一").click()

    def shoot(self, colour):
        file = {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": picture(colour)}
        self.fact.locator("input[type=file]").first.set_input_files(files=[file])

    def sent(self):
        expect(self.status).to_have_attribute("data-state", "saved")
        expect(self.status).to_contain_text("都已传上")
