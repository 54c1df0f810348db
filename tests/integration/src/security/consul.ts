import { Agent, request } from "node:https";
import { eventually } from "@weft/testkit";
import { consulPorts, hostPort } from "@weft/testkit/infrastructure";
import { type StartedTestContainer, Wait } from "testcontainers";
import type { Authority, Issued } from "./certificates.ts";
import { inContainer, secured } from "./containers.ts";

export interface SecuredConsul {
  readonly container: StartedTestContainer;
  /** Of https, on 127.0.0.1. */
  readonly port: number;
  /** @returns the secret of a new token that may do what the rules say */
  tokenFor(rules: string): Promise<string>;
}

/**
 * Only https, only for who has a certificate of the authority, and nothing without a token. It has the host's network, because
 * the services that it checks listen on the loopback interface of the host.
 */
export async function securedConsul(
  authority: Authority,
  { isExpired = false }: { isExpired?: boolean } = {},
): Promise<SecuredConsul> {
  const [certificate, client] = await Promise.all([
    authority.issue("consul", { hosts: ["127.0.0.1"], isExpired }),
    authority.issue("operator"),
  ]);
  const port = await hostPort();
  const container = await secured("WEFT_IMAGE_CONSUL")
    .withNetworkMode("host")
    .withCommand(["agent", "-dev", "-client", "127.0.0.1", "-bind", "127.0.0.1"])
    .withCopyContentToContainer(
      inContainer({
        "/certificates/ca.pem": authority.ca,
        "/certificates/cert.pem": certificate.cert,
        "/certificates/key.pem": certificate.key,
      }),
    )
    .withEnvironment({
      CONSUL_LOCAL_CONFIG: JSON.stringify({
        ports: { http: -1, https: port, ...(await consulPorts()) },
        acl: { enabled: true, default_policy: "deny" },
        ca_file: "/certificates/ca.pem",
        cert_file: "/certificates/cert.pem",
        key_file: "/certificates/key.pem",
        verify_incoming_https: true,
      }),
    })
    .withWaitStrategy(Wait.forLogMessage(/cluster leadership acquired|New leader elected/i))
    .withStartupTimeout(120_000)
    .start();
  const operator = operatorAt(port, { ca: authority.ca, ...client });
  let secret: string | undefined;
  return {
    container,
    port,
    async tokenFor(Rules) {
      secret ??= (await eventually("the ACLs are there", () => operator<{ SecretID: string }>("/v1/acl/bootstrap")))
        .SecretID;
      const { ID } = await operator<{ ID: string }>("/v1/acl/policy", {
        body: { Name: `weft-${Date.now()}`, Rules },
        secret,
      });
      const token = await operator<{ SecretID: string }>("/v1/acl/token", { body: { Policies: [{ ID }] }, secret });
      return token.SecretID;
    },
  };
}

/** As an operator does it, with a client certificate. */
const operatorAt =
  (port: number, tls: { ca: string } & Issued) =>
  <Answer>(path: string, { body, secret }: { body?: object; secret?: string } = {}): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const headers = secret ? { "x-consul-token": secret } : {};
    const sent = request(
      `https://127.0.0.1:${port}${path}`,
      { method: "PUT", agent: new Agent(tls), headers, timeout: 20_000 },
      (answer) => {
        let text = "";
        answer.on("data", (part) => {
          text += part;
        });
        answer.on("end", () =>
          answer.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(`${answer.statusCode} ${text}`)),
        );
      },
    );
    sent.on("error", reject).end(body && JSON.stringify(body));
    return promise;
  };
