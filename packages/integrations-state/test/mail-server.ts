import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import type { SMTPServerSession } from "smtp-server";
import { testCertificate, testKey } from "./tls-certificate.ts";

export interface MailServer extends AsyncDisposable {
  readonly port: number;
  /** What was handed over, in order. */
  readonly mails: readonly ReceivedMail[];
  /** Connections so far. */
  connections(): number;
}

interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body as they came. */
  readonly text: string;
  readonly secure: boolean;
  readonly user: string | null;
}

export interface MailServerOptions {
  /** The status that a recipient is answered with; 250 takes it. `attempt` counts from 1 for each recipient. */
  readonly recipient?: (address: string, attempt: number) => number;
  /** The status that a mail is answered with. `attempt` counts from 1. */
  readonly mail?: (attempt: number) => number;
  /** The password that is asked for. */
  readonly password?: string;
  readonly starttls?: boolean;
}

/** A mail server on loopback. */
export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const { recipient = () => 250, mail = () => 250, password, starttls = false } = options;
  const mails: ReceivedMail[] = [];
  const attempts = new Map<string, number>();
  let connections = 0;
  let handedOver = 0;
  const server = new SMTPServer({
    key: testKey,
    cert: testCertificate,
    disabledCommands: starttls ? [] : ["STARTTLS"],
    authOptional: password === undefined,
    allowInsecureAuth: true,
    onConnect: (_session, done) => {
      connections += 1;
      done();
    },
    onAuth: (auth, _session, done) => {
      if (auth.password === password) done(null, { user: auth.username });
      else done(failure(535));
    },
    onRcptTo: ({ address }, _session, done) => {
      const attempt = (attempts.get(address) ?? 0) + 1;
      attempts.set(address, attempt);
      done(failure(recipient(address, attempt)));
    },
    onData: (stream, session, done) => {
      void (async () => {
        const text = Buffer.concat(await stream.toArray()).toString();
        mails.push(received(session, text));
        done(failure(mail(++handedOver)));
      })();
    },
  });
  server.on("error", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    connections: () => connections,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** The words that a real server adds repeat the address. */
function failure(status: number): Error | null {
  if (status < 300) return null;
  return Object.assign(new Error("<a@example.com> s3cr3t words"), { responseCode: status });
}

function received({ envelope, secure, user }: SMTPServerSession, text: string): ReceivedMail {
  return {
    from: envelope.mailFrom ? envelope.mailFrom.address : "",
    to: envelope.rcptTo.map(({ address }) => address),
    text,
    secure,
    user: user ?? null,
  };
}
