#!/bin/bash
# Half of the container's memory for the heap; JAVA_OPTS_APPEND adds to it, JAVA_OPTS replaces it, as in the official image.
set -euo pipefail
# shellcheck disable=SC2206 — several options in one variable
options=(${JAVA_OPTS:--XX:MaxRAMPercentage=50 -XX:+UseSerialGC -XX:TieredStopAtLevel=1} ${JAVA_OPTS_APPEND:-})
exec java "${options[@]}" -jar /deployments/apicurio-registry-app-*-runner.jar
