"""Pages of the humanitarian app. Namespace `humanitarian`."""

app_name = "humanitarian"
urlpatterns: list = []
