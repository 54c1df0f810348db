// Generated from schemas/ by `pnpm weft schemas generate`. Change the documents there, not this file.

/**
 * A customer was created. Promotion keeps the tier, review the author's name.
 */
export interface CustomerCreated {
  /**
   * Identity of the customer, and the key of the record.
   */
  customerId: string;
  email?: string;
  /**
   * The name, and whatever else the customer told.
   */
  profile: {
    firstName?: string;
    lastName?: string;
    [k: string]: unknown;
  };
  tier: "bronze" | "silver" | "gold" | "platinum";
  /**
   * As the customer set them.
   */
  preferences?: {
    [k: string]: unknown;
  };
  /**
   * Items: As the customer wrote it.
   */
  addresses?: {
    [k: string]: unknown;
  }[];
  createdAt: string;
}

/**
 * Something of a customer changed. Only what changed is in `changes`; each value is the whole new one.
 */
export interface CustomerUpdated {
  /**
   * Identity of the customer, and the key of the record.
   */
  customerId: string;
  changes: {
    /**
     * The whole profile as it is now.
     */
    profile?: {
      [k: string]: unknown;
    };
    /**
     * bronze, silver, gold or platinum.
     */
    tier?: string;
    /**
     * All preferences as they are now.
     */
    preferences?: {
      [k: string]: unknown;
    };
    /**
     * All addresses as they are now.
     *
     * Items: As the customer wrote it.
     */
    addresses?: {
      [k: string]: unknown;
    }[];
  };
  /**
   * Subject or service that changed it.
   */
  updatedBy?: string;
  updatedAt?: string;
}

/**
 * A product's price was set or changed. Catalog forgets the one it had.
 */
export interface PriceChanged {
  /**
   * Identity of the product, and the key of the record.
   */
  productId: string;
  /**
   * Absent: the general price.
   */
  warehouseId?: string;
  /**
   * Before discounts.
   */
  basePrice: number;
  /**
   * What is asked.
   */
  finalPrice: number;
  /**
   * ISO 4217, such as EUR.
   */
  currency: string;
  changedAt: string;
}

/**
 * A product was created. Pricing, review and promotion know from then on that it exists.
 */
export interface ProductCreated {
  /**
   * Identity of the product, and the key of the record.
   */
  productId: string;
  /**
   * Stock keeping unit, unique.
   */
  sku: string;
  name: string;
  categoryId: string;
  description?: string;
  /**
   * Whatever the shop tells about it: size, colour, material.
   */
  attributes?: {
    [k: string]: unknown;
  };
  createdAt: string;
}

/**
 * Something of a product changed. Only what changed is in `changes`; each value is the whole new one.
 */
export interface ProductUpdated {
  /**
   * Identity of the product, and the key of the record.
   */
  productId: string;
  changes: {
    sku?: string;
    name?: string;
    categoryId?: string;
    description?: string;
    /**
     * All attributes as they are now.
     */
    attributes?: {
      [k: string]: unknown;
    };
  };
  updatedAt: string;
}

/**
 * A promotion was applied to an order. Customer adds the amount to the lifetime spend, which may raise the tier.
 */
export interface PromotionApplied {
  promotionId: string;
  /**
   * Identity of the order, and the key of the record.
   */
  orderId: string;
  customerId: string;
  /**
   * What the customer saved.
   */
  discountAmount: number;
  /**
   * What the order was worth before.
   */
  originalAmount?: number;
  /**
   * What the customer pays. Absent: `originalAmount` less `discountAmount`.
   */
  finalAmount?: number;
  appliedAt?: string;
}

/**
 * A promotion was created. Catalog shows it on the products that it names.
 */
export interface PromotionCreated {
  /**
   * Identity of the promotion, and the key of the record.
   */
  promotionId: string;
  /**
   * What customers see.
   */
  name: string;
  /**
   * How the discount is computed.
   */
  type: "percentage" | "fixed_amount" | "buy_x_get_y" | "free_shipping";
  rules: {
    /**
     * Every condition that is present must hold.
     */
    conditions?: {
      /**
       * The whole order must be worth at least this.
       */
      minOrderAmount?: number;
      /**
       * Products that qualify.
       */
      productIds?: string[];
      /**
       * Categories whose products qualify.
       */
      categoryIds?: string[];
      /**
       * Warehouses that the order may come from.
       */
      warehouseIds?: string[];
      /**
       * Tiers that the customer may have.
       */
      customerTiers?: string[];
    };
    /**
     * What the customer gets.
     */
    actions?: {
      /**
       * Percent for `percentage`, an amount for `fixed_amount`.
       */
      discountValue?: number;
      /**
       * The discount is never more than this.
       */
      maxDiscountAmount?: number;
      /**
       * The order is shipped free.
       */
      freeShipping?: boolean;
      /**
       * `buy_x_get_y`: units to buy for each gift. Absent means 1.
       */
      buyQuantity?: number;
      /**
       * `buy_x_get_y`: units given free. Absent means 1.
       */
      getQuantity?: number;
    };
  };
  /**
   * The first moment at which it applies.
   */
  effectiveFrom: string;
  /**
   * The moment at which it ends.
   */
  effectiveTo: string;
  status?: "active" | "inactive" | "expired";
  /**
   * Subject of whoever created it.
   */
  createdBy?: string;
  createdAt?: string;
}

