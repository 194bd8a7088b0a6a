# The agent as an image, from the package that `npm pack` makes:
#
#   npm pack && docker build -t saker .
#
# The BPF object is in the package already: nothing is compiled here, and no compiler is in the image.
ARG BASE=node:20-bookworm-slim
FROM ${BASE}

RUN apt-get update \
	&& apt-get install -y --no-install-recommends libbpf1 \
	&& rm -rf /var/lib/apt/lists/*

COPY saker-*.tgz /tmp/
RUN npm install --global --omit=dev --no-audit --no-fund /tmp/saker-*.tgz \
	&& npm cache clean --force \
	&& rm /tmp/saker-*.tgz

# Alerts wait here for outputs that are away: keep it on a volume.
VOLUME /var/lib/saker
# Health and metrics, where the configuration says so.
EXPOSE 9465
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["saker", "stats", "--json"]

ENTRYPOINT ["saker"]
CMD ["run", "--json"]
