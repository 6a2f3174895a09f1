"""What gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aimprogress.settings")
application = get_wsgi_application()

# gunicorn loads this once and forks its workers from it (--preload). With every view in it they share that memory, the
# first visitor does not wait for imports, and no collection of garbage walks through it in the middle of an answer.
get_resolver().url_patterns  # noqa: B018 - reading it imports the views
gc.collect()
gc.freeze()
