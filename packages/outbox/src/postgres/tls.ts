/** What a connection string may say of TLS. Everything between the two leaves unchecked who answers. */
const modes = ["disable", "verify-full"];

/** @returns what is wrong with it, or nothing */
export function tlsProblemOf(source: string): string | undefined {
  const { searchParams } = URL.parse(source) ?? {};
  const mode = searchParams?.get("sslmode") ?? undefined;
  if (mode !== undefined && !modes.includes(mode)) {
    return `sslmode=${mode} does not check who answers; use verify-full (with sslrootcert), or disable`;
  }
  const loose = ["ssl", "uselibpqcompat"].find((name) => searchParams?.has(name));
  return loose === undefined ? undefined : `${loose} is not taken; use sslmode=verify-full (with sslrootcert)`;
}
