# One image for web, worker, beat and the one-time migration. Not run by the project's tests: no engine is at hand there.
FROM python:3.11-slim-bookworm

# What WeasyPrint draws with; the rest comes as wheels.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data
WORKDIR /portal
COPY requirements/runtime.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/runtime.txt
COPY . .

RUN useradd --system --uid 10001 portal && install -d -m 0700 -o portal /data
USER portal
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "aimprogress.wsgi", "--worker-class=gthread", "--workers=2", "--threads=4", "--preload", "--no-control-socket", "--bind=0.0.0.0:8000"]
