import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { printJson, printRows, visible } from "./print.ts";

describe("printRows", () => {
  let written = "";
  beforeEach(() => {
    written = "";
    jest.spyOn(process.stdout, "write").mockImplementation((text) => {
      written += text;
      return true;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it("aligns columns under their names, without spaces at the end", () => {
    printRows(
      false,
      [
        { name: "a", count: 10, note: null },
        { name: "longer", count: 7, note: undefined },
      ],
      "none",
    );
    expect(written).toBe("NAME    COUNT  NOTE\na       10\nlonger  7\n");
  });

  it("says in words that there is nothing, and as JSON an empty list", () => {
    printRows(false, [], "Nothing.");
    printRows(true, [], "Nothing.");
    expect(written).toBe("Nothing.\n[]\n");
  });

  it("prints offsets of any size as numbers", () => {
    printJson({ offset: 7n });
    expect(JSON.parse(written)).toEqual({ offset: 7 });
  });

  it("lets no value move the cursor, start a line, or colour what follows", () => {
    printRows(false, [{ key: "a\u001b[2J\nb\u0007\u009b31m" }], "none");
    expect(written).toBe("KEY\na�[2J�b��31m\n");
    expect(visible("\u0000\u007f\t")).toBe("���");
  });
});
