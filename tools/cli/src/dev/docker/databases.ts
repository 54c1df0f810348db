/** One database for each service; those that are there stay. Runs in the container, whose tools speak its version. */
export const createDatabases =
  (names: string[]) =>
  async (inside: (command: string[]) => Promise<string>): Promise<void> => {
    const query = "SELECT datname FROM pg_database";
    const there = await inside([
      "psql",
      "--username",
      "weft",
      "--no-align",
      "--tuples-only",
      "--command",
      query,
      "weft",
    ]);
    const missing = names.filter((name) => !there.split(/\s+/).includes(name));
    for (const name of missing) await inside(["createdb", "--username", "weft", name]);
  };
