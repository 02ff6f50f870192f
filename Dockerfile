# The house in a container: no compiler, no root, nothing written outside /data.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 \
    DATA_DIR=/data HOST=0.0.0.0 PORT=8000
RUN useradd --uid 10001 --create-home house && install -d -o house -g house -m 0700 /data
# pg_dump, pg_restore and psql for `manage.py backup` and `restore`; never older than the server of docker-compose.yml.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN pip install --require-hashes --only-binary :all: -r requirements/base.txt
COPY . .
# The secret is only for this step; in earnest it comes from the environment.
RUN PYTHON=python bin/assets base && rm -rf node_modules
RUN SECRET_KEY=building DATA_DIR=/tmp/building python manage.py prepare --static-only \
    && rm -r /tmp/building
USER house
ENV PRODUCTION=1
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD \
    python -c "import urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': 'localhost'}))"
CMD ["gunicorn", "-c", "python:config.gunicorn", "--no-control-socket"]
