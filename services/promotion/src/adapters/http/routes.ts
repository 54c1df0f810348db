import { momentOf, newId } from "@weft/core";
import { type PageQuery, pageOf, pageQuery } from "@weft/service-kit/plain";
import { assertAdmin, assertOwner, field, type Route } from "@weft/transport";
import type { applyPromotion } from "../../application/apply-promotion.ts";
import type { managePromotions } from "../../application/manage-promotions.ts";
import type { Application, ApplyRequest, PromotionFilter, PromotionStore } from "../../application/ports.ts";
import type { NewPromotion, Promotion } from "../../domain/promotion.ts";
import { applicationData, applyRequest, newPromotion, promotionData, status, statusPatch } from "./schemas.ts";

export interface PromotionRoutesParts {
  manage: ReturnType<typeof managePromotions>;
  apply: ReturnType<typeof applyPromotion>;
  promotions: PromotionStore;
}

type NewPromotionBody = Pick<NewPromotion, "name" | "type" | "rules"> & {
  promotionId?: string;
  effectiveFrom: string;
  effectiveTo: string;
  status?: "active" | "inactive";
};

export function promotionRoutes({ manage, apply, promotions }: PromotionRoutesParts): Route[] {
  const one = { type: "object", properties: { promotion: promotionData } };

  const create: Route<NewPromotionBody> = {
    method: "POST",
    path: "/v1/promotions",
    summary: "Creates a promotion",
    body: newPromotion,
    response: one,
    errors: ["PROMOTION_EXISTS"],
    async handle({ body, context }) {
      assertAdmin(context);
      const createdBy = context.user?.id ?? context.caller;
      const promotion = await manage.create({
        ...body,
        promotionId: body.promotionId ?? newId("promo"),
        status: body.status ?? "active",
        effectiveFrom: momentOf(body.effectiveFrom)!,
        effectiveTo: momentOf(body.effectiveTo)!,
        ...(createdBy === undefined ? {} : { createdBy }),
      });
      return { status: 201, data: { promotion: shownPromotion(promotion) } };
    },
  };

  const list: Route<undefined, PageQuery & PromotionFilter> = {
    method: "GET",
    path: "/v1/promotions",
    summary: "Lists promotions, newest first; of a product: those that name it, its category, or neither",
    query: { type: "object", properties: { ...pageQuery, status, productId: field.id } },
    response: { type: "object", properties: { promotions: { type: "array", items: promotionData } } },
    async handle({ query }) {
      const { limit, cursor, ...filter } = query;
      const { items, meta } = await pageOf({ limit, cursor }, { list: "promotions", filter }, (count, before) =>
        promotions.list(filter, count, before),
      );
      return { data: { promotions: items.map(shownPromotion) }, meta };
    },
  };

  const get: Route = {
    method: "GET",
    path: "/v1/promotions/{promotionId}",
    summary: "Gives one promotion",
    response: one,
    errors: ["PROMOTION_NOT_FOUND"],
    async handle({ params }) {
      return { data: { promotion: shownPromotion(await manage.get(params.promotionId!)) } };
    },
  };

  const patch: Route<{ status: "active" | "inactive" }> = {
    method: "PATCH",
    path: "/v1/promotions/{promotionId}",
    summary: "Switches a promotion on or off; an expired one stays so (409 CONFLICT)",
    body: statusPatch,
    response: one,
    errors: ["PROMOTION_NOT_FOUND", "CONFLICT"],
    async handle({ params, body, context }) {
      assertAdmin(context);
      const promotion = await manage.changeStatus(params.promotionId!, body.status);
      return { data: { promotion: shownPromotion(promotion) } };
    },
  };

  const applyTo: Route<Omit<ApplyRequest, "promotionId">> = {
    method: "POST",
    path: "/v1/promotions/{promotionId}/apply",
    summary: "Applies a promotion to an order, once: 201, then 200 with the first application",
    body: applyRequest,
    response: { type: "object", properties: { application: applicationData } },
    errors: [
      "PROMOTION_NOT_FOUND",
      "PROMOTION_NOT_ACTIVE",
      "PROMOTION_NOT_APPLICABLE",
      "CUSTOMER_NOT_FOUND",
      "DEPENDENCY_FAILED",
    ],
    async handle({ params, body, context }) {
      assertOwner(context, body.customerId);
      const { application, isFirst } = await apply({ ...body, promotionId: params.promotionId! });
      // The first application of this order may be somebody else's.
      assertOwner(context, application.customerId);
      return { status: isFirst ? 201 : 200, data: { application: shownApplication(application) } };
    },
  };

  return [create, list, get, patch, applyTo];
}

function shownPromotion(promotion: Promotion) {
  const { promotionId, name, type, rules, status, createdBy } = promotion;
  return {
    promotionId,
    name,
    type,
    rules,
    status,
    ...(createdBy === undefined ? {} : { createdBy }),
    effectiveFrom: promotion.effectiveFrom.toISOString(),
    effectiveTo: promotion.effectiveTo.toISOString(),
    createdAt: promotion.createdAt.toISOString(),
    updatedAt: promotion.updatedAt.toISOString(),
  };
}

function shownApplication({ appliedAt, ...application }: Application) {
  return { ...application, appliedAt: appliedAt.toISOString() };
}
