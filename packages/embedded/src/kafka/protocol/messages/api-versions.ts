import { array, bool, int16, int32, int64, message, string } from "../schema.ts";

export const apiVersionsRequest = message(
  { flexible: "3+" },
  {
    clientSoftwareName: string("3+"),
    clientSoftwareVersion: string("3+"),
  },
);
export const apiVersionsResponse = message(
  { flexible: "3+" },
  {
    errorCode: int16(),
    apiKeys: array("0+", {
      apiKey: int16(),
      minVersion: int16(),
      maxVersion: int16(),
    }),
    throttleTimeMs: int32("1+", { default: 0 }),
    supportedFeatures: array(
      "3+",
      {
        name: string("3+"),
        minVersion: int16("3+"),
        maxVersion: int16("3+"),
      },
      { default: [], tag: 0 },
    ),
    finalizedFeaturesEpoch: int64("3+", { default: -1, tag: 1 }),
    finalizedFeatures: array(
      "3+",
      {
        name: string("3+"),
        maxVersionLevel: int16("3+"),
        minVersionLevel: int16("3+"),
      },
      { default: [], tag: 2 },
    ),
    zkMigrationReady: bool("3+", { default: false, tag: 3 }),
  },
);
