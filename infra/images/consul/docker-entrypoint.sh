#!/bin/bash
# As the official image's: a Consul command or only its options, CONSUL_LOCAL_CONFIG as one more file of configuration.
set -euo pipefail
if [[ -n ${CONSUL_LOCAL_CONFIG:-} ]]; then
  # A port that Consul has since 1.14, and refuses to be told about before.
  sed -E 's/,"grpc_tls":-?[0-9]+//; s/"grpc_tls":-?[0-9]+,?//' <<<"$CONSUL_LOCAL_CONFIG" >/consul/config/local.json
fi
if [[ ${1:-} == -* ]]; then set -- agent "$@"; fi
if [[ ${1:-} == agent ]]; then
  shift
  set -- consul agent -data-dir=/consul/data -config-dir=/consul/config "$@"
elif [[ ${1:-} == version || -x /usr/bin/consul && -n ${1:-} ]] && ! command -v "$1" >/dev/null 2>&1; then
  set -- consul "$@"
fi
if [[ $1 == consul && $(id -u) -eq 0 ]]; then
  chown -R consul:consul /consul/data
  exec setpriv --reuid=consul --regid=consul --init-groups "$@"
fi
exec "$@"
