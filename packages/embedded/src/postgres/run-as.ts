import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { EmbeddedStartFailed } from "../errors.ts";

/**
 * PostgreSQL refuses to run as root, and needs a user that the system knows. Run by root it therefore gets the user
 * `postgres` where there is one and `nobody` otherwise; no user is created. Where that user may not walk through a
 * directory on the way (a checkout under /root), `setpriv` gives the server the one capability that lets it.
 */
export interface RunAs {
  /** Absent: as whoever runs this process. */
  user?: { uid: number; gid: number };
  /** The command line that starts a program as that user, and the ids to give to `spawn`. */
  command(program: string, args: string[]): { file: string; args: string[]; uid?: number; gid?: number };
}

const setprivPlaces = ["/usr/bin/setpriv", "/bin/setpriv"];

/** @param paths what the server must reach; the first one that exists and is not root's own decides the user */
export function runAs({ dataDir, paths }: { dataDir: string; paths: string[] }): RunAs {
  if (process.getuid?.() !== 0) return { command: (file, args) => ({ file, args }) };
  const user = ownerOf(dataDir) ?? systemUser();
  if (user === undefined)
    throw new EmbeddedStartFailed({
      name: "postgres",
      reason: "PostgreSQL does not run as root, and there is neither a user postgres nor nobody; run as another user",
    });
  if (paths.every((path) => isReachable(path, user)))
    return { user, command: (file, args) => ({ file, args, ...user }) };
  const setpriv = setprivPlaces.find((place) => existsSync(place));
  if (setpriv === undefined)
    throw new EmbeddedStartFailed({
      name: "postgres",
      reason: `PostgreSQL runs as user id ${user.uid}, which may not enter ${paths.find((path) => !isReachable(path, user))}; move the folder, or run as another user`,
    });
  const identity = [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
  // access(2) overlooks the capabilities of whoever is not root, unless the last one says otherwise (capabilities(7)).
  const capability = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"];
  return { user, command: (file, args) => ({ file: setpriv, args: [...identity, ...capability, file, ...args] }) };
}

/** A cluster that a normal user made earlier goes on as that user. */
function ownerOf(dataDir: string): { uid: number; gid: number } | undefined {
  if (!existsSync(dataDir)) return undefined;
  const { uid, gid } = statSync(dataDir);
  return uid === 0 ? undefined : { uid, gid };
}

function systemUser(): { uid: number; gid: number } | undefined {
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  for (const name of ["postgres", "_postgres", "nobody"]) {
    const [, , uid, gid] = users.find(([found]) => found === name) ?? [];
    if (Number(uid) > 0 && Number(gid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

function isReachable(path: string, { uid, gid }: { uid: number; gid: number }): boolean {
  for (let at = dirname(path); ; at = dirname(at)) {
    if (existsSync(at)) {
      const { mode, uid: owner, gid: group } = statSync(at);
      const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) return false;
    }
    if (dirname(at) === at) return true;
  }
}
