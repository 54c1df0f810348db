import { describe, expect, it } from "@jest/globals";
import type { JsonSchema } from "../envelope-schema.ts";
import { envelopeSchema } from "../envelope-schema.ts";
import type { EventDocument, SourceDocument } from "../generate/read-documents.ts";
import { type Finding, sentence } from "./finding.ts";
import { findingsOf } from "./gate.ts";

/** Changed freely by tests. */
interface Draft extends Omit<EventDocument, "schema"> {
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it changes
  schema: any;
}

const from = "main (3c1d2e9)";
const file = "events/parcel/parcel-sent.json";
const envelope = { eventId: "1", eventType: "ParcelSent", timestamp: "2026-01-01T00:00:00Z", source: "test" };

function parcelSent(): Draft {
  return {
    eventType: "ParcelSent",
    version: "1.0",
    topic: "parcel.events",
    key: "parcelId",
    description: "A parcel left.",
    schema: {
      type: "object",
      properties: {
        parcelId: { type: "string" },
        orderId: { type: "string" },
        service: { type: "string", enum: ["standard", "express"] },
        weight: { type: "number", minimum: 0, maximum: 100 },
        code: { type: "string", minLength: 2, maxLength: 10, pattern: "^[A-Z]+$" },
        sentAt: { type: "string", format: "date-time" },
        note: { type: "string" },
        remarks: { type: "object" },
        reference: { oneOf: [{ type: "integer" }, { type: "string" }] },
        items: {
          type: "array",
          items: {
            type: "object",
            properties: {
              sku: { type: "string" },
              quantity: { type: "integer", minimum: 1 },
              size: { type: "object", properties: { unit: { enum: ["cm", "in"] }, width: { type: "number" } } },
            },
            required: ["sku"],
          },
        },
      },
      required: ["parcelId", "orderId"],
    },
    publishers: ["parcel-service"],
    examples: [{ ...envelope, version: "1.0", data: { parcelId: "p", orderId: "o", reference: 7 } }],
    counterExamples: [{ reason: "no data", envelope: {} }],
  };
}

function source(document: Draft, history: Draft[] = [], where = file): SourceDocument {
  const [major = 0, minor = 0] = document.version.split(".").map(Number);
  return {
    file: where,
    document: document as EventDocument,
    major,
    minor,
    history: history.map((one) => source(one, [], `events/parcel/history/parcel-sent.${one.version}.json`)),
  };
}

const changed = (change: (document: Draft) => void, version = "1.1"): Draft => {
  const document = { ...parcelSent(), version };
  change(document);
  return document;
};

/** 1.1 with the change, 1.0 in history and committed as the newest. */
const afterChange = (change: (document: Draft) => void): Finding[] =>
  findingsOf(
    { sources: [source(changed(change), [parcelSent()])] },
    { earlier: { sources: [source(parcelSent())], from } },
  );

const oldData = "old data, new consumers";
const newData = "new data, old consumers";
const data = (document: Draft) => document.schema.properties;
const item = (document: Draft) => data(document).items.items;

type Case = [
  name: string,
  change: (document: Draft) => void,
  kind: string,
  path: string,
  breaks: string[],
  problem: RegExp,
  fix: RegExp,
];

