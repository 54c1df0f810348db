#!/bin/bash
# Half of the container's memory for the heap; JAVA_OPTS_APPEND adds to it, JAVA_OPTS replaces it, as in the official image.
set -euo pipefail
archive=/deployments/archive/registry.jsa
# shellcheck disable=SC2206 — several options in one variable
options=(${JAVA_OPTS:--XX:MaxRAMPercentage=50 -XX:+UseSerialGC -XX:TieredStopAtLevel=1} ${JAVA_OPTS_APPEND:-})
if [[ -n ${REGISTRY_MAKE_ARCHIVE:-} ]]; then
  options+=("-XX:ArchiveClassesAtExit=$archive" -Xlog:cds=off -Xlog:cds+dynamic=off)
elif [[ -r $archive ]]; then
  options+=("-XX:SharedArchiveFile=$archive" -Xlog:cds=off)
fi
exec java "${options[@]}" -jar /deployments/apicurio-registry-app-*-runner.jar
