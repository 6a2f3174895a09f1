"""May they: every viewset names a permission for what it reads, and its services name theirs for what they change."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from aimprogress.core.permissions import Permission
from aimprogress.web.guarded import Access

if TYPE_CHECKING:  # rest_framework.views asks for this module while it is imported
    from rest_framework.views import APIView


class NamedPermission(BasePermission):
    """Asks the Actor for the permission that the view names. A view that names none lets nobody in."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        wanted = permission_of(view)
        if wanted is Access.SIGNED_IN:
            return request.auth is not None
        return request.auth is not None and isinstance(wanted, Permission) and request.auth.may(wanted)


def permission_of(view: "APIView") -> Permission | Access | None:
    """What a request needs: reading the view's own permission, an action or a service its own."""
    found = getattr(view, "needed_permission", None)
    return found() if callable(found) else getattr(view, "permission", None)
