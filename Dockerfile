# One image for every process: `docker build -t orderhub .`, then `orderhub <command>`.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/orderhub
WORKDIR /src
COPY requirements.lock ./
RUN /opt/orderhub/bin/pip install --require-hashes -r requirements.lock
COPY requirements-bom.lock pyproject.toml ./
RUN python -m venv /opt/bom && /opt/bom/bin/pip install --require-hashes -r requirements-bom.lock \
 && /opt/bom/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml \
    --output-reproducible --of JSON -o /opt/sbom.cdx.json
COPY . .
RUN /opt/orderhub/bin/pip install --no-deps --no-build-isolation --no-index .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/orderhub --create-home --shell /usr/sbin/nologin orderhub \
 && chmod 700 /var/lib/orderhub
COPY --from=build /opt/orderhub /opt/orderhub
COPY --from=build /opt/sbom.cdx.json /opt/orderhub/sbom.cdx.json
ENV PATH=/opt/orderhub/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ORDERHUB_HOME=/var/lib/orderhub
USER 10001
WORKDIR /var/lib/orderhub
VOLUME /var/lib/orderhub
STOPSIGNAL SIGTERM
ENTRYPOINT ["orderhub"]
CMD ["--help"]
