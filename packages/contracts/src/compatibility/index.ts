// Whether one JSON Schema reads what another one wrote

// Whether the documents in schemas/ may follow on what is published and deployed
export { readSchemas, type SchemaFiles } from "../generate/read-documents.ts";
export { problemsOfReading, TooComplex } from "./compare.ts";
export { type Breaks, type Finding, sentence } from "./finding.ts";
export { type Earlier, findingsOf, type RegisteredSubject } from "./gate.ts";
export {
  canonicalText,
  isObject,
  type Json,
  type SchemaDocument,
  schemaDocument,
  UnresolvedReference,
} from "./node.ts";
export { explain } from "./problems.ts";
