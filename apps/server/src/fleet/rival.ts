import type { Fingerprints } from "./fingerprints.ts";

/** A key that two servers do not share: its variable, and its file in a data folder. */
export interface DifferingKey {
  readonly variable: string;
  readonly file: string;
}

/** A living server whose keys are not ours. */
export interface Rival {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: Date;
  readonly lastSeenAt: Date;
  readonly differing: readonly DifferingKey[];
}

/** The keys in which two servers differ. */
export function differingKeys(one: Fingerprints, other: Fingerprints): readonly DifferingKey[] {
  return sharedKeys.filter(({ column }) => one[column] !== other[column]);
}

/** Why a server may not start beside its rival, and what to do. */
export function refusalMessage(rival: Rival, deadAfterMs: number): string {
  return [
    `Another server works on this database with another ${variablesOf(rival)}: ${whereIs(rival)}.`,
    whatToSet(rival),
    `If that server is gone, start this one again after ${deadAfterMs / 1_000} seconds.`,
  ].join(" ");
}

/** Why a server that has been overtaken by its rival has to stop, and what to do. */
export function conflictMessage(rival: Rival, ownId: string): string {
  const reason =
    rival.id === ownId
      ? "it has this server's id, so one data folder is a copy of the other: give each server a folder of its own"
      : "it could start because the database had not heard of this server for too long";
  return [
    `Another server works on this database with another ${variablesOf(rival)}, so this one has to stop:`,
    `${whereIs(rival)}; ${reason}.`,
    whatToSet(rival),
  ].join(" ");
}

const sharedKeys = [
  { column: "api_key_fingerprint", variable: "API_KEY", file: "api-key" },
  { column: "signing_secret_fingerprint", variable: "SIGNING_SECRET", file: "signing-secret" },
  { column: "encryption_key_fingerprint", variable: "ENCRYPTION_KEY", file: "encryption-key" },
] as const satisfies readonly (DifferingKey & { readonly column: keyof Fingerprints })[];

function whereIs({ pid, host, startedAt, lastSeenAt }: Rival): string {
  return `process ${pid} on ${host}, started ${startedAt.toISOString()}, last seen ${lastSeenAt.toISOString()}`;
}

function whatToSet(rival: Rival): string {
  const files = listed(rival.differing.map(({ file }) => file));
  return (
    `Servers on one database share their keys. Set ${variablesOf(rival)} here to what that server has: ` +
    `in its environment, otherwise in its data folder (${files}).`
  );
}

function variablesOf({ differing }: Rival): string {
  return listed(differing.map(({ variable }) => variable));
}

function listed(names: readonly string[]): string {
  return new Intl.ListFormat("en-GB").format(names);
}
