"""The views of the real-application tests, in Django."""

from django.contrib.auth.models import Group
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template import Context, Engine
from django.views.decorators.csrf import csrf_exempt

import common

FORM = Engine().from_string(
    '<form method="post">{% csrf_token %}<input name="text"></form>{% for group in groups %}<p>{{ group.name }}</p>{% endfor %}'
)


def pieces(request, made, **fields):
    """An answer in pieces, as the interface wants it."""
    given = common.asynchronous(made) if isinstance(request, ASGIRequest) else made
    return StreamingHttpResponse(given, headers=fields)


def guestbook(request):
    if request.method == "POST":
        Group.objects.create(name=request.POST["text"])
        return redirect("guestbook")
    from django.middleware.csrf import get_token

    groups = Group.objects.all()
    return HttpResponse(FORM.render(Context({"csrf_token": get_token(request), "groups": groups})))


def hello(request):
    return HttpResponse(f"Hello {request.META['REMOTE_ADDR']} at {request.build_absolute_uri()}")


@csrf_exempt
def upload(request):
    return HttpResponse(common.digest(request.read))


def download(request):
    length = int(request.GET["bytes"])
    return pieces(request, common.blocks(length), **{"Content-Length": str(length)})


def stream(request):
    return pieces(request, common.stream(request.GET["until"]))


def away(request):
    return redirect("hello")


def cookies(request):
    answer = HttpResponse(" ".join(f"{name}={value}" for name, value in sorted(request.COOKIES.items())))
    answer.set_cookie("first", "1")
    answer.set_cookie("second", "2")
    return answer


def echo(request, name):
    return HttpResponse(f"{name} {request.GET['q']}", content_type="text/plain; charset=utf-8")


def fields(request):
    return HttpResponse(request.headers["X-Many"], headers={"X-Many": "one, two"})


def fail(request):
    raise RuntimeError("failed before the first byte")


def fail_later(request):
    return pieces(request, common.fail_later())
