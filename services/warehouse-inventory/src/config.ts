import { closed, type JsonSchema } from "@weft/transport";

/** The service's own section of `config.yaml`. */
export interface InventorySections {
  reservations: { ttl: string; sweep_interval: string };
}

const duration = { type: "string", pattern: "^[1-9]\\d{0,8}(ms|s|m)$", title: "duration" };

export const inventorySections: Record<keyof InventorySections, JsonSchema> = {
  reservations: closed(
    {
      ttl: { ...duration, description: "How long stock is held for a shipment that is not there yet" },
      sweep_interval: { ...duration, description: "Pause between two looks for what has been held longer" },
    },
    ["ttl", "sweep_interval"],
  ),
};

const unitMs = { ms: 1, s: 1000, m: 60_000 };

/** `1s`, `500ms`, `1m` → milliseconds. */
export const milliseconds = (text: string): number => {
  const unit = text.replace(/^\d+/, "") as keyof typeof unitMs;
  return Number.parseInt(text, 10) * unitMs[unit];
};
