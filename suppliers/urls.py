"""Pages of the suppliers app. Namespace `suppliers`."""

app_name = "suppliers"
urlpatterns: list = []
