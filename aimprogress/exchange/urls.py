"""Pages of imports. Namespace `exchange`."""

from django.urls import path

from aimprogress.exchange.import_pages import (
    AllRows,
    Columns,
    DiscardImport,
    Preview,
    ProblemRows,
    UndoImport,
)
from aimprogress.exchange.upload_pages import (
    DownloadSample,
    ImportHome,
    ListToFillIn,
    TrySample,
    UploadList,
)

app_name = "exchange"
urlpatterns = [
    path("", ImportHome.as_view(), name="home"),
    path("lists/<uuid:pk>/", Preview.as_view(), name="preview"),
    path("lists/<uuid:pk>/columns/", Columns.as_view(), name="columns"),
    path("lists/<uuid:pk>/problem-rows.xlsx", ProblemRows.as_view(), name="problem_rows"),
    path("lists/<uuid:pk>/all-rows/", AllRows.as_view(), name="all_rows"),
    path("lists/<uuid:pk>/undo/", UndoImport.as_view(), name="undo"),
    path("lists/<uuid:pk>/discard/", DiscardImport.as_view(), name="discard"),
    path("<slug:target>/", UploadList.as_view(), name="upload"),
    path("<slug:target>/try-sample/", TrySample.as_view(), name="try_sample"),
    path("<slug:target>/sample.xlsx", DownloadSample.as_view(), name="sample"),
    path("<slug:target>/list.xlsx", ListToFillIn.as_view(), name="to_fill_in"),
]
