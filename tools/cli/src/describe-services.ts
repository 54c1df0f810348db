import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { defineError } from "@weft/core";
import { type ServicePart, serviceParts } from "./dev/parts.ts";

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
 * Every service of `services/`, by its own word; nothing is started. One after the other: each is a process.
 * @throws ServiceNotDescribed
 */
export async function describeServices(): Promise<DescribedService[]> {
  const described: DescribedService[] = [];
  for (const part of serviceParts()) described.push(await describeService(part));
  return described;
}

async function describeService({ folder, main }: ServicePart): Promise<DescribedService> {
  try {
    const { stdout } = await run(process.execPath, ["--conditions=@weft/source", main, "--describe"], {
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
