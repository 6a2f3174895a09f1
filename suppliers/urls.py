"""Pages of the suppliers app. Namespace `suppliers`."""

from django.urls import path

from suppliers import views

app_name = "suppliers"
urlpatterns = [
    path("suppliers/", views.SupplierList.as_view(), name="list"),
    path("suppliers/add/", views.AddSupplier.as_view(), name="add"),
    path("suppliers/<uuid:pk>/", views.SupplierPage.as_view(), name="supplier"),
    path("suppliers/<uuid:pk>/change/", views.ChangeSupplier.as_view(), name="change"),
    path("suppliers/<uuid:pk>/links/add/", views.AddLink.as_view(), name="link_add"),
    path("supply-links/<uuid:pk>/change/", views.ChangeLink.as_view(), name="link_change"),
]