const refused: Case[] = [
  [
    "a required field added",
    (d) => {
      data(d).customerId = { type: "string" };
      d.schema.required.push("customerId");
    },
    "required_field_added",
    "/schema/properties/customerId",
    [oldData],
    /^customerId is new and required$/,
    /^make it optional: take customerId out of required;/,
  ],
  [
    "a required field added in an item",
    (d) => {
      item(d).properties.price = { type: "number" };
      item(d).required.push("price");
    },
    "required_field_added",
    "/schema/properties/items/items/properties/price",
    [oldData],
    /^items\[\]\.price is new and required$/,
    /take price out of required/,
  ],
  [
    "an optional field removed",
    (d) => delete data(d).note,
    "field_removed",
    "/schema/properties/note",
    [oldData],
    /^note is gone$/,
    /^put note back as it was \(\{"type":"string"\}\); whoever makes the event may stop filling it/,
  ],
  [
    "a required field removed",
    (d) => {
      delete data(d).orderId;
      d.schema.required = ["parcelId"];
    },
    "field_removed",
    "/schema/properties/orderId",
    [oldData, newData],
    /^orderId, which was required, is gone$/,
    /^put orderId back as it was/,
  ],
  [
    "a nested field removed",
    (d) => delete item(d).properties.size.properties.width,
    "field_removed",
    "/schema/properties/items/items/properties/size/properties/width",
    [oldData],
    /^items\[\]\.size\.width is gone$/,
    /put width back/,
  ],
  [
    "a required field renamed",
    (d) => {
      delete data(d).orderId;
      data(d).orderNumber = { type: "string", description: "As the shop has it." };
      d.schema.required = ["parcelId", "orderNumber"];
    },
    "field_renamed",
    "/schema/properties/orderId",
    [oldData, newData],
    /orderId is gone and orderNumber is new: this looks like a rename of orderId to orderNumber/,
    /^keep orderId as it was and add orderNumber as an optional field beside it; drop orderId with the next major/,
  ],
  [
    "a nested field renamed",
    (d) => {
      delete item(d).properties.quantity;
      item(d).properties.count = { type: "integer", minimum: 1 };
    },
    "field_renamed",
    "/schema/properties/items/items/properties/quantity",
    [oldData],
    /looks like a rename of quantity to count/,
    /keep quantity as it was/,
  ],
  [
    "a type changed",
    (d) => {
      data(d).weight = { type: "string" };
    },
    "type_changed",
    "/schema/properties/weight/type",
    [oldData, newData],
    /^weight was number and is string$/,
    /^give it back the type number and put the new form into a new optional field/,
  ],
  [
    "a type narrowed",
    (d) => {
      data(d).weight.type = "integer";
    },
    "type_changed",
    "/schema/properties/weight/type",
    [oldData],
    /^weight was number and is integer$/,
    /give it back the type number/,
  ],
  [
    "a type widened",
    (d) => {
      item(d).properties.quantity.type = "number";
    },
    "type_changed",
    "/schema/properties/items/items/properties/quantity/type",
    [newData],
    /^items\[\]\.quantity was integer and is number$/,
    /give it back the type integer/,
  ],
  [
    "a value removed from an enumeration",
    (d) => {
      data(d).service.enum = ["standard"];
    },
    "enum_value_removed",
    "/schema/properties/service/enum",
    [oldData],
    /^service no longer takes "express"$/,
    /^put "express" back; whoever makes the event may stop using it/,
  ],
  [
    "a value added to an enumeration",
    (d) => data(d).service.enum.push("drone"),
    "enum_value_added",
    "/schema/properties/service/enum",
    [newData],
    /^service takes "drone", which the open form does not let pass either: it opens objects, not lists of values$/,
    /^take "drone" out again and say it in a new optional field, which older consumers ignore/,
  ],
  [
    "a value added to a nested enumeration without a type",
    (d) => item(d).properties.size.properties.unit.enum.push("ft"),
    "enum_value_added",
    "/schema/properties/items/items/properties/size/properties/unit/enum",
    [newData],
    /^items\[\]\.size\.unit takes "ft"/,
    /take "ft" out again/,
  ],
  [
    "an enumeration where there was none",
    (d) => {
      data(d).note.enum = ["a", "b"];
    },
    "values_limited",
    "/schema/properties/note/enum",
    [oldData],
    /^note takes only "a", "b", and took any value$/,
    /^take enum out again/,
  ],
  [
    "an enumeration lifted",
    (d) => delete data(d).service.enum,
    "values_unlimited",
    "/schema/properties/service/enum",
    [newData],
    /^service takes any value/,
    /^put enum back/,
  ],
  [
    "a const added",
    (d) => {
      data(d).note.const = "fragile";
    },
    "values_limited",
    "/schema/properties/note/const",
    [oldData],
    /^note takes only "fragile", and took any value$/,
    /^take const out again/,
  ],
  [
    "required made optional",
    (d) => {
      d.schema.required = ["parcelId"];
    },
    "made_optional",
    "/schema/properties/orderId",
    [newData],
    /^orderId was required and is optional$/,
    /^put orderId back into required and fill it in every event/,
  ],
  [
    "optional made required",
    (d) => item(d).required.push("quantity"),
    "made_required",
    "/schema/properties/items/items/properties/quantity",
    [oldData],
    /^items\[\]\.quantity was optional and is required$/,
    /^take quantity out of required/,
  ],
  ...(
    [
      ["minimum", (d: Draft) => (data(d).weight.minimum = 1), "weight", "minimum 1 and had minimum 0"],
      ["maximum", (d: Draft) => (data(d).weight.maximum = 50), "weight", "maximum 50 and had maximum 100"],
      ["minLength", (d: Draft) => (data(d).code.minLength = 3), "code", "minLength 3 and had minLength 2"],
      ["maxLength", (d: Draft) => (data(d).code.maxLength = 9), "code", "maxLength 9 and had maxLength 10"],
      [
        "exclusiveMinimum",
        (d: Draft) => (data(d).weight.exclusiveMinimum = 0),
        "weight",
        "exclusiveMinimum 0 and had no",
      ],
      ["minItems", (d: Draft) => (data(d).items.minItems = 1), "items", "minItems 1 and had no minItems"],
      ["maxItems", (d: Draft) => (data(d).items.maxItems = 9), "items", "maxItems 9 and had no maxItems"],
    ] as const
  ).map(
    ([bound, change, field, says]): Case => [
      `a bound narrowed: ${bound}`,
      change,
      "bound_narrowed",
      `/schema/properties/${field}/${bound}`,
      [oldData],
      new RegExp(`^${field} has ${says}`),
      new RegExp(`^(give ${bound} back|take ${bound} out again)`),
    ],
  ),
  [
    "a bound widened",
    (d) => {
      data(d).weight.maximum = 200;
    },
    "bound_widened",
    "/schema/properties/weight/maximum",
    [newData],
    /^weight has maximum 200 and had maximum 100$/,
    /^give maximum back 100/,
  ],
  [
    "a bound taken away",
    (d) => delete data(d).code.minLength,
    "bound_widened",
    "/schema/properties/code/minLength",
    [newData],
    /^code has no minLength and had minLength 2$/,
    /^give minLength back 2/,
  ],
  [
    "a pattern changed",
    (d) => {
      data(d).code.pattern = "^[A-Z0-9]+$";
    },
    "pattern_changed",
    "/schema/properties/code/pattern",
    [oldData, newData],
    /^code has pattern/,
    /^give pattern back/,
  ],
  [
    "a pattern added",
    (d) => {
      data(d).note.pattern = "^a";
    },
    "pattern_changed",
    "/schema/properties/note/pattern",
    [oldData],
    /^note has pattern "\^a" and had no pattern$/,
    /^take pattern out again/,
  ],
  [
    "a format added",
    (d) => {
      data(d).note.format = "uri";
    },
    "format_changed",
    "/schema/properties/note/format",
    [oldData],
    /^note has format "uri" and had no format$/,
    /^take format out again/,
  ],
  [
    "a format changed",
    (d) => {
      data(d).sentAt.format = "date";
    },
    "format_changed",
    "/schema/properties/sentAt/format",
    [oldData, newData],
    /^sentAt has format "date" and had format "date-time"$/,
    /^give format back "date-time"/,
  ],
  [
    "a format taken away",
    (d) => delete data(d).sentAt.format,
    "format_changed",
    "/schema/properties/sentAt/format",
    [newData],
    /^sentAt has no format/,
    /^give format back "date-time"/,
  ],
  [
    "the type of items changed",
    (d) => {
      data(d).items.items = { type: "string" };
    },
    "type_changed",
    "/schema/properties/items/items/type",
    [oldData, newData],
    /^items\[\] was object and is string$/,
    /give it back the type object/,
  ],
  [
    "items that must differ",
    (d) => {
      data(d).items.uniqueItems = true;
    },
    "unique_items_added",
    "/schema/properties/items/uniqueItems",
    [oldData],
    /^items takes no item twice/,
    /^take uniqueItems out again/,
  ],
  [
    "an open object closed",
    (d) => {
      data(d).remarks.additionalProperties = false;
    },
    "object_closed",
    "/schema/properties/remarks/additionalProperties",
    [oldData],
    /^remarks takes fewer other fields than before \(additionalProperties: false\)$/,
    /^leave the object open/,
  ],
  [
    "the key changed",
    (d) => {
      d.key = "orderId";
    },
    "key_changed",
    "/key",
    [oldData, newData],
    /^the key was parcelId and is orderId, .*order/,
    /^give key back parcelId/,
  ],
  [
    "the topic changed",
    (d) => {
      d.topic = "shipping.events";
    },
    "topic_changed",
    "/topic",
    [newData],
    /^the topic was parcel\.events and is shipping\.events, where older consumers do not look$/,
    /^give topic back parcel\.events/,
  ],
];

