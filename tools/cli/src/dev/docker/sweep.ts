import type { Docker } from "./engine.ts";

/** Removes what an earlier run left under this label; with `volumes`, its data too. */
export async function sweep(docker: Docker, label: string, { volumes }: { volumes: boolean }): Promise<void> {
  const filter = ["--filter", `label=${label}`];
  const each = (text: string) => text.split(/\s+/).filter(Boolean);
  const containers = each(await docker(["ps", "--all", "--quiet", ...filter]));
  if (containers.length > 0) await docker(["rm", "--force", "--volumes", ...containers]);
  const networks = each(await docker(["network", "ls", "--quiet", ...filter]));
  if (networks.length > 0) await docker(["network", "rm", ...networks]);
  if (!volumes) return;
  const kept = each(await docker(["volume", "ls", "--quiet", ...filter]));
  if (kept.length > 0) await docker(["volume", "rm", ...kept]);
}
