import { expect } from "@jest/globals";

export interface RegistryAnswer {
  status: number;
  contentType: string;
  body: Record<string, unknown> & { error_code?: number; message?: string };
}

export type RegistryScripts = Record<string, (session: RegistrySession) => Promise<void>>;

/** Raw requests to one registry, with subjects of its own. */
export class RegistrySession {
  private readonly url: string;
  private readonly mark = Math.random().toString(36).slice(2, 10);
  private names = 0;

  constructor(url: string) {
    this.url = url;
  }

  subject(): string {
    return `conformance-${this.mark}-${++this.names}`;
  }

  /** A schema that no other script registers. */
  unique(fields: Record<string, unknown> = {}, more: Record<string, unknown> = {}) {
    return closed({ [`mark_${this.mark}_${++this.names}`]: { type: "string" }, ...fields }, more);
  }

  async request(method: string, path: string, body?: unknown): Promise<RegistryAnswer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    return {
      status: response.status,
      contentType: response.headers.get("content-type") ?? "",
      body: (await response.json()) as RegistryAnswer["body"],
    };
  }
  get = (path: string) => this.request("GET", path);

  register = (subject: string, schema: unknown) => this.request("POST", `/subjects/${subject}/versions`, given(schema));

  /** Registers, and expects that to succeed. */
  async id(subject: string, schema: unknown): Promise<number> {
    const { status, body } = await this.register(subject, schema);
    expect([status, body]).toEqual([200, expect.objectContaining({ id: expect.any(Number) })]);
    return body.id as number;
  }

  level = (subject: string, compatibility: string) => this.request("PUT", `/config/${subject}`, { compatibility });

  /** Whether `after` may follow `before` at a level, by registering the one and asking for the other. */
  async mayFollow(level: string, before: unknown, after: unknown): Promise<boolean> {
    const subject = this.subject();
    await this.level(subject, level);
    await this.id(subject, before);
    const { status, body } = await this.request(
      "POST",
      `/compatibility/subjects/${subject}/versions/latest`,
      given(after),
    );
    expect(status).toBe(200);
    return body.is_compatible as boolean;
  }
}

export const given = (schema: unknown) => ({
  schemaType: "JSON",
  schema: typeof schema === "string" ? schema : JSON.stringify(schema),
});

/** An object with these properties and no others. */
export const closed = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: "object",
  properties,
  additionalProperties: false,
  ...more,
});
