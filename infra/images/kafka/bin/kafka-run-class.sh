#!/bin/bash
# A class of Kafka's with the environment that its own script knows. The tools are short-lived: they start quicker so.
set -euo pipefail
# Named one by one and in order: an archive of classes is only for the class path that it was made with.
libraries="$(printf '%s:' /opt/kafka/libs/*.jar)"
archive="/opt/kafka/archives/$1.jsa"
# shellcheck disable=SC2206 — several options in one variable
options=(
  ${KAFKA_HEAP_OPTS:--Xmx256M}
  ${KAFKA_JVM_PERFORMANCE_OPTS:--XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true}
  ${KAFKA_LOG4J_OPTS:--Dlog4j2.configurationFile=/opt/kafka/config/tools-log4j2.yaml}
  ${KAFKA_JMX_OPTS:-}
  ${KAFKA_OPTS:-}
)
if [[ -n ${KAFKA_MAKE_ARCHIVES:-} ]]; then
  options+=("-XX:ArchiveClassesAtExit=$archive" -Xlog:cds=off -Xlog:cds+dynamic=off)
else
  # A tool without one of its own takes that of another: most of what they load is the client.
  [[ -r $archive ]] || archive=/opt/kafka/archives/org.apache.kafka.tools.TopicCommand.jsa
  [[ ! -r $archive ]] || options+=("-XX:SharedArchiveFile=$archive" -Xlog:cds=off)
fi
exec java "${options[@]}" -cp "${libraries%:}${CLASSPATH:+:$CLASSPATH}" "$@"
