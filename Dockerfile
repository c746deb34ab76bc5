# Rollcall in one image: the dashboard with its engine. Not root, no shell, one writable folder.
#   docker build -t rollcall .
#   docker run --rm -p 127.0.0.1:8080:8080 -v rollcall:/data rollcall            (the demo cluster)
FROM node:22-bookworm-slim AS node

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
# The build of src/Web takes the browser libraries from npm by their lock file; Node is needed for that and not afterwards.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /source

# Packages first: they change less often than the code.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/Shared/Shared.csproj src/Shared/packages.lock.json src/Shared/
COPY src/Engine/Engine.csproj src/Engine/packages.lock.json src/Engine/
COPY src/Simulator/Simulator.csproj src/Simulator/packages.lock.json src/Simulator/
COPY src/Web/Web.csproj src/Web/FrontEnd.targets src/Web/packages.lock.json src/Web/
RUN dotnet restore src/Web --locked-mode
COPY src/Web/package.json src/Web/package-lock.json src/Web/
RUN cd src/Web && npm ci

COPY src src
COPY wwwroot wwwroot
COPY docs/schema docs/schema
RUN dotnet publish src/Web --no-restore -c Release -o /app && mkdir /data

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra
WORKDIR /app
COPY --from=build /app .
COPY --from=build --chown=1654:1654 /data /data
# Inside a container loopback is nobody's; the port is published, or not, from outside.
ENV ASPNETCORE_HTTP_PORTS=8080 \
    Rollcall__Database="Data Source=/data/rollcall.db"
VOLUME /data
EXPOSE 8080
USER 1654
ENTRYPOINT ["dotnet", "Rollcall.Web.dll"]
