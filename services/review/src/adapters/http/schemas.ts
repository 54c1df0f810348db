import { closed, field } from "@weft/transport";

const told = {
  reviewId: field.id,
  productId: field.id,
  customerId: field.id,
  rating: { type: "integer", minimum: 1, maximum: 5 },
  title: { ...field.text(200), minLength: 0 },
  content: field.longText(5000),
};

export const status = { type: "string", enum: ["pending", "approved", "rejected"] };

export const newReview = closed(told, ["productId", "customerId", "rating"]);

export const statusPatch = closed({ status: { type: "string", enum: ["approved", "rejected"] } }, ["status"]);

export const reviewData = closed({
  ...told,
  status,
  verifiedPurchase: { type: "boolean" },
  authorName: { type: "string" },
  submittedAt: field.moment,
  moderatedAt: field.moment,
});
