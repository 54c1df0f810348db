import type { Server } from "@grpc/grpc-js";

/** Server reflection, v1 and v1alpha: `grpcurl` and its like find services and messages without having the protos. */
export async function addReflection(server: Server, descriptorSet: Uint8Array, services: string[]): Promise<void> {
  const { ReflectionService } = await import("@grpc/reflection");
  // The files as they were compiled. Through proto-loader they would lose their names and imports, and a client that
  // resolves imports, as grpcurl does, would find nothing that uses a type of another file.
  const files = { fileDescriptorProtos: filesOf(descriptorSet) };
  new ReflectionService({ files } as never, { services }).addToServer(server);
}

/** Each FileDescriptorProto of a FileDescriptorSet: field 1, length-delimited, again and again (descriptor.proto). */
function filesOf(set: Uint8Array): Buffer[] {
  const files: Buffer[] = [];
  for (let at = 0; at < set.length; ) {
    at += 1;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = set[at++]!;
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    files.push(Buffer.from(set.subarray(at, at + length)));
    at += length;
  }
  return files;
}
