import { misconfigured } from "./delivery.ts";
import { joinDispatcher } from "./dispatcher.ts";
import type { Dispatcher, DispatcherDeclaration } from "./dispatcher.ts";
import { IntegrationError } from "./errors.ts";
import { noneDispatcher } from "./none-dispatcher.ts";
import { isTypeName, TYPE_NAME_RULE } from "./type-name.ts";

export interface DispatcherOptions {
  /** Who registers it: a package name, shown when a second owner asks for the same type. */
  readonly owner: string;
}

/** One line of `list()`. */
export interface DispatcherEntry {
  readonly type: string;
  readonly owner: string;
  /** False while only its declaration is known, because its integration is not configured or not started. */
  readonly ready: boolean;
}

/** Answers one question: where does a result go, and who brings it there? */
export interface DispatcherRegistry {
  /**
   * Makes a dispatcher known and ready; the returned function undoes exactly this registration.
   * @throws IntegrationError DISPATCHER_TYPE_TAKEN naming both owners, DISPATCHER_TYPE_INVALID
   */
  register<Target>(type: string, dispatcher: Dispatcher<Target>, options: DispatcherOptions): () => void;
  /**
   * Makes a type known whose deliveries have to wait, so that its targets can be checked when they are written.
   * A later `register` by the same owner makes it ready, and undoing that leaves the declaration.
   * @throws IntegrationError DISPATCHER_TYPE_TAKEN, DISPATCHER_TYPE_INVALID
   */
  declare<Target>(
    type: string,
    declaration: DispatcherDeclaration<Target>,
    options: DispatcherOptions,
  ): () => void;
  /** The dispatcher of a type; `none` for null, undefined and every unknown type. */
  get(type: string | null | undefined): Dispatcher;
  has(type: string): boolean;
  isReady(type: string): boolean;
  /** Sorted by type; `none` first. */
  list(): readonly DispatcherEntry[];
}

interface Slot {
  readonly owner: string;
  readonly declaration?: DispatcherDeclaration;
  readonly dispatcher?: Dispatcher;
}

/** The slot of `none`: both halves are taken, so that nobody can change it. */
const NONE: Slot = { owner: "@core/registry", declaration: noneDispatcher, dispatcher: noneDispatcher };

/** An empty registry that knows `none`. */
export function createDispatcherRegistry(): DispatcherRegistry {
  const slots = new Map<string, Slot>([["none", NONE]]);

  return {
    register: (type, dispatcher, { owner }) => fill(type, owner, "dispatcher", dispatcher),
    declare: (type, declaration, { owner }) => fill(type, owner, "declaration", declaration),
    get(type) {
      const slot = slots.get(type ?? "none");
      if (slot === undefined) return noneDispatcher;
      return slot.dispatcher ?? waitingDispatcher(type ?? "none", slot);
    },
    has: (type) => slots.has(type),
    isReady: (type) => slots.get(type)?.dispatcher !== undefined,
    list: () =>
      [...slots]
        .map(([type, slot]) => ({ type, owner: slot.owner, ready: slot.dispatcher !== undefined }))
        .toSorted((a, b) => rank(a.type) - rank(b.type) || a.type.localeCompare(b.type)),
  };

  function fill<Half extends "dispatcher" | "declaration">(
    type: string,
    owner: string,
    half: Half,
    value: NonNullable<Slot[Half]>,
  ): () => void {
    assertType(type);
    const current = slots.get(type);
    if (current !== undefined && (current.owner !== owner || current[half] !== undefined)) {
      throw typeTaken(type, current.owner, owner);
    }
    slots.set(type, { owner, ...current, [half]: value });
    let undone = false;
    return () => {
      if (!undone) empty(type, half);
      undone = true;
    };
  }

  function empty(type: string, half: "dispatcher" | "declaration"): void {
    const slot = slots.get(type);
    if (slot === undefined) return;
    const other = half === "dispatcher" ? "declaration" : "dispatcher";
    const kept = slot[other];
    if (kept === undefined) slots.delete(type);
    else slots.set(type, { owner: slot.owner, [other]: kept });
  }
}

function waitingDispatcher(type: string, slot: Slot): Dispatcher {
  const message = `Dispatcher "${type}" of ${slot.owner} is not ready. Complete the configuration of its integration.`;
  const deliver = (): ReturnType<Dispatcher["deliver"]> =>
    Promise.resolve(misconfigured({ code: "dispatcher_not_ready", message }));
  return joinDispatcher(slot.declaration ?? {}, { deliver });
}

function rank(type: string): number {
  return type === "none" ? 0 : 1;
}

function assertType(type: string): void {
  if (isTypeName(type)) return;
  throw new IntegrationError({
    code: "DISPATCHER_TYPE_INVALID",
    message: `"${type}" is not a dispatcher type. ${TYPE_NAME_RULE}`,
    details: { type },
  });
}

function typeTaken(type: string, holder: string, owner: string): IntegrationError {
  return new IntegrationError({
    code: "DISPATCHER_TYPE_TAKEN",
    message: `Dispatcher type "${type}" is already registered by "${holder}", so "${owner}" cannot register it. Undo the first registration or choose another type.`,
    details: { type, holder, owner },
  });
}
