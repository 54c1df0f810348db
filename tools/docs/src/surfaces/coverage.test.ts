import { describe, expect, it } from "@jest/globals";
import { claimOf, unfoundedCases } from "./claims.ts";
import { collectedTests, describe as suite, it as test } from "./collector.ts";
import { coverageOf } from "./page.ts";

/** What the collector finds in a suite. */
function collected(write: () => void) {
  collectedTests.length = 0;
  write();
  return collectedTests.map((one) => ({ ...one, file: "tools/docs/src/surfaces/coverage.test.ts" }));
}
const never = () => {
  throw new Error("a collected test ran");
};

describe("the collector of tests", () => {
  it("finds tests with what is around them, and runs none of them", () => {
    const found = collected(() => suite("outer", () => suite("inner", () => test("one", never))));
    expect(found).toEqual([expect.objectContaining({ within: ["outer", "inner"], title: "one" })]);
  });

  it("writes the titles of tables as jest does, and keeps the rows", () => {
    const found = collected(() => {
      test.each([
        ["a", 1],
        ["b", 2],
      ])("%s is %i", never);
      test.each([{ route: "GET /v1/things", allowed: { admin: 200 } }])("$route [admin]", never);
      suite.each(["here", "there"])("in %s", () => test("two", never));
    });
    expect(found.map(({ within, title }) => [...within, title].join(" > "))).toEqual([
      "a is 1",
      "b is 2",
      "GET /v1/things [admin]",
      "in here > two",
      "in there > two",
    ]);
    expect(found[2]!.body).toContain("admin: 200");
  });

  it("leaves out what does not run: skipped tests and suites, tests without a body", () => {
    const found = collected(() => {
      test.skip("one", never);
      suite.skip("outer", () => test("two", never));
      test("three");
      suite("last", () => test.only("four", never));
    });
    expect(found.map(({ title }) => title)).toEqual(["four"]);
  });
});

describe("what a test claims", () => {
  const claimed = (write: () => void) => collected(write).map(claimOf);

  it("is what stands in brackets at the end of its title, of what the nearest title names", () => {
    const [one, other, event] = claimed(() => {
      suite("things: GET /v1/things/{id}", () => {
        test("gives [one] of them [200] [THING_NOT_FOUND]", never);
        test("PATCH /v1/things: another [200]", never);
      });
      suite("thing.events → other-service", () => test("is read [ThingMade] [ThingMade 1.0]", never));
    });
    expect(one).toMatchObject({ subjects: ["GET /v1/things/{id}"], cases: ["200", "THING_NOT_FOUND"] });
    expect(other).toMatchObject({ subjects: ["PATCH /v1/things"], cases: ["200"] });
    expect(event).toMatchObject({ subjects: ["thing.events → other-service"], cases: ["ThingMade", "ThingMade 1.0"] });
  });

  it("is nothing where its title has no brackets at the end", () => {
    expect(claimed(() => test("gives [one] of them", never))).toEqual([undefined]);
  });

  it("is unfounded where neither the test, nor its row, nor what it calls in its file names the case", () => {
    const unfounded = (write: () => void) => collected(write).map((one) => unfoundedCases(one, claimOf(one)!));
    expect(
      unfounded(() => {
        test("names it [THING_NOT_FOUND] [404]", () => expect({ status: 404 }).toEqual("THING_NOT_FOUND"));
        test("names something else [THING_NOT_FOUND] [201]", () => expect(1).toBe(200));
        test.each([{ code: "THING_EXISTS" }])("has it in its row [THING_EXISTS]", ({ code }) =>
          expect(code).toBe(code),
        );
        test("calls what names it [THING_TAKEN]", () => expectTaken());
        test("feeds another version [ThingMade 1.0]", () =>
          expect({ type: "ThingMade", version: "1.1" }).toBeDefined());
      }),
    ).toEqual([[], ["THING_NOT_FOUND", "201"], [], [], ["ThingMade 1.0"]]);
  });
});

describe("the coverage page", () => {
  const subjects = [{ group: "things", name: "POST /v1/things", cases: ["201", "THING_EXISTS"] }];
  const page = (write: () => void) => coverageOf(subjects, collected(write));
  const ofCommonCodes = / shows [A-Z_]+: write one whose title ends with /;
  const holes = (write: () => void) => page(write).problems.filter((problem) => !ofCommonCodes.test(problem));
  const created = () => expect(201).toBe(201);

  it("links each case to the tests that show it", () => {
    const { text } = page(() => suite("things: POST /v1/things", () => test("makes one [201]", created)));
    const row = "| `POST /v1/things` | 201 | [makes one](../tools/docs/src/surfaces/coverage.test.ts) |";
    expect(text).toContain(row);
  });

  it("says which test is missing, one line for each hole", () => {
    expect(holes(() => suite("things: POST /v1/things", () => test("makes one [201]", created)))).toEqual([
      expect.stringContaining('describe("things: POST /v1/things", …) whose title ends with [THING_EXISTS]'),
    ]);
    expect(page(() => {}).problems).toContain("no test shows CONFLICT: write one whose title ends with [CONFLICT]");
  });

  it("refuses claims of what nobody serves, of what is no case, and of what the test does not name", () => {
    const problems = holes(() => {
      suite("things: POST /v1/thing", () => test("one [201]", created));
      suite("things: POST /v1/things", () => {
        test("two [THING_LOST]", () => expect("THING_LOST").toBe("THING_LOST"));
        test("three [THING_EXISTS] [201]", () => expect(409).toBe(409));
      });
    });
    expect(problems).toEqual([
      expect.stringContaining("claims [THING_EXISTS] [201], which it does not name"),
      expect.stringContaining("is about POST /v1/thing, which nobody serves"),
      expect.stringContaining("claims [THING_LOST], which is no case of it"),
    ]);
  });
});

const expectTaken = () => expect("THING_TAKEN").toBe("THING_TAKEN");