describe("the gate refuses", () => {
  it.each(refused)("%s", (_name, change, kind, path, breaks, problem, fix) => {
    const findings = afterChange(change);
    expect(findings.map((one) => ({ change: one.change, path: one.path, breaks: one.breaks }))).toEqual([
      { change: kind, path, breaks },
    ]);
    expect(findings[0]).toMatchObject({
      file,
      versions: ["1.0"],
      problem: expect.stringMatching(problem),
      fix: expect.stringMatching(fix),
    });
    expect(findings[0]!.fix).toContain("or write a new major, parcel-sent.v2.json");
  });

  it("an object that was open and gets fields, with each of them", () => {
    const findings = afterChange((d) => {
      data(d).remarks.properties = { door: { type: "string" } };
    });
    expect(findings.map(({ change, path }) => `${change} ${path}`)).toEqual([
      "field_added_to_open_object /schema/properties/remarks/properties/door",
      "object_closed /schema/properties/remarks/additionalProperties",
    ]);
  });

  it("several edits of one field, each by its name", () => {
    const findings = afterChange((d) => {
      data(d).service.enum = ["standard", "drone"];
      data(d).service.maxLength = 8;
    });
    expect(findings.map(({ change, breaks }) => `${change}: ${breaks}`).sort()).toEqual([
      `bound_narrowed: ${oldData}`,
      `enum_value_added: ${newData}`,
      `enum_value_removed: ${oldData}`,
    ]);
  });

  it("a rename beside other changes, by the name", () => {
    const findings = afterChange((d) => {
      delete data(d).note;
      delete data(d).orderId;
      Object.assign(data(d), { orderNumber: { type: "string" }, customerId: { type: "string" } });
      d.schema.required = ["parcelId"];
    });
    expect(findings.map(({ change, path }) => `${change} ${path}`)).toEqual([
      "field_renamed /schema/properties/orderId",
      "field_removed /schema/properties/note",
    ]);
  });

  it("an alternative that an old example now fits twice, which the keywords do not show", () => {
    const findings = afterChange((d) => {
      data(d).reference.oneOf.push({ type: "number" });
    });
    expect(findings).toContainEqual(
      expect.objectContaining({
        change: "example_refused",
        breaks: [oldData],
        problem: expect.stringMatching(
          /^examples\.0 of the older version is refused by the new schema: data\.reference /,
        ),
      }),
    );
  });

  it("what any of the older versions does not go together with, and names all of them", () => {
    const withCustomer = changed((d) => {
      data(d).customerId = { type: "string" };
    });
    const next = changed((d) => {
      data(d).weight.type = "integer";
    }, "1.2");
    const findings = findingsOf({ sources: [source(next, [parcelSent(), withCustomer])] });
    expect(findings.map(({ path, versions }) => [path, versions])).toEqual([
      ["/schema/properties/weight/type", ["1.0", "1.1"]],
      ["/schema/properties/customerId", ["1.1"]],
    ]);
    expect(sentence(findings[0]!)).toBe(
      "/schema/properties/weight/type: weight was number and is integer. The new schema refuses what 1.0 and 1.1 allowed (old data, new consumers). Fix: give it back the type number and put the new form into a new optional field; or write a new major, parcel-sent.v2.json, beside this one.",
    );
  });
});

