/** An answer other than 200: Consul says why in plain text. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
export const badRequest = (message: string) => new Refusal(400, message);
