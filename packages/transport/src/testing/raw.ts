import { connect } from "node:net";

/** What came back for these bytes until the connection ended; the request should ask for that (`Connection: close`). */
export function rawAnswer(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket
      .on("data", (chunk) => {
        text += chunk;
      })
      .on("close", () => resolve(text))
      .on("error", reject);
  });
}

/** The status and the JSON of one raw answer. */
// biome-ignore lint/suspicious/noExplicitAny: tests look at every shape of answer
export function readRaw(answer: string): { status: number; head: string; body: any } {
  const [head = "", text = ""] = answer.split("\r\n\r\n");
  const json = text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1);
  return { status: Number(head.split(" ")[1]), head, body: json === "" ? undefined : JSON.parse(json) };
}
