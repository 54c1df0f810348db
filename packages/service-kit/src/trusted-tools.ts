/** The source of what `weft events publish` sends. */
const commandLine = "weft-cli";

/**
 * Who may publish any event besides the services that declare it: the command line, while the service says that it runs in
 * development (`consul.service.metadata.environment`, from WEFT_ENVIRONMENT), nobody elsewhere.
 */
export function trustedTools({ environment }: Readonly<Record<string, string>>): string[] {
  return environment === "development" ? [commandLine] : [];
}
