import { createSocket } from "node:dgram";
import { once } from "node:events";
import { promises as dns } from "node:dns";
import type { Lookup } from "../src/index.ts";

export interface DnsServer extends AsyncDisposable {
  /** Asks this server, over UDP, for the IPv4 addresses of a name. */
  readonly lookup: Lookup;
  /** How many questions have come. */
  readonly questions: () => number;
}

/** A resolver on loopback that gives each question the next of its answers, and the last one from then on. */
export async function startDnsServer(answers: readonly (readonly string[])[]): Promise<DnsServer> {
  const server = createSocket("udp4");
  let questions = 0;
  server.on("message", (question, peer) => {
    const addresses = answers[Math.min(questions++, answers.length - 1)] ?? [];
    server.send(answerTo(question, addresses), peer.port, peer.address);
  });
  server.bind(0, "127.0.0.1");
  await once(server, "listening");

  const resolver = new dns.Resolver();
  resolver.setServers([`127.0.0.1:${server.address().port}`]);
  return {
    lookup: async (hostname) =>
      (await resolver.resolve4(hostname)).map((address) => ({ address, family: 4 as const })),
    questions: () => questions,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

/** The question repeated, then one A record per address that is never to be cached (TTL 0). */
function answerTo(question: Buffer, addresses: readonly string[]): Buffer {
  const questionEnd = question.indexOf(0, 12) + 5;
  const head = Buffer.from(question.subarray(0, questionEnd));
  head.writeUInt16BE(0x81_80, 2);
  head.writeUInt16BE(addresses.length, 6);
  head.writeUInt32BE(0, 8);
  const records = addresses.map((address) =>
    Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split(".").map(Number)]),
  );
  return Buffer.concat([head, ...records]);
}
