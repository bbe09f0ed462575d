/** Named places for notifications, so that only their names need to be known to send one. */
export interface Destinations {
  /** By name; the URL stays inside but for its origin. */
  listDestinations(): Promise<DestinationSummary[]>;
  /** Makes one or changes the one with this name. @throws INTEGRATIONS_INPUT_INVALID */
  setDestination(input: DestinationInput): Promise<{ created: boolean; destination: DestinationSummary }>;
  /** A default one has no heir: its channel has none until one is set. `removed` is false when there was none. */
  deleteDestination(name: string): Promise<{ removed: boolean; name: string }>;
}

export interface DestinationSummary {
  readonly name: string;
  readonly channel: string;
  /** Scheme and host of the address, or `mailto:…`. */
  readonly address: string;
  readonly is_default: boolean;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface DestinationInput {
  /** `[a-z0-9][a-z0-9_-]*`, at most 64 characters. */
  readonly name: string;
  /** Cannot change. */
  readonly channel: string;
  /** The service's incoming webhook, or for e-mail `mailto:` and the address. */
  readonly url: string;
  /** True takes it from the former one. Default: true for the first of its channel, unchanged at an update. */
  readonly is_default?: boolean;
}
