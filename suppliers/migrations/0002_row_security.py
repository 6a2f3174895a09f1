"""Suppliers are commercial: only the member, a granted share or a staff session opens them."""

from django.db import migrations

from aimprogress.core.rls import EnableRowSecurity, ScopedKeys


class Migration(migrations.Migration):
    dependencies = [("suppliers", "0001_suppliers_and_links")]
    operations = [
        EnableRowSecurity("suppliers_supplier", "COMMERCIAL"),
        EnableRowSecurity("suppliers_supplylink", "COMMERCIAL"),
        ScopedKeys("suppliers_supplylink", {"supplier_id": "suppliers_supplier"}),
    ]
