"""The pages of the site."""

from django.contrib import admin
from django.contrib.staticfiles.views import serve
from django.urls import path

from django_site import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("static/<path:path>", serve, {"insecure": True}),
    path("guestbook", views.guestbook, name="guestbook"),
    path("hello", views.hello, name="hello"),
    path("upload", views.upload),
    path("download", views.download),
    path("stream", views.stream),
    path("redirect", views.away),
    path("cookies", views.cookies),
    path("echo/<name>", views.echo),
    path("fields", views.fields),
    path("fail", views.fail),
    path("fail-later", views.fail_later),
]
