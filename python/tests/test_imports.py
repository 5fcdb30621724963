"""Which of our files import which: never in a circle, so that each can be read, and loaded, with what is below it alone."""

import ast
import pathlib
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[1]


def modules():
    """Our modules by name; a package's own file under the package's."""
    found = {}
    for file in sorted(ROOT.joinpath("terpan_worker").rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imported(name, source, package):
    """What a module's source imports, wherever it stands in it: for type checkers alone, or in a function, too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = name.split(".")
            above = above[: len(above) - node.level + (1 if package else 0)] if node.level else []
            base = ".".join(above + ([node.module] if node.module else []))
            yield base
            yield from (base + "." + alias.name for alias in node.names)


def circle(graph):
    """One circle of a graph, its first name again at the end; empty: there is none."""
    done = set()

    def follow(name, path):
        if name in path:
            return path[path.index(name) :] + [name]
        if name in done:
            return []
        for other in sorted(graph[name]):
            found = follow(other, path + [name])
            if found:
                return found
        done.add(name)
        return []

    for start in sorted(graph):
        found = follow(start, [])
        if found:
            return found
    return []


class Imports(unittest.TestCase):
    def test_no_files_import_each_other_in_a_circle(self):
        files = modules()
        graph = {}
        for name, file in files.items():
            source = file.read_text(encoding="utf-8")
            every = set(imported(name, source, file.name == "__init__.py"))
            graph[name] = {other for other in every if other in files and not (name + ".").startswith(other + ".")}
        self.assertIn("terpan_worker.control", graph["terpan_worker.launch"])
        self.assertIn("terpan_worker.native.link", graph["terpan_worker.native.threads"])
        self.assertEqual([], circle(graph))

    def test_every_way_to_import_counts(self):
        source = "import os.path, a\nfrom . import b\nfrom .c import d\nfrom ..e import f\ndef g():\n    from h import i"
        self.assertEqual(
            {"os.path", "a", "p.q", "p.q.b", "p.q.c", "p.q.c.d", "p.e", "p.e.f", "h", "h.i"},
            set(imported("p.q.r", source, False)),
        )
        self.assertEqual({"p.q.r", "p.q.r.b"}, set(imported("p.q.r", "from . import b", True)))

    def test_a_circle_is_found(self):
        self.assertEqual(["b", "c", "b"], circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}))
        self.assertEqual([], circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}))


if __name__ == "__main__":
    unittest.main()
