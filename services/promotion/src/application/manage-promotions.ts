import type { Clock } from "@weft/core";
import { PromotionNotFound } from "../domain/errors.ts";
import { changeStatus, createPromotion, type NewPromotion, type Promotion } from "../domain/promotion.ts";
import type { PromotionStore } from "./ports.ts";

/** What operators do with promotions. */
export const managePromotions = ({ promotions, clock }: { promotions: PromotionStore; clock: Clock }) => ({
  async create(input: NewPromotion): Promise<Promotion> {
    const promotion = createPromotion(input, clock.now());
    await promotions.create(promotion);
    return promotion;
  },

  async get(promotionId: string): Promise<Promotion> {
    const promotion = await promotions.find(promotionId);
    if (promotion === undefined) throw new PromotionNotFound({ promotionId });
    return promotion;
  },

  changeStatus(promotionId: string, to: "active" | "inactive"): Promise<Promotion> {
    return promotions.change(promotionId, (promotion) => changeStatus(promotion, to, clock.now()));
  },
});
