import { fileURLToPath } from "node:url";
import { Client, credentials, makeClientConstructor, status } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer, loadSync, type ServiceDefinition } from "@grpc/proto-loader";

// The proto of the protocol itself, which every such tool has built in; nothing of ours.
const protos = fileURLToPath(new URL("../proto", import.meta.resolve("@grpc/reflection")));

interface ReflectionAnswer {
  list_services_response?: { service: { name: string }[] };
  file_descriptor_response?: { file_descriptor_proto: Buffer[] };
  error_response?: { error_code: number; error_message: string };
}

/**
 * What `grpcurl` does: knows an address and nothing else, lists the services there, learns their messages from the server,
 * and calls them.
 */
export function reflectionClient(address: string, version: "v1" | "v1alpha" = "v1") {
  const proto = `grpc/reflection/${version}/reflection.proto`;
  const definition = loadSync(proto, { keepCase: true, includeDirs: [protos], oneofs: true });
  const name = `grpc.reflection.${version}.ServerReflection`;
  const Reflection = makeClientConstructor(definition[name] as ServiceDefinition, name);

  function ask(request: object): Promise<ReflectionAnswer> {
    const client = new Reflection(address, credentials.createInsecure());
    return new Promise<ReflectionAnswer>((resolve, reject) => {
      const stream = client.ServerReflectionInfo!({ deadline: Date.now() + 10_000 });
      stream.once("data", (answer: ReflectionAnswer) => {
        resolve(answer);
        stream.end();
      });
      stream.on("error", reject);
      stream.write(request);
    }).finally(() => client.close());
  }

  return {
    async services(): Promise<string[]> {
      const { list_services_response } = await ask({ list_services: "" });
      return list_services_response!.service.map(({ name }) => name).sort();
    },

    /** Calls a method by what the server says of it. @returns the name of the status, and the answer */
    async call(service: string, method: string, request: object): Promise<{ status: string; response?: unknown }> {
      const { file_descriptor_response, error_response } = await ask({ file_containing_symbol: service });
      if (error_response) return { status: status[error_response.error_code]! };
      const types = loadFileDescriptorSetFromBuffer(setOf(file_descriptor_response!.file_descriptor_proto), {
        keepCase: true,
        defaults: true,
      });
      const { path, requestSerialize, responseDeserialize } = (types[service] as ServiceDefinition)[method]!;
      const client = new Client(address, credentials.createInsecure());
      return new Promise<{ status: string; response?: unknown }>((resolve) => {
        const options = { deadline: Date.now() + 10_000 };
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, options, (error, response) =>
          resolve(error ? { status: status[error.code]! } : { status: "OK", response }),
        );
      }).finally(() => client.close());
    },
  };
}

/** `google.protobuf.FileDescriptorSet`: the files one after the other, each as field 1. */
function setOf(files: Buffer[]): Buffer {
  return Buffer.concat(files.flatMap((file) => [Buffer.from([0x0a, ...varint(file.length)]), file]));
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
