"""Makes the database of the Django site, with one administrator; run once before its tests."""

import os

import django
from django.core.management import call_command

os.environ["DJANGO_SETTINGS_MODULE"] = "django_site.settings"
django.setup()
call_command("migrate", verbosity=0)

from django.contrib.auth.models import User  # noqa: E402  (a model needs the settings)

User.objects.create_superuser("root", "root@shop.example", "secret")
