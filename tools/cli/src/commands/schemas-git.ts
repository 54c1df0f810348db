import { spawn } from "node:child_process";
import type { SchemaFiles } from "@weft/contracts/compatibility";
import { WrongUse } from "../wrong-use.ts";

/** The state of `schemas/` that the present one is compared with. */
export interface Base {
  commit: string;
  /** For people: `main (3c1d2e9)`. */
  name: string;
}

/**
 * The commit to compare with: the one that was asked for, or where this branch left the default branch, or `HEAD`.
 * @returns `note` says in one line why there is none, or why it tells less than it could
 * @throws WrongUse where a commit was asked for that is not here
 */
export async function baseOf(schemasDir: string, asked: string | undefined): Promise<{ base?: Base; note?: string }> {
  const git = gitIn(schemasDir);
  const inside = await git(["rev-parse", "--is-inside-work-tree"]);
  if (!inside.ok) {
    const why = inside.reason.startsWith("fatal: not a git repository")
      ? `${schemasDir} is in no git repository`
      : inside.reason;
    if (asked !== undefined)
      throw new WrongUse({ message: `--against needs a git repository: ${why}; leave it out to check history/ alone` });
    return { note: `Not compared with an earlier commit: ${why}.` };
  }
  const commitOf = async (ref: string) => {
    const found = await git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
    return found.ok ? found.text : undefined;
  };
  const named = (commit: string, ref: string): Base => ({
    commit,
    name: commit.startsWith(ref) ? ref : `${ref} (${commit.slice(0, 7)})`,
  });
  if (asked !== undefined) {
    const commit = asked === "" ? undefined : await commitOf(asked);
    if (commit !== undefined) return { base: named(commit, asked) };
    throw new WrongUse({
      message: `--against names no commit that is here: ${JSON.stringify(asked)}; name a branch, tag or commit of this clone (\`git fetch\` brings more)`,
    });
  }
  const head = await commitOf("HEAD");
  if (head === undefined) return { note: "Not compared with an earlier commit: there is none yet." };
  const branch = await defaultBranch(git, commitOf);
  const fork = branch === undefined ? undefined : await git(["merge-base", "HEAD", branch]);
  if (branch !== undefined && fork?.ok && fork.text !== head) return { base: named(fork.text, branch) };
  const isShallow = (await git(["rev-parse", "--is-shallow-repository"])).text === "true";
  const note = `Compared with HEAD alone: this clone does not hold where HEAD left the default branch (\`git fetch --unshallow origin\` brings it).`;
  return { base: named(head, "HEAD"), ...(isShallow || fork?.ok === false ? { note } : {}) };
}

async function defaultBranch(
  git: Git,
  commitOf: (ref: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  const remote = await git(["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"]);
  for (const name of [...(remote.ok ? [remote.text] : []), "origin/main", "origin/master", "main", "master"])
    if ((await commitOf(name)) !== undefined) return name;
  return undefined;
}

/** Every file of the schemas folder in a commit, by its name as seen from there; none where the folder was not there. */
export async function filesOf(schemasDir: string, { commit, name }: Base): Promise<Map<string, string>> {
  const git = gitIn(schemasDir);
  const listed = await git(["ls-tree", "-r", "-z", commit]);
  if (!listed.ok) throw new WrongUse({ message: `${name} cannot be read: ${listed.reason}` });
  // mode SP type SP id TAB path; a link (120000) is no document.
  const blobs = listed.text
    .split("\0")
    .flatMap((line) => {
      const [, id, file] = /^100\d{3} blob ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
      return id === undefined || file === undefined ? [] : [{ id, file }];
    })
    .filter(({ file }) => /\.(json|proto)$/.test(file));
  if (blobs.length === 0) return new Map();
  const read = await git(["cat-file", "--batch"], blobs.map(({ id }) => `${id}\n`).join(""));
  if (!read.ok) throw new WrongUse({ message: `${name} cannot be read: ${read.reason}` });
  const texts = new Map<string, string>();
  let at = 0;
  for (const { file } of blobs) {
    // id SP type SP bytes LF content LF
    const end = read.bytes.indexOf(0x0a, at);
    const size = Number(read.bytes.toString("utf8", at, end).split(" ")[2]);
    texts.set(file, read.bytes.toString("utf8", end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return texts;
}

/** As `readSchemas` takes them. */
export function schemaFiles(texts: ReadonlyMap<string, string>): SchemaFiles {
  const missing = () => Object.assign(new Error("no such file"), { code: "ENOENT" });
  return {
    list(folder) {
      const files = [...texts.keys()].filter((file) => file.startsWith(`${folder}/`));
      if (files.length === 0) throw missing();
      return files;
    },
    read(file) {
      const text = texts.get(file);
      if (text === undefined) throw missing();
      return text;
    },
  };
}

interface Answer {
  ok: boolean;
  bytes: Buffer;
  text: string;
  /** One line. */
  reason: string;
}
type Git = (args: string[], input?: string) => Promise<Answer>;

const timeoutMs = 30_000;

const gitIn =
  (folder: string): Git =>
  (args, input = "") =>
    new Promise((resolve) => {
      // What git says is matched above: it must say it in English.
      const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" };
      // In a hook they name the repository as seen from its root, and this is a folder below it.
      for (const name of ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"]) delete env[name];
      const child = spawn("git", args, { cwd: folder, env, stdio: ["pipe", "pipe", "pipe"], timeout: timeoutMs });
      const out: Buffer[] = [];
      let complaint = "";
      child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => {
        complaint = (complaint + chunk.toString("utf8")).slice(0, 2_000);
      });
      child.stdin.on("error", () => {}); // it may end without reading
      child.stdin.end(input);
      const answer = (ok: boolean, reason: string) => {
        const bytes = Buffer.concat(out);
        resolve({ ok, bytes, text: bytes.toString("utf8").trim(), reason });
      };
      child.once("error", (error: NodeJS.ErrnoException) =>
        answer(false, error.code === "ENOENT" ? "git is not installed" : `git does not run (${error.code})`),
      );
      child.once("close", (code) => answer(code === 0, complaint.split("\n")[0]?.trim() || `git ended with ${code}`));
    });
