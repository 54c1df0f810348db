/** Scripts that Apache Kafka passes and the embedded broker does not, and why. Also in `packages/embedded/README.md`. */
export const embeddedKafkaDeviations: Readonly<Record<string, string>> = {
  "keeps incremental fetch sessions (KIP-227)":
    "declined with session 0, which every client understands: on one machine they save nothing",
  "speaks the consumer group protocol of KIP-848":
    "not advertised; clients say so or use the classic protocol, which is complete",
  "speaks transactions of the second kind (KIP-890)":
    "not advertised; clients then add their partitions themselves, and the verification of KIP-890 is done",
  "produces to topics by their id (KIP-516)": "not advertised; clients name topics by name, fetches by id are spoken",
  "stamps records with its own time when told to":
    "refused as INVALID_CONFIG: batches are stored as they came, with the time of their producer",
  "packs batches anew when told to":
    "refused as INVALID_CONFIG: batches are stored as they came, packed as their producer chose",
};
