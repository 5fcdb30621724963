"""What every request of a worker has in common."""

import sys
from typing import Any, Callable, Dict, Optional

from .files import FileWrapper

VERSION = "0.1.0"


class Settings:
    """Made once before the first request; never changed."""

    def __init__(
        self,
        application: Callable[..., Any],
        threads: int = 1,
        prefix: str = "",
        multiprocess: bool = True,
        files: bool = True,
        route_of: Optional[Callable[[Dict[str, Any]], Optional[bytes]]] = None,
    ) -> None:
        self.application = application
        self.threads = threads
        self.prefix = prefix.rstrip("/")
        self.files = files
        """Whether the front opens files that answers name; asking it costs a round trip."""
        self.route_of = route_of
        """What finds the field that tells the route which the application's framework found, of `routes.on_the_link`."""
        self.constants: Dict[str, Any] = {
            "SCRIPT_NAME": "",
            "QUERY_STRING": "",
            "SERVER_SOFTWARE": "terpan/" + VERSION,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": threads > 1,
            "wsgi.multiprocess": multiprocess,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
            "wsgi.file_wrapper": FileWrapper,
        }

    def cut_prefix(self, environ: Dict[str, Any]) -> None:
        """A path under the prefix is split into SCRIPT_NAME and PATH_INFO; any other stays whole."""
        path, prefix = environ["PATH_INFO"], self.prefix
        if path == prefix or path.startswith(prefix + "/"):
            environ["SCRIPT_NAME"] = prefix
            environ["PATH_INFO"] = path[len(prefix) :]
