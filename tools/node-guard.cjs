// A failed install leaves the scripts running on the machine's own Node: say so before anything else does, in words.
var wanted = 24;
var major = Number(process.versions.node.split(".")[0]);
if (major < wanted) {
  process.stderr.write(
    "Weft runs on Node " +
      wanted +
      ", and this is Node " +
      process.versions.node +
      ".\n" +
      "Node " +
      wanted +
      " comes with the dependencies, so the install did not finish: run `npx -y pnpm install` and read its last lines.\n",
  );
  process.exit(1);
}
