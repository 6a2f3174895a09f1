"""Pages of imports and exports. Namespace `exchange`."""

app_name = "exchange"
urlpatterns: list = []
