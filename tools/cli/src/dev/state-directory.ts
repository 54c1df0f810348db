import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineError, poll, processStart } from "@weft/core";

/** Written into `.weft/`; grows when what is in there could not be read by an older Weft, or by a newer one. */
const formatVersion = "1";
const previousRunMs = 20_000;

const StateUnusable = defineError<{ message: string }>({
  code: "STATE_UNUSABLE",
  kind: "internal",
  message: ({ message }) => message,
});
const AlreadyRunning = defineError<{ pid: number; stateDir: string; hint: string }>({
  code: "ALREADY_RUNNING",
  kind: "exists",
  message: ({ pid, stateDir, hint }) =>
    `pnpm dev already runs here (pid ${pid}, state in ${stateDir}).${hint} Stop that one first, or set WEFT_STATE_DIR to run another beside it.`,
});

interface Holder {
  pid: number;
  /** As the system prints it: a process id alone may have been given to another process since. */
  started: string;
}

export interface StateDirectory {
  path: string;
  /** A folder inside, made if needed. */
  folder(name: string): string;
  /** Notes the processes of this run, so that a later one can wait for them if this one is killed. */
  noteProcesses(pids: number[]): void;
  release(): void;
}

/**
 * Takes the folder for this process alone.
 * A run that was killed leaves its note behind; its processes end by themselves when they see it gone, and are waited for.
 * @throws AlreadyRunning   @throws StateUnusable when it cannot be written, or was written by another version
 */
export async function takeStateDirectory(
  path: string,
  options: { fresh: boolean; say: (text: string) => void },
): Promise<StateDirectory> {
  const lock = join(path, "dev.json");
  const note = readNote(lock);
  if (note && isAlive(note)) throw alreadyRunning(path, note.pid);
  if (note) await waitForEnd(note.children ?? [], options.say);
  if (options.fresh) forget(path);
  attemptIn(path, () => makeDirectory(path));
  const format = join(path, "format");
  const found = existsSync(format) ? readFileSync(format, "utf8").trim() : undefined;
  if (found === undefined && existsSync(join(path, "data"))) throw otherVersion(path, "an unknown");
  if (found !== undefined && found !== formatVersion) throw otherVersion(path, found);
  attemptIn(path, () => writeFileSync(format, `${formatVersion}\n`));

  const self: Holder = { pid: process.pid, started: processStart(process.pid) };
  const write = (children: Holder[], flag: "w" | "wx") =>
    writeFileSync(lock, `${JSON.stringify({ ...self, children })}\n`, { flag, mode: 0o600 });
  rmSync(lock, { force: true });
  try {
    write([], "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unusable(path, error);
    throw alreadyRunning(path, readNote(lock)?.pid ?? 0);
  }
  return {
    path,
    folder(name) {
      const folders = name.split("/").map((_, index, parts) => join(path, ...parts.slice(0, index + 1)));
      for (const folder of folders) attemptIn(path, () => makeDirectory(folder));
      return folders.at(-1)!;
    },
    noteProcesses: (pids) =>
      attemptIn(path, () =>
        write(
          pids.map((pid) => ({ pid, started: processStart(pid) })),
          "w",
        ),
      ),
    release: () => rmSync(lock, { force: true }),
  };
}

/** What a mesh leaves in the folder. */
const ours = /^(data|keys|format|dev\.json|runtime\.json(\.\d+\.tmp)?|demo-loaded(-docker|-external)?)$/;

/** The folder may be one that somebody named by mistake: only what is ours is ever removed, and only where nothing else is. */
function forget(path: string): void {
  if (!existsSync(path)) return;
  const names = attemptIn(path, () => readdirSync(path));
  const foreign = names.filter((name) => !ours.test(name));
  if (foreign.length > 0) {
    const some = foreign.slice(0, 3).join(", ");
    throw new StateUnusable({
      message: `${path} holds what is not Weft's (${some}${foreign.length > 3 ? ", …" : ""}), and --fresh removes nothing there: move it away, or set WEFT_STATE_DIR to another folder`,
    });
  }
  for (const name of names) attemptIn(path, () => rmSync(join(path, name), { recursive: true, force: true }));
}

const alreadyRunning = (path: string, pid: number) => {
  const runtime = join(path, "runtime.json");
  let hint = "";
  try {
    hint = ` Its overview: ${(JSON.parse(readFileSync(runtime, "utf8")) as { console: { url: string } }).console.url}.`;
  } catch {}
  return new AlreadyRunning({ pid, stateDir: path, hint });
};

const otherVersion = (path: string, found: string) =>
  new StateUnusable({
    message: `${path} was written by ${found === "an unknown" ? "another version of Weft" : `a Weft of format ${found}`}, and this one writes format ${formatVersion}. Keep it by moving it away, or forget it with \`npx -y pnpm dev --fresh\`.`,
  });

/** Not `recursive`: under /proc that never comes back, and a mistyped path should not become folders all the way down. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !statSync(path).isDirectory()) throw error;
  }
}

function unusable(path: string, cause: unknown): Error {
  const { code } = cause as NodeJS.ErrnoException;
  const reason =
    code === "ENOSPC"
      ? "there is no space left on its disk: free some"
      : code === "EACCES" || code === "EPERM" || code === "EROFS"
        ? "this user may not write there: change its owner, or set WEFT_STATE_DIR to a folder that can be written"
        : code === "ENOTDIR" || code === "EEXIST"
          ? "something that is not a folder is in its place: move it away"
          : code === "ENOENT"
            ? "the folder that it would be in does not exist: make that one first, or set WEFT_STATE_DIR to another"
            : `${(cause as Error).message}`;
  return new StateUnusable({ message: `${path} cannot be used: ${reason}` }, { cause });
}

/** Work on files in the folder. @throws StateUnusable with the way out */
export function attemptIn<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unusable(path, error);
  }
}

function readNote(lock: string): (Holder & { children?: Holder[] }) | undefined {
  try {
    return JSON.parse(readFileSync(lock, "utf8")) as Holder & { children?: Holder[] };
  } catch {
    return undefined;
  }
}

const isAlive = ({ pid, started }: Holder) => started !== "" && processStart(pid) === started;

async function waitForEnd(children: Holder[], say: (text: string) => void): Promise<void> {
  const left = () => children.filter(isAlive);
  if (left().length === 0) return;
  say(`waiting for ${left().length} processes of the run before, which was killed`);
  await poll({ everyMs: 50, forMs: previousRunMs }, () => left().length === 0 || undefined);
  for (const { pid } of left()) process.kill(pid, "SIGKILL");
}
