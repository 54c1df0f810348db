import { array, bool, int8, int16, int32, list, message, string } from "../schema.ts";

export const describeConfigsRequest = message(
  { flexible: "4+" },
  {
    resources: array("0+", {
      resourceType: int8(),
      resourceName: string(),
      configurationKeys: list("0+", "string", { nullable: "0+" }),
    }),
    includeSynonyms: bool("0+", { default: false }),
    includeDocumentation: bool("3+", { default: false }),
  },
);
export const describeConfigsResponse = message(
  { flexible: "4+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    results: array("0+", {
      errorCode: int16(),
      errorMessage: string("0+", { nullable: "0+" }),
      resourceType: int8(),
      resourceName: string(),
      configs: array("0+", {
        name: string(),
        value: string("0+", { nullable: "0+" }),
        readOnly: bool(),
        configSource: int8("0+", { default: -1 }),
        isSensitive: bool(),
        synonyms: array("0+", {
          name: string(),
          value: string("0+", { nullable: "0+" }),
          source: int8(),
        }),
        configType: int8("3+", { default: 0 }),
        documentation: string("3+", { nullable: "0+" }),
      }),
    }),
  },
);

export const alterConfigsRequest = message(
  { flexible: "2+" },
  {
    resources: array("0+", {
      resourceType: int8(),
      resourceName: string(),
      configs: array("0+", {
        name: string(),
        value: string("0+", { nullable: "0+" }),
      }),
    }),
    validateOnly: bool(),
  },
);
export const alterConfigsResponse = message(
  { flexible: "2+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    responses: array("0+", {
      errorCode: int16(),
      errorMessage: string("0+", { nullable: "0+" }),
      resourceType: int8(),
      resourceName: string(),
    }),
  },
);

export const incrementalAlterConfigsRequest = message(
  { flexible: "1+" },
  {
    resources: array("0+", {
      resourceType: int8(),
      resourceName: string(),
      configs: array("0+", {
        name: string(),
        configOperation: int8(),
        value: string("0+", { nullable: "0+" }),
      }),
    }),
    validateOnly: bool(),
  },
);
export const incrementalAlterConfigsResponse = message(
  { flexible: "1+" },
  {
    throttleTimeMs: int32("0+", { default: 0 }),
    responses: array("0+", {
      errorCode: int16(),
      errorMessage: string("0+", { nullable: "0+" }),
      resourceType: int8(),
      resourceName: string(),
    }),
  },
);
