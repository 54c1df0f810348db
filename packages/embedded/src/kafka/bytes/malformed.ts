/** Bytes that are not what the protocol says. The connection that sent them is closed; nothing else happens. */
export class Malformed extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Malformed";
  }
}
