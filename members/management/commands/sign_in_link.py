"""`manage.py sign_in_link EMAIL [EMAIL ...] [--count N]`: single-use links, with demo data and on this machine only."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse

from aimprogress.core.permissions import ROLE_NAMES
from aimprogress.environment import read
from members.access import actor_for_user
from members.models import User
from members.services.accounts import make_sign_in_link


class Command(BaseCommand):
    help = "Print links that sign somebody in once, within twelve hours, on this machine, with demo data only."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="+", help="the account's address")
        parser.add_argument("--count", type=int, default=1, help="how many links for each")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Sign-in links exist only with demo data (DEMO=1).")
        made = 0
        for email in options["email"]:
            user = User.objects.filter(email__iexact=email, is_active=True).first()
            if user is None:
                self.stderr.write(f"There is no account {email}.")
                continue
            for _ in range(max(1, options["count"])):
                self.stdout.write(self.line(user))
                made += 1
        if not made:
            raise CommandError("No link was made.")

    def line(self, user: User) -> str:
        with transaction.atomic():
            path = reverse("members:demo_sign_in", args=[make_sign_in_link(user)])
            roles = ", ".join(str(ROLE_NAMES[role]) for role in sorted(actor_for_user(user).roles)) or "no role"
        scheme = "http" if settings.PLAIN_HTTP else "https"
        return f"{user.email:<28} {roles:<28} {scheme}://localhost:{read('PORT')}{path}"
