"""Pages of the humanitarian app. Namespace `humanitarian`."""

from django.urls import path

from humanitarian import views

app_name = "humanitarian"
urlpatterns = [
    path("actions/", views.ActionList.as_view(), name="actions"),
    path("actions/add/", views.AddAction.as_view(), name="action_add"),
    path("actions/change/", views.ChangeActions.as_view(), name="actions_change"),
    path("actions/<uuid:pk>/", views.ActionPage.as_view(), name="action"),
    path("actions/<uuid:pk>/change/", views.ChangeAction.as_view(), name="action_change"),
    path("humanitarian/", views.Humanitarian.as_view(), name="home"),
    path("humanitarian/contributions/", views.ContributionList.as_view(), name="contributions"),
    path("humanitarian/contributions/add/", views.AddContribution.as_view(), name="contribution_add"),
    path("humanitarian/contributions/<uuid:pk>/change/", views.ChangeContribution.as_view(), name="contribution_change"),
    path("humanitarian/partners/", views.PartnerList.as_view(), name="partners"),
    path("humanitarian/partners/add/", views.AddPartner.as_view(), name="partner_add"),
]
