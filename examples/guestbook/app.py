"""A guest book: sign it, add a picture, read it as a page, as JSON or piece by piece."""

import datetime
import os
import time
from pathlib import Path
from typing import Dict, Iterator, Optional

import bottle
from bottle import request, response

import pictures
import store

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("GUESTBOOK_DATA", HERE / "data"))

ENTRIES_PER_PAGE = 12
NAME_LENGTH = 60
MESSAGE_LENGTH = 1000
DESCRIPTION_LENGTH = 200
STREAM_PIECES = 10
STREAM_SECONDS = 0.3

book = store.Store(DATA / "guestbook.db")
album = pictures.Album(DATA / "pictures")
application = app = bottle.Bottle()

bottle.TEMPLATE_PATH.insert(0, str(HERE))


@app.hook("after_request")
def protect() -> None:
    """Nothing from elsewhere, no scripts, no guessing of types: visitors write part of what is shown."""
    response.set_header(
        "Content-Security-Policy",
        "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    response.set_header("X-Content-Type-Options", "nosniff")
    response.set_header("Referrer-Policy", "same-origin")


def page(values: Dict[str, str], faults: Dict[str, str]) -> str:
    """The one page; `values` and `faults` fill the form again after a fault."""
    try:
        number = max(1, int(request.query.get("page", "1")))
    except ValueError:
        number = 1
    total = book.count()
    pages = max(1, -(-total // ENTRIES_PER_PAGE))
    number = min(number, pages)
    return bottle.template(
        "page",
        entries=book.newest(ENTRIES_PER_PAGE, (number - 1) * ENTRIES_PER_PAGE),
        total=total,
        number=number,
        pages=pages,
        values=values,
        faults=faults,
        saved="signed" in request.query,
        limits={"name": NAME_LENGTH, "message": MESSAGE_LENGTH, "description": DESCRIPTION_LENGTH},
        accepted=pictures.ACCEPTED,
        megabytes=pictures.LARGEST // 2**20,
        process=os.getpid(),
        url=app.get_url,
        when=when,
    )


def when(moment: str) -> str:
    """A stored moment as people write it."""
    told = datetime.datetime.fromisoformat(moment)
    return f"{told.day} {told:%B %Y, %H:%M} UTC"


@app.get("/", name="home")
def home() -> str:
    return page({}, {})


@app.post("/")
def sign() -> Optional[str]:
    values = {name: request.forms.getunicode(name, "").strip() for name in ("name", "message", "description")}
    faults = {}
    if not 1 <= len(values["name"]) <= NAME_LENGTH:
        faults["name"] = f"Please give a name of 1 to {NAME_LENGTH} characters."
    if not 1 <= len(values["message"]) <= MESSAGE_LENGTH:
        faults["message"] = f"Please write 1 to {MESSAGE_LENGTH} characters."
    if len(values["description"]) > DESCRIPTION_LENGTH:
        faults["description"] = f"Please describe it in at most {DESCRIPTION_LENGTH} characters."
    picture = None
    upload = request.files.get("picture")
    # A browser sends a file without a name when none was chosen.
    if upload is not None and upload.raw_filename not in ("", "empty"):
        try:
            picture = pictures.Picture.read(upload.file)
        except pictures.Refused as refusal:
            faults["picture"] = str(refusal)
    if faults:
        response.status = 400
        return page(values, faults)
    file_name = album.keep(picture) if picture else None
    book.add(values["name"], values["message"], file_name, values["description"])
    bottle.redirect(app.get_url("home") + "?signed", 303)


@app.get("/pictures/<name:re:[0-9a-f]{32}\\.(?:png|jpg|gif|webp)>", name="picture")
def picture(name: str) -> bottle.HTTPResponse:
    # A kept picture never changes.
    return bottle.static_file(name, root=str(album.folder), headers={"Cache-Control": "public, max-age=31536000, immutable"})


@app.get("/api/entries", name="api")
def api() -> Dict[str, object]:
    entries = [
        {
            "id": entry.id,
            "name": entry.name,
            "message": entry.message,
            "written": entry.written,
            "picture": app.get_url("picture", name=entry.picture) if entry.picture else None,
            "description": entry.description,
        }
        for entry in book.newest(100, 0)
    ]
    return {"total": book.count(), "entries": entries}


@app.get("/stream", name="stream")
def stream() -> Iterator[str]:
    """The newest entries, one every moment: each piece leaves as soon as it is made."""
    response.content_type = "text/plain; charset=utf-8"
    response.set_header("Cache-Control", "no-store")
    entries = book.newest(STREAM_PIECES, 0)

    def pieces() -> Iterator[str]:
        yield f"The newest {len(entries)} of {book.count()} entries, told by process {os.getpid()}.\n"
        for entry in entries:
            time.sleep(STREAM_SECONDS)
            yield f"\n{when(entry.written)}, {entry.name}:\n{entry.message}\n"
        yield "\nThat is all.\n"

    return pieces()


@app.get("/style.css", name="style")
def style() -> bottle.HTTPResponse:
    return bottle.static_file("style.css", root=str(HERE), headers={"Cache-Control": "max-age=300"})


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=8080)
