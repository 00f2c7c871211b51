"""The three scenarios of benches/browser, as the users of Selenium and unittest write them: a browser for each test."""

import os
import unittest

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.wait import WebDriverWait

LIMIT, INTERVAL = 10, 0.05  # seconds
TABLE = (By.ID, "id_list_table")


def start_browser():
    options = webdriver.ChromeOptions()
    options.binary_location = os.environ["PEER_CHROMIUM"]
    for argument in ("--headless=new", "--no-sandbox", "--window-size=1024,768", "--hide-scrollbars"):
        options.add_argument(argument)
    return webdriver.Chrome(options=options, service=Service(os.environ["PEER_CHROMEDRIVER"]))


class Visitors(unittest.TestCase):
    def setUp(self):
        self.browser = start_browser()
        self.addCleanup(lambda: self.browser.quit())

    def open(self):
        self.browser.get(os.environ["PEER_URL"] + "/")

    def enter(self, item):
        self.browser.find_element(By.ID, "id_new_item").send_keys(item, Keys.ENTER)

    def wait_for(self, condition):
        WebDriverWait(self.browser, LIMIT, INTERVAL).until(condition)

    def wait_for_list(self):
        self.wait_for(expected.url_matches(r"/lists/\d+/$"))

    def wait_for_row(self, text):
        self.wait_for(expected.text_to_be_present_in_element(TABLE, text))

    def assert_centred(self):
        box = self.browser.find_element(By.ID, "id_new_item").rect
        width = self.browser.execute_script("return innerWidth")
        self.assertAlmostEqual(box["x"] + box["width"] / 2, width / 2, delta=10)

    def test_a_visitor_starts_a_list(self):
        self.open()
        self.assertIn("To-Do", self.browser.title)
        box = self.browser.find_element(By.ID, "id_new_item")
        self.assertEqual(box.get_attribute("placeholder"), "Enter a to-do item")
        self.enter("Buy peacock feathers")
        self.wait_for_list()
        self.wait_for_row("1: Buy peacock feathers")
        self.enter("Use peacock feathers to make a fly")
        self.wait_for_row("2: Use peacock feathers to make a fly")
        self.wait_for_row("1: Buy peacock feathers")

    def test_two_visitors_have_lists_of_their_own(self):
        self.open()
        self.enter("Buy peacock feathers")
        self.wait_for_list()
        self.wait_for_row("1: Buy peacock feathers")
        hers = self.browser.current_url
        self.browser.quit()

        self.browser = start_browser()
        self.open()
        self.assertNotIn("Buy peacock feathers", self.browser.find_element(By.TAG_NAME, "body").text)
        self.enter("Buy milk")
        self.wait_for_list()
        self.assertNotEqual(self.browser.current_url, hers)
        self.wait_for_row("1: Buy milk")
        self.assertNotIn("Buy peacock feathers", self.browser.find_element(By.TAG_NAME, "body").text)

    def test_the_input_is_centred(self):
        self.open()
        self.assert_centred()
        self.enter("testing")
        self.wait_for_row("1: testing")
        self.assert_centred()


if __name__ == "__main__":
    unittest.main()
