import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "@weft/core";
import { repositoryRoot } from "../layout.ts";

/** What `pnpm dev` knows of a service: all of it read from the service's own folder, so that a new one needs no list. */
export interface ServicePart {
  /** `catalog` */
  folder: string;
  /** `catalog-service`, as in Consul. */
  name: string;
  /** `CATALOG`, the middle of its environment names. */
  envName: string;
  main: string;
  httpPort: number;
  grpcPort?: number;
  database?: string;
}

interface ServiceFile {
  server?: { http?: { addr?: string }; grpc?: { addr?: string } };
  consul?: { service?: { name?: string } };
  data?: { database?: { source?: string } };
}

const portOf = (address: string | undefined): number | undefined =>
  address === undefined ? undefined : Number(address.slice(address.lastIndexOf(":") + 1));

/** Every folder of `services/` with a `src/main.ts`, with the defaults that its configuration states. */
export function serviceParts(): ServicePart[] {
  const services = join(repositoryRoot, "services");
  return readdirSync(services)
    .sort()
    .filter((folder) => existsSync(join(services, folder, "src/main.ts")))
    .map((folder) => {
      const path = join(services, folder, "config/config.yaml");
      const file = loadConfig<ServiceFile>({ type: "object" }, path, {});
      const grpcPort = portOf(file.server?.grpc?.addr);
      return {
        folder,
        name: file.consul?.service?.name ?? `${folder}-service`,
        envName: folder.toUpperCase().replaceAll("-", "_"),
        main: join(services, folder, "src/main.ts"),
        httpPort: portOf(file.server?.http?.addr) ?? 0,
        ...(grpcPort === undefined ? {} : { grpcPort }),
        ...(file.data?.database ? { database: folder.replaceAll("-", "_") } : {}),
      };
    });
}
