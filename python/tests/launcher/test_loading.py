"""Importing the application that was found."""

import os
import sys
import tempfile
import unittest

from terpan_worker import loading

APPLICATION = "def application(environ, start_response):\n    return [b'here']\n"


class Loading(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.modules = set(sys.modules)
        sys.path.insert(0, self.folder)

    def tearDown(self):
        sys.path.remove(self.folder)
        for name in set(sys.modules) - self.modules:
            del sys.modules[name]

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def load(self, module, file="", name="", factory=False):
        return loading.load(module, file, name, factory)

    def test_application_is_taken_before_app(self):
        self.write("first_module.py", "app = 3\n" + APPLICATION)
        self.assertEqual([b"here"], self.load("first_module")(None, None))

    def test_app_is_the_other_usual_name(self):
        self.write("second_module.py", "def app(environ, start_response):\n    return []\n")
        self.assertEqual([], self.load("second_module")(None, None))

    def test_a_dotted_name_is_followed(self):
        self.write("third_module.py", "class site:\n    wsgi = staticmethod(lambda e, s: [b'dotted'])\n")
        self.assertEqual([b"dotted"], self.load("third_module", name="site.wsgi")(None, None))

    def test_a_factory_is_called(self):
        self.write("fourth_module.py", "def make():\n    return lambda e, s: [b'made']\n")
        self.assertEqual([b"made"], self.load("fourth_module", name="make", factory=True)(None, None))

    def test_a_module_without_a_usual_name_may_have_a_usual_factory(self):
        self.write("seventh_module.py", "def make_app(debug=False):\n    return lambda e, s: [b'made']\n")
        self.assertEqual([b"made"], self.load("seventh_module")(None, None))
        self.write("eighth_module.py", "def create_app():\n    return 3\n")
        with self.assertRaisesRegex(loading.NotFound, r"create_app\(\) returned int"):
            self.load("eighth_module")

    def test_a_factory_that_is_named_without_parentheses_is_found_out(self):
        text = "def create_app(config=None, debug=False):\n    return lambda e, s: []\n"
        self.write("ninth_module.py", text + "class Shop:\n    def make(self):\n        return None\nshop = Shop()\n")
        for name in ("create_app", "shop.make"):
            with self.assertRaisesRegex(loading.NotFound, rf"named with parentheses, ninth_module:{name}\(\)"):
                self.load("ninth_module", name=name)

    def test_what_takes_a_request_is_no_factory(self):
        self.write(
            "tenth_module.py",
            "def create_app(environ, start_response):\n    return [b'here']\n"
            "def wrapped(*arguments):\n    return [b'here']\n"
            "class Site:\n    def __call__(self, environ, start_response):\n        return [b'here']\nsite = Site()\n",
        )
        for name in ("create_app", "wrapped", "site"):
            self.assertEqual([b"here"], self.load("tenth_module", name=name)(None, None))

    def test_a_factory_that_needs_arguments_is_told_so(self):
        self.write("eleventh_module.py", "def create_app(config, *, debug):\n    return None\n")
        with self.assertRaisesRegex(loading.NotFound, "is a factory that needs arguments"):
            self.load("eleventh_module", name="create_app", factory=True)

    def test_a_file_whose_name_is_no_module_name_is_loaded_by_its_path(self):
        path = self.write("my-site.py", APPLICATION)
        self.assertEqual([b"here"], self.load("my_site", file=path)(None, None))

    def test_a_file_with_a_loaded_modules_name_is_still_the_applications(self):
        self.write("queue.py", APPLICATION)
        import queue

        self.assertEqual([b"here"], self.load("queue")(None, None))
        self.assertIs(queue, sys.modules["queue"])

    def test_what_is_not_there_is_said_in_one_line(self):
        self.write("fifth_module.py", "application = 3\n")
        for arguments, message in (
            (("nowhere_module", "", "", False), "no module 'nowhere_module'"),
            (("fifth_module", "", "", False), "is int, not a callable"),
            (("fifth_module", "", "site", False), "has no 'site'"),
        ):
            with self.assertRaisesRegex(loading.NotFound, message):
                loading.load(*arguments)

    def test_a_module_that_the_application_itself_misses_is_its_own_error(self):
        self.write("sixth_module.py", "import nowhere_module\n")
        with self.assertRaises(ModuleNotFoundError):
            self.load("sixth_module")
