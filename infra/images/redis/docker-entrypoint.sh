#!/bin/bash
# As the official image's: options alone mean redis-server, root hands over to redis, and whoever reaches the port is let in.
set -euo pipefail
if [[ ${1:-} == -* || ${1:-} == *.conf ]]; then set -- redis-server "$@"; fi
if [[ $1 == redis-server && " $* " != *" --protected-mode "* ]]; then set -- "$@" --protected-mode no; fi
if [[ $1 == redis-server && $(id -u) -eq 0 ]]; then
  find . ! -user redis -exec chown redis:redis {} +
  exec setpriv --reuid=redis --regid=redis --init-groups "$@"
fi
exec "$@"
