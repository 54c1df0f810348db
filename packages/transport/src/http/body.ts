import type { IncomingMessage } from "node:http";
import { BadRequest, PayloadTooLarge, UnsupportedMediaType } from "@weft/core";
import { assertHarmless } from "../schema/harmless.ts";

/** A client that is cut while it still sends often misses the answer, so a little of what is too much is read and dropped. */
const lingering = { factor: 8, maxMs: 1000 };

/**
 * Reads a body whole, at most `limitBytes`. Compressed bodies are refused: what they grow to is not known beforehand.
 * @throws PayloadTooLarge   @throws UnsupportedMediaType for a content encoding
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    throw new UnsupportedMediaType({ contentType: `${request.headers["content-type"] ?? ""} encoded as ${encoding}` });
  }
  if (request.destroyed) throw new BadRequest({ message: "the connection ended inside the body" });
  const tooLarge = () => new PayloadTooLarge({ limitBytes });
  if (Number(request.headers["content-length"] ?? 0) > limitBytes * lingering.factor) throw tooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let timer: NodeJS.Timeout | undefined;
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      request.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
      finish();
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limitBytes) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      const refuse = () => {
        request.pause();
        settle(() => reject(tooLarge()));
      };
      if (size > limitBytes * lingering.factor) refuse();
      else timer ??= setTimeout(refuse, lingering.maxMs);
    };
    const onEnd = () =>
      settle(() =>
        size > limitBytes ? reject(tooLarge()) : resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)),
      );
    const onGone = () => settle(() => reject(new BadRequest({ message: "the connection ended inside the body" })));
    request.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
  });
}

/** @throws UnsupportedMediaType for anything but JSON in UTF-8 */
export function assertJson(contentType = ""): void {
  const [type = "", ...parameters] = contentType.toLowerCase().split(";");
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith("charset="));
  const isJson = /^application\/([a-z0-9.-]+\+)?json$/.test(type.trim());
  if (!isJson || (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset))) {
    throw new UnsupportedMediaType({ contentType });
  }
}

/**
 * The text of a JSON body, in one way for everyone who looks into it: one byte order mark at its beginning is left out (a second
 * one is no JSON), and what is not UTF-8 is refused.
 * @throws TypeError for what is not UTF-8
 */
export const jsonText = (bytes: Buffer): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

/**
 * Reads a JSON object that a stranger sent. Refused, before any schema sees it: anything but an object (there would be no
 * field to name), and what `assertHarmless` refuses.
 * @throws BadRequest, or ValidationFailed where one field is to blame
 */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new BadRequest({ message: "a JSON body is needed" });
  let value: unknown;
  try {
    value = JSON.parse(jsonText(bytes));
  } catch (error) {
    const message = error instanceof SyntaxError ? "the body is not JSON" : "the body is not UTF-8";
    throw new BadRequest({ message }, { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new BadRequest({ message: "the body must be a JSON object" });
  }
  assertHarmless(value, "body");
  return value;
}