describe("the gate lets pass", () => {
  it.each<[string, (document: Draft) => void]>([
    ["an optional field", (d) => (data(d).customerId = { type: "string" })],
    ["an optional field in an item", (d) => (item(d).properties.price = { type: "number" })],
    [
      "other descriptions",
      (d) => {
        d.description = "Away it went.";
        data(d).note.description = "For people.";
      },
    ],
    [
      "another order",
      (d) => {
        d.schema.required.reverse();
        data(d).service.enum.reverse();
      },
    ],
    ["an object that opens", (d) => (item(d).additionalProperties = true)],
  ])("%s", (_name, change) => {
    expect(afterChange(change)).toEqual([]);
  });

  it("descriptions and another order without a new version", () => {
    const now = changed((d) => {
      d.schema.description = "New words.";
      d.schema.required.reverse();
    }, "1.0");
    const findings = findingsOf({ sources: [source(now)] }, { earlier: { sources: [source(parcelSent())], from } });
    expect(findings).toEqual([]);
  });

  it("a new major beside the old one, whatever it changes", () => {
    const second = changed((d) => {
      d.key = "orderId";
      delete data(d).note;
    }, "2.0");
    const v2 = source(second, [], "events/parcel/parcel-sent.v2.json");
    const findings = findingsOf(
      { sources: [source(parcelSent()), v2] },
      { earlier: { sources: [source(parcelSent())], from } },
    );
    expect(findings).toEqual([]);
  });

  it("minors that were raised one by one on a branch", () => {
    const one = changed((d) => (data(d).a = { type: "string" }));
    const two = changed((d) => (data(d).a = { type: "string" }), "1.2");
    data(two).b = { type: "string" };
    const findings = findingsOf(
      { sources: [source(two, [parcelSent(), one])] },
      { earlier: { sources: [source(parcelSent())], from } },
    );
    expect(findings).toEqual([]);
  });
});

