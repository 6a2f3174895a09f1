from django.apps import AppConfig


class HumanitarianConfig(AppConfig):
    name = "humanitarian"
