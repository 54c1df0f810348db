import { type ContextField, contextFields } from "@weft/core";
import { table } from "./repository.ts";

/** `docs/call-context.md`: the table that servers, clients, outbox, consumer and log go through. */
export function contextPage(): string {
  const fields: [string, ContextField][] = Object.entries(contextFields);
  const names = (all: readonly string[]) => all.map((name) => `\`${name}\``).join(", ") || "–";
  const rows = fields.map(([name, field]) => [
    name,
    names(field.http),
    name === "deadline" ? "its own deadline" : names(field.grpc),
    names(field.event),
    field.crossesCalls ? "yes" : "no",
    field.crossesCommits ? "yes" : "no",
    field.fromStrangers ? "yes" : "no",
    field.isSecret ? "no, it is a secret" : names(field.log ? [field.log.name] : []),
  ]);
  const values = fields.map(([name, { takes, example, isRefusedWhenInvalid }]) => [
    name,
    takes,
    example.map((value) => `\`${value}\``).join(", "),
    isRefusedWhenInvalid ? "the call is refused with 400" : "counts as absent",
  ]);
  return `# The call context

What belongs to one request wherever it goes: over HTTP, over gRPC, and through the outbox and Kafka into the handlers of other
services. Made from \`packages/core/src/context-fields.ts\` by \`tools/docs\`; \`pnpm test\` fails when it is stale. Servers, clients, the
gateway, the outbox, the consumer and the log go through that table; none of them names a field itself.

${table(["field", "HTTP", "gRPC", "event", "crosses calls", "crosses commits", "taken from strangers", "in log lines"], rows)}

*Crosses calls*: a client hands it on with every call. *Crosses commits*: every event has it, in its row of the outbox and in its record,
and the handler that reads the event works with it. *Taken from strangers*: the gateway takes it from its callers; what is not, it drops.

- **requestId** A handler works under the correlation id: its work belongs to the request that began the chain.
- **causationId** In a handler it is the event that is handled.
- **caller** Each call has its own (\`X-Service-Name\` of the client that makes it). An event names whoever called the service that published it.
- **idempotencyKey** A client hands on only the key that it is given for the call. With an event goes the key of its request.
- **user** Over calls, whose request it is; services look at ownership by it. **Through an event it is provenance**: it says who began the
  chain, as the headers of a record have it, which anybody may write who writes to the topic. \`isProvenance\` is then true, ownership takes it
  as no user, and calls that a handler makes are the service's own and name no user. Use it for records of who did what, never for what they may do.
- **deadline** ends at a commit: nobody waits for a handler.

A tenant is no field of its own: nothing in Weft decides by one. Baggage carries it where callers need it.

## Values

${table(["field", "what it takes", "example", "another value"], values)}

No value over 8,192 characters is read, and over calls none that is not printable ASCII. What is left out of \`baggage\` and \`tracestate\` to
make them fit is left out by whole members; the others stay in their order. Headers of records from foreign producers are read by the same rules.
`;
}
