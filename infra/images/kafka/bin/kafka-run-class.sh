#!/bin/bash
# A class of Kafka's with the environment that its own script knows. The tools are short-lived: they start quicker so.
set -euo pipefail
# shellcheck disable=SC2206 — several options in one variable
options=(
  ${KAFKA_HEAP_OPTS:--Xmx256M}
  ${KAFKA_JVM_PERFORMANCE_OPTS:--XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true}
  ${KAFKA_LOG4J_OPTS:--Dlog4j2.configurationFile=/opt/kafka/config/tools-log4j2.yaml}
  ${KAFKA_JMX_OPTS:-}
  ${KAFKA_OPTS:-}
)
exec java "${options[@]}" -cp "/opt/kafka/libs/*${CLASSPATH:+:$CLASSPATH}" "$@"
