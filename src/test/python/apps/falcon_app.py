"""The application of the real-application tests, in Falcon."""

import falcon

import common


class Hello:
    def on_get(self, request, response):
        response.text = f"Hello {request.remote_addr} at {request.url}"


class Upload:
    def on_post(self, request, response):
        response.text = common.digest(request.bounded_stream.read)


class Download:
    def on_get(self, request, response):
        length = request.get_param_as_int("bytes")
        response.content_length = length
        response.stream = common.blocks(length)


class Stream:
    def on_get(self, request, response):
        response.stream = common.stream(request.get_param("until"))


class Redirect:
    def on_get(self, request, response):
        raise falcon.HTTPFound(request.root_path + "/hello")


class Cookies:
    def on_get(self, request, response):
        response.set_cookie("first", "1", secure=False)
        response.set_cookie("second", "2", secure=False)
        response.text = " ".join(f"{name}={value}" for name, value in sorted(request.cookies.items()))


class Echo:
    def on_get(self, request, response, name):
        response.content_type = "text/plain; charset=utf-8"
        response.text = f"{name} {request.get_param('q')}"


class Fields:
    def on_get(self, request, response):
        # Falcon joins repeated fields of its answers; two of one name are two cookies.
        response.append_header("X-Many", "one")
        response.append_header("X-Many", "two")
        response.text = request.get_header("X-Many")


class Fail:
    def on_get(self, request, response):
        raise RuntimeError("failed before the first byte")


class FailLater:
    def on_get(self, request, response):
        response.stream = common.fail_later()


app = application = falcon.App()
app.add_route("/hello", Hello())
app.add_route("/upload", Upload())
app.add_route("/download", Download())
app.add_route("/stream", Stream())
app.add_route("/redirect", Redirect())
app.add_route("/cookies", Cookies())
app.add_route("/echo/{name}", Echo())
app.add_route("/fields", Fields())
app.add_route("/fail", Fail())
app.add_route("/fail-later", FailLater())
