import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { silentLogger, Unauthorized } from "@weft/core";
import { authenticator } from "./authenticate.ts";
import { KeysUnavailable } from "./errors.ts";
import { keySet } from "./key-set.ts";
import { audience, issuer, jwkOf, type Key, key, now, token } from "./testing/tokens.ts";

let published: unknown;
let status = 200;
let fetches = 0;
let server: Server;
let url = "";

beforeEach(async () => {
  fetches = 0;
  status = 200;
  server = createServer((_request, response) => {
    fetches += 1;
    response.writeHead(status, status === 302 ? { location: url } : {}).end(JSON.stringify(published));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}/jwks.json`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const publish = (...keys: Key[]) => {
  published = { keys: keys.map(jwkOf) };
};
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => "taken",
    (error) => (error as { code: string }).code,
  );

function using(options: { cooldownMs?: number; refreshMs?: number } = {}) {
  const keys = keySet({ log: silentLogger }, { url, ...options });
  const authenticate = authenticator({ keys }, { issuer, audience, now: () => now * 1000 });
  return { keys, authenticate: (text: string) => authenticate(`Bearer ${text}`) };
}

const first = key("ES256", "first");
const second = key("RS256", "second");

describe("the issuer's keys", () => {
  it("are fetched at start, once for however many tokens", async () => {
    publish(first);
    const { keys, authenticate } = using();
    await keys.start();
    for (let time = 0; time < 20; time += 1) expect(await outcome(authenticate(token(first)))).toBe("taken");
    expect(fetches).toBe(1);
  });

  it("are looked at again for an unknown one, and one that was taken back is refused then", async () => {
    publish(first);
    const { keys, authenticate } = using({ cooldownMs: 0 });
    await keys.start();
    publish(second);
    expect(await outcome(authenticate(token(second)))).toBe("taken");
    expect(await outcome(authenticate(token(first)))).toBe(Unauthorized.code);
  });

  it("are not fetched for each invented one: a thousand so soon after the last fetch are none", async () => {
    publish(first);
    const { keys, authenticate } = using({ cooldownMs: 30_000 });
    await keys.start();
    for (let index = 0; index < 1000; index += 1) {
      const invented = token(first, undefined, { alg: "ES256", kid: `invented-${index}` });
      expect(await outcome(authenticate(invented))).toBe(Unauthorized.code);
    }
    expect(fetches).toBe(1);
  });

  it("serve on while the issuer is away", async () => {
    publish(first);
    const { keys, authenticate } = using({ refreshMs: 0, cooldownMs: 0 });
    await keys.start();
    status = 500;
    expect(await outcome(authenticate(token(first)))).toBe("taken");
    expect(await outcome(authenticate(token(first)))).toBe("taken");
  });

  it.each([
    [
      "an error",
      () => {
        status = 500;
      },
    ],
    [
      "a redirect",
      () => {
        status = 302;
      },
    ],
    [
      "something else",
      () => {
        published = { nothing: 1 };
      },
    ],
    [
      "too much",
      () => {
        published = { keys: ["x".repeat(300_000)] };
      },
    ],
  ])("that never came are a start that may be tried again: %s", async (_what, make) => {
    publish(first);
    make();
    const { keys, authenticate } = using();
    const error = await keys.start().catch((reason) => reason);
    expect(KeysUnavailable.is(error) && error.retryable).toBe(true);
    expect(await outcome(authenticate(token(first)))).toBe(KeysUnavailable.code);
  });

  it("leave out what must not check tokens: secrets, keys for encryption, short RSA keys", async () => {
    const secret = { kty: "oct", k: "c2VjcmV0", kid: "oct", alg: "HS256" };
    const encryption = { ...jwkOf(first), use: "enc" };
    published = { keys: [secret, encryption, null, jwkOf(second)] };
    const { keys, authenticate } = using();
    await keys.start();
    expect(await outcome(authenticate(token(first)))).toBe(Unauthorized.code);
    expect(await outcome(authenticate(token(second)))).toBe("taken");
  });
});
