/** Answers other than 200. Source: Confluent Schema Registry API Reference, error codes. */
export class Refusal extends Error {
  readonly status: number;
  readonly errorCode: number;
  constructor(errorCode: number, message: string) {
    super(message);
    this.errorCode = errorCode;
    this.status = errorCode > 999 ? Math.floor(errorCode / 100) : errorCode;
  }
}

export const refusals = {
  subjectNotFound: (subject: string) => new Refusal(40401, `Subject '${subject}' not found.`),
  versionNotFound: (version: number | string) => new Refusal(40402, `Version ${version} not found.`),
  schemaNotFound: (id?: number) => new Refusal(40403, id === undefined ? "Schema not found" : `Schema ${id} not found`),
  subjectSoftDeleted: (subject: string) =>
    new Refusal(40404, `Subject '${subject}' was soft deleted.Set permanent=true to delete permanently`),
  subjectNotSoftDeleted: (subject: string) =>
    new Refusal(40405, `Subject '${subject}' was not deleted first before being permanently deleted`),
  versionSoftDeleted: (subject: string, version: number) =>
    new Refusal(
      40406,
      `Subject '${subject}' Version ${version} was soft deleted.Set permanent=true to delete permanently`,
    ),
  versionNotSoftDeleted: (subject: string, version: number) =>
    new Refusal(
      40407,
      `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`,
    ),
  noSubjectLevel: (subject: string) =>
    new Refusal(40408, `Subject '${subject}' does not have subject-level compatibility configured`),
  noSubjectMode: (subject: string) =>
    new Refusal(40409, `Subject '${subject}' does not have subject-level mode configured`),
  incompatible: (subject: string, details: string[]) =>
    new Refusal(
      409,
      `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${details.join(", ")}]`,
    ),
  invalidSchema: (reason: string) => new Refusal(42201, `Invalid schema: ${reason}`),
  invalidVersion: (version: string) =>
    new Refusal(
      42202,
      `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
    ),
  invalidLevel: () =>
    new Refusal(
      42203,
      "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive",
    ),
  invalidMode: () =>
    new Refusal(42204, "Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE and IMPORT"),
  importing: (subject: string) => new Refusal(42205, `Subject ${subject} is not in read-write mode`),
  notImporting: (subject: string) => new Refusal(42205, `Subject ${subject} is not in import mode`),
  notEmpty: () => new Refusal(42205, "Cannot import since found existing subjects"),
  notOverwritten: (id: number) => new Refusal(42205, `Overwrite new schema with id ${id} is not permitted.`),
  readOnly: (subject: string) => new Refusal(42205, `Subject ${subject} is in read-only mode`),
  referenced: (subject: string, version: number) =>
    new Refusal(42206, `One or more references exist to the schema {subject=${subject}, version=${version}}`),
  tooLarge: (bytes: number) => new Refusal(42209, `The schema is larger than ${bytes} bytes`),
} as const;
