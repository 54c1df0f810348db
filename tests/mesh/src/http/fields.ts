import { beforeAll, describe, expect, it } from "@jest/globals";
import { idPattern } from "@weft/core";
import { expectError, type MeshFixture } from "./mesh-fixture.ts";
import { everyWrite } from "./writes.ts";

type Schema = Record<string, unknown> & {
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
};
interface Field {
  path: string[];
  schema: Schema;
}

/** What no field of its kind takes, in any service; a new field is met here by itself. */
const wrongOnes = {
  line: ["A1 ", " A1", "   ", "\u00A0", "a\nb", "a\u0007b", "a\u202Eb", "a\u2066b", "a\u200F", "\u200B"],
  lines: ["a\u202Eb", "a\u0007b", "a\rb", " \n "],
  id: [".", "..", "a b", "a/b", "%2e%2e"],
  "date-time": [
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:30:00-01:00",
    "2016-12-31T23:59:60Z",
    "2026-03-02 09:30:00Z",
  ],
  money: [0.001, 1234567.891, 10_000_000_000, -0.01],
};

/** Every field of every body that a service takes, as the service's own `/openapi.json` has it. */
export function fieldTests(mesh: MeshFixture) {
  const writes = everyWrite(mesh);
  const bodies = new Map<string, Schema>();
  beforeAll(async () => {
    for (const service of new Set(writes.map((write) => write.service))) {
      const { paths } = (await (await fetch(`${mesh.url(service)}/openapi.json`)).json()) as {
        paths: Record<
          string,
          Record<string, { requestBody?: { content: { "application/json": { schema: Schema } } } }>
        >;
      };
      for (const [path, methods] of Object.entries(paths)) {
        for (const [method, { requestBody }] of Object.entries(methods)) {
          if (requestBody)
            bodies.set(`${method.toUpperCase()} ${path}`, requestBody.content["application/json"].schema);
        }
      }
    }
  });

  describe("fields of bodies", () => {
    it("are of the kinds that all services share: each text, amount and moment says what it may be", () => {
      expect([...bodies.keys()].sort()).toEqual(writes.map(({ route }) => route).sort());
      for (const [route, body] of bodies) {
        const unsaid = fieldsOf(body).filter(({ schema }) => kindOf(schema) === undefined);
        expect({ route, unsaid }).toEqual({ route, unsaid: [] });
      }
    });

    it.each(writes)(
      "$route refuses in each field what no field of its kind takes, by its path",
      async ({ route, request }) => {
        const [path, body] = await request();
        const method = route.split(" ")[0]!;
        for (const { path: field, schema } of fieldsOf(bodies.get(route)!)) {
          for (const wrong of wrongOnes[kindOf(schema) as keyof typeof wrongOnes] ?? []) {
            const answer = await mesh.api(method, path, { body: withField(body, field, wrong) });
            expectError(answer, 400, "VALIDATION_ERROR");
            const problems = Object.keys(answer.error!.details!.field_errors as object);
            expect({ wrong, problems }).toEqual({ wrong, problems: expect.arrayContaining([field.join(".")]) });
          }
        }
      },
    );
  });
}

function kindOf(schema: Schema): string | undefined {
  const types = [schema.type].flat();
  if (schema.enum || types.includes("boolean")) return "other";
  if (types.includes("integer")) return typeof schema.maximum === "number" ? "other" : undefined;
  if (types.includes("number"))
    return schema.multipleOf === 0.01 && typeof schema.maximum === "number" ? "money" : undefined;
  if (schema.pattern === idPattern) return "id";
  if (typeof schema.format === "string") return schema.format;
  return schema.pattern ? "other" : undefined;
}

/** Those with a value of their own; what a client keeps in an open object is its own business. */
function fieldsOf(schema: Schema, path: string[] = []): Field[] {
  if (schema.items) return fieldsOf(schema.items, [...path, "0"]);
  if (schema.properties) {
    return Object.entries(schema.properties).flatMap(([name, field]) => fieldsOf(field, [...path, name]));
  }
  return [schema.type].flat().includes("object") ? [] : [{ path, schema }];
}

function withField(body: object, path: string[], value: unknown): object {
  const [name = "", ...rest] = path;
  const inner = (body as Record<string, unknown>)[name];
  const next = rest.length === 0 ? value : withField((inner ?? (rest[0] === "0" ? [] : {})) as object, rest, value);
  if (!Array.isArray(body)) return { ...body, [name]: next };
  const copy = [...body];
  copy[Number(name)] = next;
  return copy;
}
