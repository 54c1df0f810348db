import { closed, field, orNull } from "@weft/transport";

const anything = field.free(50);
const email = { type: "string", format: "email", maxLength: 254 };
const preferences = { type: "object", ...anything };
const addresses = { type: "array", maxItems: 20, items: { type: "object", minProperties: 1, ...anything } };
const profile = {
  type: "object",
  properties: { firstName: field.text(100), lastName: field.text(100) },
  required: ["firstName", "lastName"],
  ...anything,
};
// A patch gives some of the fields; null takes one away.
const profilePatch = {
  type: "object",
  properties: {
    firstName: orNull(field.text(100)),
    lastName: orNull(field.text(100)),
  },
  ...anything,
};

export const newCustomer = closed({ customerId: field.id, email, profile, tier: field.tier, preferences, addresses }, [
  "email",
  "profile",
]);

export const customerPatch = closed({ profile: profilePatch, tier: field.tier, preferences, addresses });

export const customerData = closed({
  customerId: field.id,
  email,
  profile,
  tier: field.tier,
  preferences,
  addresses,
  lifetimeSpend: { type: "number", minimum: 0 },
  createdAt: field.moment,
  updatedAt: field.moment,
});

export const activityData = closed({
  activityId: { type: "string" },
  type: {
    type: "string",
    enum: ["PromotionApplied", "ShipmentCreated", "ShipmentStatusChanged", "ReviewSubmitted", "ReviewModerated"],
  },
  occurredAt: field.moment,
  details: { type: "object" },
});
