"""Says hello to whoever asks for its host."""


def application(environ, start_response):
    body = f"Hello from {environ['HTTP_HOST']}\n".encode("latin-1")
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
