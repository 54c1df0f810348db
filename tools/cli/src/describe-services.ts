import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { defineError } from "@weft/core";
import { type ServicePart, serviceParts } from "./dev/parts.ts";
import { compileCache } from "./layout.ts";

/** What `--describe` of a service prints, as far as it is read here. */
export interface DescribedService {
  service: string;
  publishes: string[];
  subscribes: { type: string; majors: number[]; reads: string[] }[];
  calls: { service: string; protocol: "http" | "grpc" }[];
}

const ServiceNotDescribed = defineError<{ folder: string; reason: string }>({
  code: "SERVICE_NOT_DESCRIBED",
  kind: "invalid",
  message: ({ folder, reason }) => `services/${folder} does not describe itself: ${reason}`,
});

const run = promisify(execFile);
const timeoutMs = 20_000;

/**
 * Every service of `services/`, by its own word; nothing is started. Each is a process: as many at once as have a processor.
 * @throws ServiceNotDescribed
 */
export async function describeServices(): Promise<DescribedService[]> {
  const parts = serviceParts();
  const described: DescribedService[] = [];
  let next = 0;
  const describe = async () => {
    while (next < parts.length) {
      const at = next++;
      described[at] = await describeService(parts[at]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, describe));
  return described;
}

async function describeService({ folder, main }: ServicePart): Promise<DescribedService> {
  try {
    const { stdout } = await run(process.execPath, ["--conditions=@weft/source", main, "--describe"], {
      env: { NODE_COMPILE_CACHE: compileCache, ...process.env },
      timeout: timeoutMs,
      maxBuffer: 4 * 1024 * 1024,
    });
    return JSON.parse(stdout) as DescribedService;
  } catch (cause) {
    const { stderr = "", message } = cause as { stderr?: string; message: string };
    const lines = stderr.trim().split("\n");
    throw new ServiceNotDescribed(
      { folder, reason: lines.find((line) => line.includes("Error")) ?? lines[0] ?? message },
      { cause },
    );
  }
}
