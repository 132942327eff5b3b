# One image for the service, its worker, its commands and the identity provider. Nothing in it compiles, downloads or
# needs a shell; its user is 10001, its own files cannot be written to.
ARG PYTHON=python:3.13-slim

FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/telehealth && python -m venv /opt/sbom
COPY requirements.txt requirements-sbom.txt /locked/
RUN /opt/telehealth/bin/pip install --quiet --require-hashes --only-binary :all: -r /locked/requirements.txt
RUN /opt/sbom/bin/pip install --quiet --require-hashes --only-binary :all: -r /locked/requirements-sbom.txt
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY frontend frontend
COPY signaling signaling
COPY telehealth telehealth
# Nobody runs the tests of a library in the image, and its pages are in English: the other languages' words stay out.
RUN /opt/telehealth/bin/pip install --quiet --no-deps --no-build-isolation --no-index . \
 && /opt/telehealth/bin/pip uninstall --quiet --yes setuptools pip \
 && /opt/sbom/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml \
    --output-format JSON --output-file /opt/telehealth/sbom.cdx.json /opt/telehealth/bin/python \
 && cd /opt/telehealth/lib/python3.*/site-packages \
 && rm -rf tests doc dev && find . -depth -type d \( -name tests -o -name test \) -exec rm -rf {} + \
 && find babel/locale-data -name '*.dat' ! -name 'en*' ! -name root.dat -delete \
 && find canaille/translations wtforms/locale -mindepth 1 -maxdepth 1 -type d ! -name 'en*' -exec rm -rf {} + \
 && /opt/telehealth/bin/python -m compileall -q /opt/telehealth/lib

# No package of Debian's is added to the official image. The programs that would run as another user (su, mount, passwd)
# lose the right to, and the list of parts gets what is in the image already.
FROM ${PYTHON}
LABEL org.opencontainers.image.title="telehealth" org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 telehealth \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin telehealth \
 && find / -xdev -type f -perm /6000 -exec chmod a-s {} + \
 && install -d -o 10001 -g 10001 -m 0700 /var/lib/telehealth/keks /var/lib/telehealth/record /var/lib/telehealth/identity /var/lib/telehealth/backups \
 && install -d -o 0 -g 10001 -m 0750 /var/lib/telehealth/authority /var/lib/telehealth/relay
COPY --from=build /opt/telehealth /opt/telehealth
ENV PATH=/opt/telehealth/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp
RUN ["python", "-I", "-m", "telehealth.deployment.parts", "/opt/telehealth/sbom.cdx.json"]
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=10s --start-period=60s --retries=3 \
  CMD ["python", "-I", "-m", "telehealth.deployment.healthy", "http://127.0.0.1:8000/readyz"]
ENTRYPOINT ["telehealth"]
CMD ["serve", "--host", "0.0.0.0"]
