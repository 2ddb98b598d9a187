# Keyhound: one image for every command. docs/deploy.md says how to run it.
#   docker build -t keyhound .
#   docker run --rm --init -v keyhound:/workspace -v /var/log/api:/logs:ro keyhound ingest --new-only /logs

FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No dependency needs an install script; our own "prepare" would build before the sources are here.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
RUN npm run build

FROM node:20-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# tfjs-node (optional) cannot load without its install script, which downloads; it and what only it needs is 190 MB.
RUN npm ci --omit=dev --ignore-scripts \
  && npm cache clean --force \
  && rm -rf node_modules/@tensorflow/tfjs node_modules/@tensorflow/tfjs-node

FROM node:20-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE README.md CHANGELOG.md ./
# The workspace belongs to the user that runs, by number, so that a cluster can see that it is not root.
RUN chmod 0755 dist/cli/main.js \
  && ln -s /app/dist/cli/main.js /usr/local/bin/keyhound \
  && mkdir /workspace \
  && chown 1000:1000 /workspace
USER 1000:1000
# Commands work on the folder they are started in.
WORKDIR /workspace
VOLUME /workspace
EXPOSE 8787
# Of "keyhound serve", inside the container; containers that run other commands switch it off: --no-healthcheck.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8787/v1/health').then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["keyhound"]
CMD ["--help"]
