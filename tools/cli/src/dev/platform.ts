import { WrongUse } from "../wrong-use.ts";

/** The embedded PostgreSQL comes as binaries for these; everywhere else one line says so before anything starts. */
export function refuseOtherPlatforms(): void {
  const { platform, arch } = process;
  const glibc = platform !== "linux" || hasGlibc();
  const supported = (platform === "linux" || platform === "darwin") && (arch === "x64" || arch === "arm64") && glibc;
  if (supported) return;
  const here = `${platform} ${arch}${glibc ? "" : " without glibc"}`;
  throw new WrongUse({
    message: `pnpm dev runs on Linux with glibc and on macOS, x64 and arm64; on Windows through WSL2. This is ${here}.`,
  });
}

function hasGlibc(): boolean {
  // Without this it would look up the names of open connections.
  Object.assign(process.report ?? {}, { excludeNetwork: true });
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return report?.header?.glibcVersionRuntime !== undefined;
}
