"""Pages of the risks app. Namespace `risks`."""

app_name = "risks"
urlpatterns: list = []
