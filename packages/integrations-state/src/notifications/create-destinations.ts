import { maskUrl } from "@core/outbound";
import { isIntegrationError } from "@core/registry";
import { invalidInput } from "../errors.ts";
import type { IntegrationsParts } from "../integrations-parts.ts";
import type { SecretBox } from "../secrets/secret-box.ts";
import type { IntegrationState, StoredDestination } from "../state/integration-state.ts";
import { createCouriers } from "./couriers.ts";
import type { CouriersOptions } from "./couriers.ts";
import { readDestination } from "./destination-input.ts";
import type { DestinationSummary, Destinations } from "./destinations.ts";

/**
 * Makes the destinations of one state.
 * @throws INTEGRATIONS_INPUT_INVALID when the channels or the mail server cannot be meant
 */
export function createDestinations(parts: IntegrationsParts, options: CouriersOptions = {}): Destinations {
  const { store, secrets, clock, diagnostics } = parts;
  const couriers = createCouriers(parts, options);

  return {
    async listDestinations() {
      const { destinations } = await store.read();
      return destinations
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((destination) => summaryOf(destination, secrets));
    },

    async setDestination(input) {
      const { url, ...wanted } = readDestination(input, couriers);
      const change = { ...wanted, url: secrets.seal(url), updated_at: new Date(clock.now()).toISOString() };
      const { result } = await store.update((state) => putDestination(state, change));
      const destination = summaryOf(result.destination, secrets);
      const { name, channel, is_default } = destination;
      diagnostics.metric("integrations.destination.set", 1, { channel, created: result.created });
      diagnostics.event("integrations.destination.set", {
        name,
        channel,
        is_default,
        created: result.created,
      });
      return { created: result.created, destination };
    },

    async deleteDestination(name) {
      const { result: removed } = await store.update((state) => {
        const before = state.destinations.length;
        state.destinations = state.destinations.filter((destination) => destination.name !== name);
        return state.destinations.length < before;
      });
      diagnostics.metric("integrations.destination.deleted", 1, { removed });
      diagnostics.event("integrations.destination.deleted", { name, removed });
      return { removed, name };
    },
  };
}

/** What is wanted of a destination; its URL is sealed. */
type DestinationChange = Pick<StoredDestination, "name" | "channel" | "url" | "updated_at"> & {
  readonly is_default?: boolean;
};

function putDestination(
  { destinations }: IntegrationState,
  change: DestinationChange,
): { created: boolean; destination: StoredDestination } {
  const known = destinations.find(({ name }) => name === change.name);
  if (known !== undefined && known.channel !== change.channel) throw otherChannel(known);
  const others = destinations.filter(
    ({ name, channel }) => channel === change.channel && name !== change.name,
  );
  const destination: StoredDestination = {
    ...change,
    is_default: change.is_default ?? known?.is_default ?? others.length === 0,
    created_at: known?.created_at ?? change.updated_at,
  };
  if (destination.is_default) for (const other of others) other.is_default = false;
  if (known === undefined) destinations.push(destination);
  else Object.assign(known, destination);
  return { created: known === undefined, destination: { ...destination } };
}

function otherChannel({ name, channel }: StoredDestination): Error {
  const message = `${name} is a destination of ${channel}, which cannot change. Delete it first, or choose another name.`;
  return invalidInput("The destination was not set.", [{ field: "channel", message }]);
}

function summaryOf(destination: StoredDestination, secrets: SecretBox): DestinationSummary {
  const { name, channel, url, is_default, created_at, updated_at } = destination;
  return { name, channel, address: maskedAddress(url, secrets), is_default, created_at, updated_at };
}

/** A list is of use without one key too. */
function maskedAddress(url: string, secrets: SecretBox): string {
  try {
    return maskUrl(secrets.open(url));
  } catch (error) {
    if (isIntegrationError(error)) return "(cannot be opened)";
    throw error;
  }
}
