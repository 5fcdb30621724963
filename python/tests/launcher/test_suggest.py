"""What static files an application has, as its framework is set; the frameworks are as much of them as is looked at."""

import os
import subprocess
import sys
import tempfile
import unittest

from terpan_worker import fields

START = os.path.join(os.path.dirname(__file__), "..", "..", "terpan_worker", "start.py")
DJANGO = """
import sys, types
conf = types.ModuleType("django.conf")
conf.settings = types.SimpleNamespace(configured=True, STATIC_URL=%r, STATIC_ROOT=%r, INSTALLED_APPS=["django.contrib.staticfiles"])
sys.modules["django.conf"] = conf
def application(environ, start_response): ...
"""
FLASK = """
import sys, threading, time
sys.modules["flask"] = sys
class Flask:
    has_static_folder = True
    static_folder = %r
    static_url_path = "/files"
    def __call__(self, environ, start_response): ...
threading.Thread(target=time.sleep, args=(3600,)).start()
print("said as it is imported")
application = Flask()
"""


class Suggest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        os.mkdir(os.path.join(self.folder, "static"))

    def ask(self, code):
        with open(os.path.join(self.folder, "shop.py"), "w", encoding="utf-8") as file:
            file.write(code)
        orders = {"chdir": self.folder, "directory": self.folder, "module": "shop", "file": "", "callable": "", "factory": "false"}
        question = "files:" + fields.encode(orders).encode().hex()
        ended = subprocess.run([sys.executable, START, "facts", question], capture_output=True, text=True, check=True, timeout=60)
        return fields.decode(ended.stdout).get(question, "")

    def test_django_has_a_url_and_a_root(self):
        root = os.path.join(self.folder, "static")
        self.assertEqual(f'static = [{{path = "/static/", directory = "{root}"}}]', self.ask(DJANGO % ("static/", root)))

    def test_a_root_that_is_not_collected_yet_is_told(self):
        found = self.ask(DJANGO % ("/assets/", os.path.join(self.folder, "none")))
        self.assertIn('none" is no directory yet: run manage.py collectstatic', found)
        self.assertIn('static = [{path = "/assets/"', found)

    def test_without_a_root_django_is_to_be_given_one(self):
        self.assertEqual("# Django has no STATIC_ROOT: set it, and run manage.py collectstatic", self.ask(DJANGO % ("/static/", None)))

    def test_files_that_are_elsewhere_are_told(self):
        self.assertIn("# Django has static files elsewhere", self.ask(DJANGO % ("https://cdn.example/static/", "/srv/static")))

    def test_what_an_application_says_stays_within_its_line(self):
        found = self.ask(DJANGO % ("https://cdn.example/\nuser = 1\x1b[2J\x9b", "/srv/static"))
        self.assertEqual(1, len(found.splitlines()), found)
        self.assertTrue(found.isprintable(), found)
        found = self.ask(DJANGO % ("/static/", os.path.join(self.folder, "a\nb\x1b\x7f")))
        self.assertEqual(["#", "s"], [line[0] for line in found.splitlines()], found)
        self.assertTrue(found.replace("\n", "").isprintable(), found)

    def test_flask_has_a_folder_and_its_threads_are_not_waited_for(self):
        folder = os.path.join(self.folder, "static")
        self.assertEqual(f'static = [{{path = "/files/", directory = "{folder}"}}]', self.ask(FLASK % folder))

    def test_an_application_without_files_has_none(self):
        self.assertEqual("", self.ask("def application(environ, start_response): ...\n"))


if __name__ == "__main__":
    unittest.main()
