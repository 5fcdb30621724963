"""Finds which static files an application has, as its framework is set, for ``terpan check --suggest``."""

from __future__ import annotations

import os
import re
import sys
from typing import Any
from urllib.parse import urlsplit

from terpan_worker import loading


def lines(orders: dict[str, str]) -> str:
    """Lines for the settings file: a ``static`` for what was found, and behind number signs what is to be done first."""
    os.chdir(orders["chdir"])
    sys.path.insert(0, orders["directory"])
    application = loading.load(orders["module"], orders["file"], orders["callable"], orders["factory"] == "true")
    found: dict[str, str] = {}
    notes: list[str] = []
    for ask in (_django, _flask, _starlette):
        ask(application, found, notes)
    tables = ", ".join(f"{{path = {_quoted(path)}, directory = {_quoted(place)}}}" for path, place in found.items())
    return "\n".join([f"# {note}" for note in notes] + ([f"static = [{tables}]"] if tables else []))


def _quoted(text: str) -> str:
    """A string of TOML, in one line and without what would steer a terminal, whatever the application has said."""
    import json

    return re.sub("[\x7f-\x9f]", lambda found: f"\\u{ord(found.group()):04x}", json.dumps(text, ensure_ascii=False))


def _add(path: str, place: str, found: dict[str, str], notes: list[str], missing: str = "") -> None:
    path = path if path.startswith("/") else "/" + path
    place = os.path.abspath(place)
    found[path if path.endswith("/") else path + "/"] = place
    if not os.path.isdir(place):
        notes.append(f"{_quoted(place)} is no directory yet{missing}")


def _django(application: object, found: dict[str, str], notes: list[str]) -> None:
    module: Any = sys.modules.get("django.conf")
    settings = getattr(module, "settings", None)
    if settings is None or not settings.configured:
        return
    url, root = getattr(settings, "STATIC_URL", None), getattr(settings, "STATIC_ROOT", None)
    uses = "django.contrib.staticfiles" in getattr(settings, "INSTALLED_APPS", ())
    if not url or (not root and not uses):
        return
    if urlsplit(url).netloc:
        notes.append(f"Django has static files elsewhere: STATIC_URL is {_quoted(str(url))}")
    elif not root:
        notes.append("Django has no STATIC_ROOT: set it, and run manage.py collectstatic")
    else:
        _add(urlsplit(url).path, str(root), found, notes, ": run manage.py collectstatic")


def _flask(application: object, found: dict[str, str], notes: list[str]) -> None:
    if "flask" not in sys.modules or not getattr(application, "has_static_folder", False):
        return
    folder, path = getattr(application, "static_folder", None), getattr(application, "static_url_path", None)
    if folder and path:
        _add(path, folder, found, notes)


def _starlette(application: object, found: dict[str, str], notes: list[str]) -> None:
    if "starlette" not in sys.modules:
        return
    for route in getattr(application, "routes", ()):
        mounted = getattr(route, "app", None)
        directory = getattr(mounted, "directory", None)
        if type(mounted).__name__ == "StaticFiles" and directory and getattr(route, "path", ""):
            _add(route.path, str(directory), found, notes)
