import type { Observe, Waterfall } from "@core/registry";

declare module "@core/registry" {
  interface HookEvents {
    invoice_paid: Observe<{ readonly amount: number }>;
    before_greeting: Waterfall<string>;
  }
  interface DeliveryPayloads {
    postcard: { readonly picture: string };
  }
}
