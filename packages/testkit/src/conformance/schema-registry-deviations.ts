import type { Deviations } from "./scripts.ts";

const noModes = "its Confluent API has no modes";
const otherCode = "409 where Confluent says 404";

/**
 * Where Apicurio Registry 3.0.9 answers otherwise than Confluent's registry, which the embedded one follows. Also in
 * `packages/embedded/README.md`.
 */
export const apicurioDeviations: Deviations = {
  "says 42202 for a version that is none": "it answers 40402",
  "reads and sets the level of a subject": "40401 without a level, and compatibilityLevel as the answer",
  "refuses a level that is none with 42203": "it answers 500",
  "is in mode READWRITE": noModes,
  "takes everything under NONE": "it wants the same type",
  "compares with every version when transitive, with the last one otherwise":
    "a property taken from a closed object is incompatible",
  "tells why, where asked to": "it gives no messages",
  "accepts under BACKWARD that a required field with a default joins a closed object": "defaults do not count",
  "accepts under BACKWARD that a field that has a default becomes required": "defaults do not count",
  "accepts under BACKWARD that a field of any kind joins an open object": "it takes it for a narrower object",
  "refuses under BACKWARD that an exclusive maximum is added": "without $schema it reads draft 4, where that is a flag",
  "accepts under FORWARD that an exclusive maximum is added": "without $schema it reads draft 4, where that is a flag",
  "refuses under BACKWARD that a constant is changed": "it does not compare constants",
  "refuses under FORWARD that a constant is changed": "it does not compare constants",
  "accepts under BACKWARD that one alternative becomes several": "it compares alternatives with alternatives only",
  "accepts under BACKWARD that a format is changed": "it compares formats",
  "compares with the version that is asked about, or with all of them": "under NONE it wants the same properties",
  "tells the subjects that use an id, those deleted softly where asked to": "its answer has no body",
  "looks up what was deleted softly, where asked to": "40403 where Confluent says 40401",
  "lists schemas by the beginning of their subject, only the latest where asked to": "its list of schemas has no body",
  "deletes a version permanently, and the level with the last one": "the level stays",
  "gives a mode back to the one for all": noModes,
  "deletes it once the schema that refers to it is gone": "a schema that is deleted softly still refers",
  "takes the same text with another reference for another schema": "it takes it for the same content",
  "wants a soft deletion before a permanent one: 40405": otherCode,
  "wants a soft deletion of a version before a permanent one: 40407": otherCode,
  "says 40406 to a second soft deletion of a version": otherCode,
  "lists what was deleted softly, where asked to": "lists yes, a single version no",
  "lists subjects by their beginning, page by page": "it lists all of them",
  "says 40409 where a subject has no mode of its own": noModes,
  "refuses a mode that is none with 42204": noModes,
  "takes nothing under READONLY: 42205": noModes,
  "takes ids and versions of another registry under IMPORT": noModes,
  "has imported versions by their number, and counts on from the highest": noModes,
  "finds what was imported under each of its subjects, with the id that it has there": noModes,
  "takes no schema without an id under IMPORT, and none with one otherwise: 42205": noModes,
  "wants a subject to be empty before IMPORT, unless it is forced": noModes,
};
