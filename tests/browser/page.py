"""A page made by jirei, open in headless Chromium."""

import json
import pathlib
import subprocess
import time

from selenium import webdriver
from selenium.common.exceptions import ElementNotInteractableException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys


class Page:
    """Driver and shortcuts. `folder` takes what the page saves."""

    def __init__(self, folder, width=1360, height=900):
        self.folder = pathlib.Path(folder)
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--lang=ja",
                         "--force-color-profile=srgb", f"--window-size={width},{height}"):
            options.add_argument(argument)
        options.add_experimental_option("prefs", {
            "download.default_directory": str(self.folder), "download.prompt_for_download": False})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))

    def open(self, path, address=""):
        self.driver.get("about:blank")
        self.driver.get(pathlib.Path(path).resolve().as_uri() + address)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).textContent", selector)

    def texts(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)", selector)

    def click(self, selector, label=None):
        """Clicks the first such element, once there is one. What the page draws anew meanwhile is looked for again."""
        def clicked():
            try:
                found = [e for e in self.all(selector) if label is None or label in e.text]
                if not found:
                    return False
                self.run("arguments[0].scrollIntoView({block: 'center'})", found[0])
                found[0].click()
                return True
            except (StaleElementReferenceException, ElementNotInteractableException):
                return False

        self.wait(clicked, what=f"{selector} with {label}")
        self.settle()

    def press(self, *keys):
        """Keys for the page as a whole, not for a field."""
        self.one("body").send_keys(*keys)
        self.settle()

    def settle(self):
        """Waits until the page has drawn what the last action changed: a new address is drawn by a later task."""
        self.driver.execute_async_script(
            "const done = arguments[0]; setTimeout(() => requestAnimationFrame(() => setTimeout(done)))")

    def search(self, text):
        box = self.one("#search")
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(text, Keys.TAB) if text else box.send_keys(Keys.DELETE, Keys.TAB)
        self.wait(lambda: self.run("return new URLSearchParams(location.hash.split('?')[1]).get('q') ?? ''") == text)
        self.settle()

    def wait(self, condition, seconds=30, what="what was waited for"):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"{what} didn't happen in time"
            time.sleep(0.02)

    def saved(self, name):
        """The content of a file that the page saves, once it is there."""
        path = self.folder / name
        self.wait(lambda: path.exists() and path.stat().st_size > 0)
        content = path.read_bytes()
        path.unlink()
        return content

    def complaints(self):
        """What the browser reported: errors, refusals of the policy."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def picture(self, path):
        self.driver.save_screenshot(str(path))

    def pdf(self):
        import base64
        return base64.b64decode(self.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])

    def close(self):
        self.driver.quit()


def report(jirei, answers, out, *options):
    """Makes a page, and gives the seconds it took."""
    started = time.monotonic()
    subprocess.run([jirei, "report", str(answers), "-q", "-o", str(out), *options], check=True)
    return time.monotonic() - started


def listed(page):
    return page.run("return Number(document.querySelector('section[aria-label=回答] h2 small').textContent.replace(/[^0-9]/g, ''))")


def selection(content):
    return json.loads(content.decode("utf-8"))
