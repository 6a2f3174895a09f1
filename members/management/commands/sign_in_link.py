"""`manage.py sign_in_link EMAIL`: a link that signs in once. With demo data only, and it opens on this machine only."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from aimprogress.core.exceptions import Conflict
from aimprogress.embedded.installation import Installation
from members.models import RoleGrant, User
from members.services.accounts import make_sign_in_link


class Command(BaseCommand):
    help = "Print a single-use sign-in link for each address. Demo data only; each opens on this machine only."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="+")

    def handle(self, *, email: list[str], **options: Any) -> None:
        address = Installation.here().address
        users = {user.email: user for user in User.objects.filter(email__in=[name.lower() for name in email])}
        unknown = [name for name in email if name.lower() not in users]
        for name in email:
            if user := users.get(name.lower()):
                self.stdout.write(f"{self._roles(user):<30} {name:<28} {address}{self._path(user)}")
        if unknown:
            raise CommandError(f"There is no account {', '.join(unknown)}.")

    def _path(self, user: User) -> str:
        try:
            return reverse("members:demo_sign_in", args=[make_sign_in_link(user)])
        except Conflict as problem:
            raise CommandError(str(problem)) from problem

    def _roles(self, user: User) -> str:
        return ", ".join(str(grant.get_role_display()) for grant in RoleGrant.objects.filter(user=user)) or "-"