describe("the gate on versions", () => {
  const optional = (d: Draft) => (data(d).customerId = { type: "string" });
  const earlier = (...sources: SourceDocument[]) => ({ earlier: { sources, from } });
  const kinds = (findings: Finding[]) => findings.map((one) => `${one.change} ${one.file} ${one.path}`.trim());

  it("a schema that changed under the same version", () => {
    const [finding, ...more] = findingsOf(
      { sources: [source(changed(optional, "1.0"))] },
      earlier(source(parcelSent())),
    );
    expect(more).toEqual([]);
    expect(sentence(finding!)).toBe(
      "/version: the schema is another one than in main (3c1d2e9), and the version is still 1.0. Fix: raise version to 1.1, and put the document as it was into events/parcel/history/parcel-sent.1.0.json.",
    );
  });

  it("an incompatible schema under the same version: both", () => {
    const now = changed((d) => delete data(d).note, "1.0");
    const findings = findingsOf({ sources: [source(now)] }, earlier(source(parcelSent())));
    expect(kinds(findings)).toEqual([
      `version_not_raised ${file} /version`,
      `field_removed ${file} /schema/properties/note`,
    ]);
    expect(findings[1]!.versions).toEqual(["1.0 in main (3c1d2e9)"]);
  });

  it("a version that went back", () => {
    const was = source(changed(optional), [parcelSent()]);
    const [finding] = findingsOf({ sources: [source(parcelSent())] }, earlier(was));
    expect(finding).toMatchObject({
      change: "version_went_back",
      path: "/version",
      problem: "1.0 comes after 1.1 of main (3c1d2e9)",
      fix: "raise version to 1.2, with 1.1 as it was in events/parcel/history/parcel-sent.1.1.json",
    });
  });

  it("a version that skipped one, against an earlier state and on its own", () => {
    const now = { sources: [source(changed(optional, "1.2"), [parcelSent()])] };
    for (const findings of [findingsOf(now), findingsOf(now, earlier(source(parcelSent())))]) {
      expect(kinds(findings)).toEqual([`version_skipped ${file} /version`]);
      expect(findings[0]).toMatchObject({
        problem: "1.2 follows on nothing: there is no 1.1 in history/",
        fix: expect.stringMatching(/call it 1\.1/),
      });
    }
  });

  it("a first version that is not the first, and a major that skipped one", () => {
    expect(kinds(findingsOf({ sources: [source(changed(() => {}, "1.1"))] }))).toEqual([
      `version_skipped ${file} /version`,
    ]);
    const third = source(
      changed(() => {}, "3.0"),
      [],
      "events/parcel/parcel-sent.v3.json",
    );
    expect(findingsOf({ sources: [source(parcelSent()), third] })).toEqual([
      expect.objectContaining({
        change: "version_skipped",
        problem: "3.0 follows on major 1",
        fix: "call it 2.0, in parcel-sent.v2.json",
      }),
    ]);
  });

  it("a history document that is missing, that was there or never made", () => {
    const was = source(changed(optional), [parcelSent()]);
    for (const before of [was, source(parcelSent())]) {
      const findings = findingsOf({ sources: [source(changed(optional))] }, earlier(before));
      expect(kinds(findings)).toEqual(["history_missing events/parcel/history/parcel-sent.1.0.json"]);
      expect(findings[0]!.fix).toMatch(/^put it there as main \(3c1d2e9\) has it: events\/parcel\//);
    }
  });

  it("a history document that was edited, by the part of it; the comparison goes on with what was committed", () => {
    const edited = changed((d) => {
      delete data(d).note;
      d.description = "Told better.";
    }, "1.0");
    const next = changed((d) => delete data(d).note);
    const findings = findingsOf(
      { sources: [source(next, [edited])] },
      earlier(source(changed(optional), [parcelSent()]), source(parcelSent())),
    );
    expect(kinds(findings)).toContain("history_edited events/parcel/history/parcel-sent.1.0.json /schema");
    expect(kinds(findings)).toContain(`field_removed ${file} /schema/properties/note`);
  });

  it("a document that was removed, or whose file cannot be read", () => {
    const [finding] = findingsOf({ sources: [] }, earlier(source(parcelSent())));
    expect(finding).toMatchObject({
      file,
      change: "document_removed",
      fix: "bring the file back as main (3c1d2e9) has it",
    });
    expect(findingsOf({ sources: [], unreadable: new Set([file]) }, earlier(source(parcelSent())))).toEqual([]);
  });

  it("a major that is written over the one before", () => {
    const [finding, ...more] = findingsOf(
      { sources: [source(changed(() => {}, "2.0"))] },
      earlier(source(parcelSent())),
    );
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      file,
      path: "/version",
      change: "major_in_place",
      problem: "2.0 is written over 1.0, which is still published and read",
      fix: "bring 1.0 back as main (3c1d2e9) has it, and put 2.0 beside it as parcel-sent.v2.json",
    });
  });
});