/**
 * A promotion was switched on or off, or expired. Catalog shows active promotions only.
 */
export interface PromotionStatusChanged {
  /**
   * Identity of the promotion, and the key of the record.
   */
  promotionId: string;
  from: "active" | "inactive" | "expired";
  /**
   * `expired` is final.
   */
  to: "active" | "inactive" | "expired";
  changedAt: string;
}

/**
 * A review was approved or rejected. A rejected one leaves the product's rating, which is why the stars are here too.
 */
export interface ReviewModerated {
  /**
   * Identity of the review, and the key of the record.
   */
  reviewId: string;
  productId: string;
  customerId: string;
  /**
   * Stars.
   */
  rating: number;
  from: "pending" | "approved" | "rejected";
  to: "pending" | "approved" | "rejected";
  /**
   * Subject of the moderator.
   */
  moderatedBy?: string;
  moderatedAt: string;
}

/**
 * A customer wrote a review. Catalog adds it to the product's rating, customer to the activity.
 */
export interface ReviewSubmitted {
  /**
   * Identity of the review, and the key of the record.
   */
  reviewId: string;
  productId: string;
  customerId: string;
  /**
   * Stars.
   */
  rating: number;
  title?: string;
  content?: string;
  status?: "pending" | "approved" | "rejected";
  submittedAt?: string;
}

/**
 * A shipment was created. Inventory confirms its reservation, review learns a verified purchase, customer adds it to the activity.
 */
export interface ShipmentCreated {
  /**
   * Identity of the shipment, and the key of the record. Stock is reserved under it.
   */
  shipmentId: string;
  orderId: string;
  /**
   * Who gets it. Since 1.1.
   */
  customerId?: string;
  /**
   * Who sends the goods.
   */
  fulfillmentEntity: {
    type?: "warehouse" | "store" | "dropship" | "3pl";
    id?: string;
    name?: string;
    /**
     * As the sender has it; not read by anyone.
     */
    address?: {
      [k: string]: unknown;
    };
  };
  items: {
    productId?: string;
    sku?: string;
    quantity?: number;
  }[];
  carrier?: {
    name?: string;
    service?: string;
    trackingNumber?: string;
  };
  estimatedDelivery?: string;
  createdAt?: string;
}

/**
 * A shipment went on: created → picked → shipped → delivered, or was cancelled. Inventory releases what was cancelled and takes what was shipped out of its stock.
 */
export interface ShipmentStatusChanged {
  /**
   * Identity of the shipment, and the key of the record.
   */
  shipmentId: string;
  orderId: string;
  /**
   * Absent where the shipment was created without one.
   */
  customerId?: string;
  from: "created" | "picked" | "shipped" | "delivered" | "cancelled";
  to: "created" | "picked" | "shipped" | "delivered" | "cancelled";
  changedAt: string;
}

/**
 * A product's stock in one warehouse changed. Catalog keeps what is available.
 */
export interface StockChanged {
  /**
   * Identity of the product, and the key of the record.
   */
  productId: string;
  warehouseId: string;
  /**
   * Units in the warehouse.
   */
  onHand: number;
  /**
   * Units promised to shipments.
   */
  reserved: number;
  /**
   * `onHand` less `reserved`; below 0 where a count found less than was promised.
   */
  available: number;
  changedAt: string;
}

/** Event type → its `data`, in the newest major. */
export interface EventDataByType {
  CustomerCreated: CustomerCreated;
  CustomerUpdated: CustomerUpdated;
  PriceChanged: PriceChanged;
  ProductCreated: ProductCreated;
  ProductUpdated: ProductUpdated;
  PromotionApplied: PromotionApplied;
  PromotionCreated: PromotionCreated;
  PromotionStatusChanged: PromotionStatusChanged;
  ReviewModerated: ReviewModerated;
  ReviewSubmitted: ReviewSubmitted;
  ShipmentCreated: ShipmentCreated;
  ShipmentStatusChanged: ShipmentStatusChanged;
  StockChanged: StockChanged;
}