describe("the gate against a registry", () => {
  const subject = "parcel.events-ParcelSent";
  const closed = (document: Draft): JsonSchema => envelopeSchema({ ...document, major: 1 } as never, "closed");

  it("compares with every version of the subject, in both directions", () => {
    const now = changed((d) => data(d).service.enum.push("drone"));
    const registered = [{ subject, versions: [{ version: 3, schema: closed(parcelSent()) }] }];
    const findings = findingsOf({ sources: [source(now, [now])] }, { registered });
    expect(findings).toContainEqual(
      expect.objectContaining({
        change: "enum_value_added",
        breaks: [newData],
        versions: ["version 3 of parcel.events-ParcelSent"],
      }),
    );
  });

  it("has nothing to say of what is registered as it is, and of what nobody registered yet", () => {
    const now = { sources: [source(parcelSent())] };
    expect(
      findingsOf(now, { registered: [{ subject, versions: [{ version: 1, schema: closed(parcelSent()) }] }] }),
    ).toEqual([]);
    expect(findingsOf(now, { registered: [] })).toEqual([]);
  });

  it("names a subject that no document declares", () => {
    const [finding] = findingsOf({ sources: [] }, { registered: [{ subject, versions: [] }] });
    expect(finding).toMatchObject({ change: "document_removed", problem: expect.stringContaining(subject) });
  });
});
