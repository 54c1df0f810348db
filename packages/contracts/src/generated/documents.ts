// Generated from schemas/ by `pnpm weft schemas generate`. Change the documents there, not this file.

import type { ContractDocument, TopicDeclaration } from "../contract.ts";

/** Every event type in every major, by name and major. */
export const documents = [
 {
  "eventType": "CustomerCreated",
  "version": "1.0",
  "major": 1,
  "topic": "customer.events",
  "key": "customerId",
  "publishers": [
   "customer-service"
  ],
  "description": "A customer was created. Promotion keeps the tier, review the author's name.",
  "schema": {
   "type": "object",
   "properties": {
    "customerId": {
     "type": "string",
     "description": "Identity of the customer, and the key of the record.",
     "minLength": 1
    },
    "email": {
     "type": "string",
     "minLength": 1
    },
    "profile": {
     "type": "object",
     "description": "The name, and whatever else the customer told.",
     "properties": {
      "firstName": {
       "type": "string"
      },
      "lastName": {
       "type": "string"
      }
     },
     "additionalProperties": true
    },
    "tier": {
     "type": "string",
     "enum": [
      "bronze",
      "silver",
      "gold",
      "platinum"
     ]
    },
    "preferences": {
     "type": "object",
     "description": "As the customer set them."
    },
    "addresses": {
     "type": "array",
     "items": {
      "type": "object",
      "description": "As the customer wrote it."
     }
    },
    "createdAt": {
     "type": "string",
     "format": "date-time"
    }
   },
   "required": [
    "customerId",
    "profile",
    "tier",
    "createdAt"
   ]
  },
  "examples": [
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000030",
    "eventType": "CustomerCreated",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "customer-service",
    "data": {
     "customerId": "cust_demo",
     "email": "demo@example.com",
     "profile": {
      "firstName": "Ada",
      "lastName": "Byron",
      "phone": "+49 40 1234"
     },
     "tier": "bronze",
     "preferences": {
      "newsletter": true
     },
     "addresses": [
      {
       "city": "Hamburg",
       "country": "DE"
      }
     ],
     "createdAt": "2026-02-01T08:00:00Z"
    }
   },
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000031",
    "eventType": "CustomerCreated",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "customer-service",
    "data": {
     "customerId": "cust_2",
     "profile": {
      "firstName": "Grace",
      "lastName": "Hopper"
     },
     "tier": "gold",
     "createdAt": "2026-02-01T08:00:00Z"
    }
   }
  ],
  "counterExamples": [
   {
    "reason": "the tier is missing, which promotion needs",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000032",
     "eventType": "CustomerCreated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "customer-service",
     "data": {
      "customerId": "cust_demo",
      "email": "demo@example.com",
      "profile": {
       "firstName": "Ada",
       "lastName": "Byron",
       "phone": "+49 40 1234"
      },
      "preferences": {
       "newsletter": true
      },
      "addresses": [
       {
        "city": "Hamburg",
        "country": "DE"
       }
      ],
      "createdAt": "2026-02-01T08:00:00Z"
     }
    }
   },
   {
    "reason": "the tier is not one of the four",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000033",
     "eventType": "CustomerCreated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "customer-service",
     "data": {
      "customerId": "cust_demo",
      "email": "demo@example.com",
      "profile": {
       "firstName": "Ada",
       "lastName": "Byron",
       "phone": "+49 40 1234"
      },
      "tier": "diamond",
      "preferences": {
       "newsletter": true
      },
      "addresses": [
       {
        "city": "Hamburg",
        "country": "DE"
       }
      ],
      "createdAt": "2026-02-01T08:00:00Z"
     }
    }
   },
   {
    "reason": "the name is not a text",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000034",
     "eventType": "CustomerCreated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "customer-service",
     "data": {
      "customerId": "cust_demo",
      "email": "demo@example.com",
      "profile": {
       "firstName": 7,
       "lastName": "Byron",
       "phone": "+49 40 1234"
      },
      "tier": "bronze",
      "preferences": {
       "newsletter": true
      },
      "addresses": [
       {
        "city": "Hamburg",
        "country": "DE"
       }
      ],
      "createdAt": "2026-02-01T08:00:00Z"
     }
    }
   },
   {
    "reason": "a field that nobody declared",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000035",
     "eventType": "CustomerCreated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "customer-service",
     "data": {
      "customerId": "cust_demo",
      "email": "demo@example.com",
      "profile": {
       "firstName": "Ada",
       "lastName": "Byron",
       "phone": "+49 40 1234"
      },
      "tier": "bronze",
      "preferences": {
       "newsletter": true
      },
      "addresses": [
       {
        "city": "Hamburg",
        "country": "DE"
       }
      ],
      "createdAt": "2026-02-01T08:00:00Z",
      "passwordHash": "x"
     }
    }
   },
   {
    "reason": "an optional field is null instead of absent",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000036",
     "eventType": "CustomerCreated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "customer-service",
     "data": {
      "customerId": "cust_demo",
      "email": null,
      "profile": {
       "firstName": "Ada",
       "lastName": "Byron",
       "phone": "+49 40 1234"
      },
      "tier": "bronze",
      "preferences": {
       "newsletter": true
      },
      "addresses": [
       {
        "city": "Hamburg",
        "country": "DE"
       }
      ],
      "createdAt": "2026-02-01T08:00:00Z"
     }
    }
   }
  ]
 },
 {
  "eventType": "CustomerUpdated",
  "version": "1.0",
  "major": 1,
  "topic": "customer.events",
  "key": "customerId",
  "publishers": [
   "customer-service"
  ],
  "description": "Something of a customer changed. Only what changed is in `changes`; each value is the whole new one.",
  "schema": {
   "type": "object",
   "properties": {
    "customerId": {
     "type": "string",
     "description": "Identity of the customer, and the key of the record."
    },
    "changes": {
     "type": "object",
     "properties": {
      "profile": {
       "type": "object",
       "description": "The whole profile as it is now."
      },
      "tier": {
       "type": "string",
       "description": "bronze, silver, gold or platinum."
      },
      "preferences": {
       "type": "object",
       "description": "All preferences as they are now."
      },
      "addresses": {
       "type": "array",
       "description": "All addresses as they are now.",
       "items": {
        "type": "object",
        "description": "As the customer wrote it."
       }
      }
     }
    },
    "updatedBy": {
     "type": "string",
     "description": "Subject or service that changed it."
    },
    "updatedAt": {
     "type": "string",
     "format": "date-time"
    }
   },
   "required": [
    "customerId",
    "changes"
   ]
  },
  "examples": [
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000037",
    "eventType": "CustomerUpdated",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "customer-service",
    "data": {
     "customerId": "cust_demo",
     "changes": {
      "tier": "silver"
     },
     "updatedBy": "customer-service",
     "updatedAt": "2026-03-02T09:30:00.500Z"
    }
   },
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000038",
    "eventType": "CustomerUpdated",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "customer-service",
    "data": {
     "customerId": "cust_demo",
     "changes": {
      "profile": {
       "firstName": "Ada",
       "lastName": "Lovelace"
      },
      "preferences": {
       "newsletter": false
      },
      "addresses": [
       {
        "city": "London",
        "country": "GB"
       }
      ]
     }
    }
   }
  ],
  "counterExamples": [
   {
    "reason": "what changed is missing",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000039",
     "eventType": "CustomerUpdated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "customer-service",
     "data": {
      "customerId": "cust_demo",
      "updatedBy": "customer-service",
      "updatedAt": "2026-03-02T09:30:00.500Z"
     }
    }
   },
   {
    "reason": "a change that nobody declared",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000003a",
     "eventType": "CustomerUpdated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "customer-service",
     "data": {
      "customerId": "cust_demo",
      "changes": {
       "tier": "silver",
       "email": "new@example.com"
      },
      "updatedBy": "customer-service",
      "updatedAt": "2026-03-02T09:30:00.500Z"
     }
    }
   },
   {
    "reason": "the tier is not a text",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000003b",
     "eventType": "CustomerUpdated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "customer-service",
     "data": {
      "customerId": "cust_demo",
      "changes": {
       "tier": 2
      },
      "updatedBy": "customer-service",
      "updatedAt": "2026-03-02T09:30:00.500Z"
     }
    }
   },
   {
    "reason": "the addresses are one, not a list",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000003c",
     "eventType": "CustomerUpdated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "customer-service",
     "data": {
      "customerId": "cust_demo",
      "changes": {
       "tier": "silver",
       "addresses": {
        "city": "London"
       }
      },
      "updatedBy": "customer-service",
      "updatedAt": "2026-03-02T09:30:00.500Z"
     }
    }
   },
   {
    "reason": "the customer is a number",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000003d",
     "eventType": "CustomerUpdated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "customer-service",
     "data": {
      "customerId": 17,
      "changes": {
       "tier": "silver"
      },
      "updatedBy": "customer-service",
      "updatedAt": "2026-03-02T09:30:00.500Z"
     }
    }
   }
  ]
 },
 {
  "eventType": "PriceChanged",
  "version": "1.0",
  "major": 1,
  "topic": "pricing.events",
  "key": "productId",
  "publishers": [
   "pricing-service"
  ],
  "description": "A product's price was set or changed. Catalog forgets the one it had.",
  "schema": {
   "type": "object",
   "properties": {
    "productId": {
     "type": "string",
     "description": "Identity of the product, and the key of the record.",
     "minLength": 1
    },
    "warehouseId": {
     "type": "string",
     "description": "Absent: the general price.",
     "minLength": 1
    },
    "basePrice": {
     "type": "number",
     "description": "Before discounts.",
     "minimum": 0
    },
    "finalPrice": {
     "type": "number",
     "description": "What is asked.",
     "minimum": 0
    },
    "currency": {
     "type": "string",
     "description": "ISO 4217, such as EUR.",
     "minLength": 1
    },
    "changedAt": {
     "type": "string",
     "format": "date-time"
    }
   },
   "required": [
    "productId",
    "basePrice",
    "finalPrice",
    "currency",
    "changedAt"
   ]
  },
  "examples": [
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000057",
    "eventType": "PriceChanged",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "pricing-service",
    "data": {
     "productId": "prod_runner",
     "basePrice": 129.9,
     "finalPrice": 99.9,
     "currency": "EUR",
     "changedAt": "2026-02-11T06:00:00Z"
    }
   },
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000058",
    "eventType": "PriceChanged",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "pricing-service",
    "data": {
     "productId": "prod_runner",
     "warehouseId": "wh_hamburg",
     "basePrice": 119,
     "finalPrice": 119,
     "currency": "EUR",
     "changedAt": "2026-02-11T06:00:01Z"
    }
   }
  ],
  "counterExamples": [
   {
    "reason": "a price below nothing",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000059",
     "eventType": "PriceChanged",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "pricing-service",
     "data": {
      "productId": "prod_runner",
      "basePrice": 129.9,
      "finalPrice": -1,
      "currency": "EUR",
      "changedAt": "2026-02-11T06:00:00Z"
     }
    }
   },
   {
    "reason": "the currency is missing",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000005a",
     "eventType": "PriceChanged",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "pricing-service",
     "data": {
      "productId": "prod_runner",
      "basePrice": 129.9,
      "finalPrice": 99.9,
      "changedAt": "2026-02-11T06:00:00Z"
     }
    }
   },
   {
    "reason": "a price is a text",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000005b",
     "eventType": "PriceChanged",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "pricing-service",
     "data": {
      "productId": "prod_runner",
      "basePrice": "129.90",
      "finalPrice": 99.9,
      "currency": "EUR",
      "changedAt": "2026-02-11T06:00:00Z"
     }
    }
   },
   {
    "reason": "no warehouse is said by null instead of nothing",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000005c",
     "eventType": "PriceChanged",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "pricing-service",
     "data": {
      "productId": "prod_runner",
      "basePrice": 129.9,
      "finalPrice": 99.9,
      "currency": "EUR",
      "changedAt": "2026-02-11T06:00:00Z",
      "warehouseId": null
     }
    }
   }
  ]
 },
 {
  "eventType": "ProductCreated",
  "version": "1.0",
  "major": 1,
  "topic": "catalog.events",
  "key": "productId",
  "publishers": [
   "catalog-service"
  ],
  "description": "A product was created. Pricing, review and promotion know from then on that it exists.",
  "schema": {
   "type": "object",
   "properties": {
    "productId": {
     "type": "string",
     "description": "Identity of the product, and the key of the record.",
     "minLength": 1
    },
    "sku": {
     "type": "string",
     "description": "Stock keeping unit, unique.",
     "minLength": 1
    },
    "name": {
     "type": "string",
     "minLength": 1
    },
    "categoryId": {
     "type": "string",
     "minLength": 1
    },
    "description": {
     "type": "string"
    },
    "attributes": {
     "type": "object",
     "description": "Whatever the shop tells about it: size, colour, material."
    },
    "createdAt": {
     "type": "string",
     "format": "date-time"
    }
   },
   "required": [
    "productId",
    "sku",
    "name",
    "categoryId",
    "createdAt"
   ]
  },
  "examples": [
   {
    "eventId": "0198f1c2-7a00-4000-8000-00000000004b",
    "eventType": "ProductCreated",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "catalog-service",
    "data": {
     "productId": "prod_runner",
     "sku": "RUN-42",
     "name": "Runner",
     "categoryId": "cat_shoes",
     "description": "A light shoe.",
     "attributes": {
      "size": 42,
      "colours": [
       "red",
       "blue"
      ]
     },
     "createdAt": "2026-01-10T12:00:00Z"
    }
   },
   {
    "eventId": "0198f1c2-7a00-4000-8000-00000000004c",
    "eventType": "ProductCreated",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "catalog-service",
    "data": {
     "productId": "prod_socks",
     "sku": "SOCK-M",
     "name": "Socks",
     "categoryId": "cat_clothes",
     "createdAt": "2026-01-10T12:00:01Z"
    }
   }
  ],
  "counterExamples": [
   {
    "reason": "the SKU is missing",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000004d",
     "eventType": "ProductCreated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "catalog-service",
     "data": {
      "productId": "prod_runner",
      "name": "Runner",
      "categoryId": "cat_shoes",
      "description": "A light shoe.",
      "attributes": {
       "size": 42,
       "colours": [
        "red",
        "blue"
       ]
      },
      "createdAt": "2026-01-10T12:00:00Z"
     }
    }
   },
   {
    "reason": "the name is empty",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000004e",
     "eventType": "ProductCreated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "catalog-service",
     "data": {
      "productId": "prod_runner",
      "sku": "RUN-42",
      "name": "",
      "categoryId": "cat_shoes",
      "description": "A light shoe.",
      "attributes": {
       "size": 42,
       "colours": [
        "red",
        "blue"
       ]
      },
      "createdAt": "2026-01-10T12:00:00Z"
     }
    }
   },
   {
    "reason": "the attributes are a text",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000004f",
     "eventType": "ProductCreated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "catalog-service",
     "data": {
      "productId": "prod_runner",
      "sku": "RUN-42",
      "name": "Runner",
      "categoryId": "cat_shoes",
      "description": "A light shoe.",
      "attributes": "size 42",
      "createdAt": "2026-01-10T12:00:00Z"
     }
    }
   },
   {
    "reason": "a field that nobody declared",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000050",
     "eventType": "ProductCreated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "catalog-service",
     "data": {
      "productId": "prod_runner",
      "sku": "RUN-42",
      "name": "Runner",
      "categoryId": "cat_shoes",
      "description": "A light shoe.",
      "attributes": {
       "size": 42,
       "colours": [
        "red",
        "blue"
       ]
      },
      "createdAt": "2026-01-10T12:00:00Z",
      "price": 99
     }
    }
   }
  ]
 },
 {
  "eventType": "ProductUpdated",
  "version": "1.0",
  "major": 1,
  "topic": "catalog.events",
  "key": "productId",
  "publishers": [
   "catalog-service"
  ],
  "description": "Something of a product changed. Only what changed is in `changes`; each value is the whole new one.",
  "schema": {
   "type": "object",
   "properties": {
    "productId": {
     "type": "string",
     "description": "Identity of the product, and the key of the record.",
     "minLength": 1
    },
    "changes": {
     "type": "object",
     "properties": {
      "sku": {
       "type": "string",
       "minLength": 1
      },
      "name": {
       "type": "string",
       "minLength": 1
      },
      "categoryId": {
       "type": "string",
       "minLength": 1
      },
      "description": {
       "type": "string"
      },
      "attributes": {
       "type": "object",
       "description": "All attributes as they are now."
      }
     },
     "minProperties": 1
    },
    "updatedAt": {
     "type": "string",
     "format": "date-time"
    }
   },
   "required": [
    "productId",
    "changes",
    "updatedAt"
   ]
  },
  "examples": [
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000051",
    "eventType": "ProductUpdated",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "catalog-service",
    "data": {
     "productId": "prod_runner",
     "changes": {
      "name": "Runner 2",
      "attributes": {
       "size": 42
      }
     },
     "updatedAt": "2026-02-10T12:00:00Z"
    }
   },
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000052",
    "eventType": "ProductUpdated",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "catalog-service",
    "data": {
     "productId": "prod_socks",
     "changes": {
      "categoryId": "cat_sports"
     },
     "updatedAt": "2026-02-10T12:00:01Z"
    }
   }
  ],
  "counterExamples": [
   {
    "reason": "nothing changed",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000053",
     "eventType": "ProductUpdated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "catalog-service",
     "data": {
      "productId": "prod_runner",
      "changes": {},
      "updatedAt": "2026-02-10T12:00:00Z"
     }
    }
   },
   {
    "reason": "a change that nobody declared",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000054",
     "eventType": "ProductUpdated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "catalog-service",
     "data": {
      "productId": "prod_runner",
      "changes": {
       "name": "Runner 2",
       "attributes": {
        "size": 42
       },
       "price": 99
      },
      "updatedAt": "2026-02-10T12:00:00Z"
     }
    }
   },
   {
    "reason": "the name is not a text",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000055",
     "eventType": "ProductUpdated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "catalog-service",
     "data": {
      "productId": "prod_runner",
      "changes": {
       "name": null,
       "attributes": {
        "size": 42
       }
      },
      "updatedAt": "2026-02-10T12:00:00Z"
     }
    }
   },
   {
    "reason": "the time is missing",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000056",
     "eventType": "ProductUpdated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "catalog-service",
     "data": {
      "productId": "prod_runner",
      "changes": {
       "name": "Runner 2",
       "attributes": {
        "size": 42
       }
      }
     }
    }
   }
  ]
 },
 {
  "eventType": "PromotionApplied",
  "version": "1.0",
  "major": 1,
  "topic": "promotion.events",
  "key": "orderId",
  "publishers": [
   "promotion-service"
  ],
  "description": "A promotion was applied to an order. Customer adds the amount to the lifetime spend, which may raise the tier.",
  "schema": {
   "type": "object",
   "properties": {
    "promotionId": {
     "type": "string"
    },
    "orderId": {
     "type": "string",
     "description": "Identity of the order, and the key of the record."
    },
    "customerId": {
     "type": "string"
    },
    "discountAmount": {
     "type": "number",
     "description": "What the customer saved."
    },
    "originalAmount": {
     "type": "number",
     "description": "What the order was worth before."
    },
    "finalAmount": {
     "type": "number",
     "description": "What the customer pays. Absent: `originalAmount` less `discountAmount`."
    },
    "appliedAt": {
     "type": "string",
     "format": "date-time"
    }
   },
   "required": [
    "promotionId",
    "orderId",
    "customerId",
    "discountAmount"
   ]
  },
  "examples": [
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000010",
    "eventType": "PromotionApplied",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "promotion-service",
    "data": {
     "promotionId": "promo_spring",
     "orderId": "order_1001",
     "customerId": "cust_demo",
     "discountAmount": 40,
     "originalAmount": 200,
     "finalAmount": 160,
     "appliedAt": "2026-03-02T09:29:59.120Z"
    }
   },
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000011",
    "eventType": "PromotionApplied",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "promotion-service",
    "data": {
     "promotionId": "promo_free_shipping",
     "orderId": "order_1002",
     "customerId": "cust_demo",
     "discountAmount": 0
    }
   }
  ],
  "counterExamples": [
   {
    "reason": "the discount is missing",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000012",
     "eventType": "PromotionApplied",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "promotion-service",
     "data": {
      "promotionId": "promo_spring",
      "orderId": "order_1001",
      "customerId": "cust_demo",
      "originalAmount": 200,
      "finalAmount": 160,
      "appliedAt": "2026-03-02T09:29:59.120Z"
     }
    }
   },
   {
    "reason": "an amount is a text",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000013",
     "eventType": "PromotionApplied",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "promotion-service",
     "data": {
      "promotionId": "promo_spring",
      "orderId": "order_1001",
      "customerId": "cust_demo",
      "discountAmount": 40,
      "originalAmount": 200,
      "finalAmount": "160.00",
      "appliedAt": "2026-03-02T09:29:59.120Z"
     }
    }
   },
   {
    "reason": "an optional field is null instead of absent",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000014",
     "eventType": "PromotionApplied",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "promotion-service",
     "data": {
      "promotionId": "promo_spring",
      "orderId": "order_1001",
      "customerId": "cust_demo",
      "discountAmount": 40,
      "originalAmount": null,
      "finalAmount": 160,
      "appliedAt": "2026-03-02T09:29:59.120Z"
     }
    }
   },
   {
    "reason": "a field that nobody declared",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000015",
     "eventType": "PromotionApplied",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "promotion-service",
     "data": {
      "promotionId": "promo_spring",
      "orderId": "order_1001",
      "customerId": "cust_demo",
      "discountAmount": 40,
      "originalAmount": 200,
      "finalAmount": 160,
      "appliedAt": "2026-03-02T09:29:59.120Z",
      "currency": "EUR"
     }
    }
   },
   {
    "reason": "appliedAt has no time zone",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000016",
     "eventType": "PromotionApplied",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "promotion-service",
     "data": {
      "promotionId": "promo_spring",
      "orderId": "order_1001",
      "customerId": "cust_demo",
      "discountAmount": 40,
      "originalAmount": 200,
      "finalAmount": 160,
      "appliedAt": "2026-03-02T09:29:59"
     }
    }
   }
  ]
 },
 {
  "eventType": "PromotionCreated",
  "version": "1.1",
  "major": 1,
  "topic": "promotion.events",
  "key": "promotionId",
  "publishers": [
   "promotion-service"
  ],
  "description": "A promotion was created. Catalog shows it on the products that it names.",
  "schema": {
   "type": "object",
   "properties": {
    "promotionId": {
     "type": "string",
     "description": "Identity of the promotion, and the key of the record."
    },
    "name": {
     "type": "string",
     "description": "What customers see."
    },
    "type": {
     "type": "string",
     "enum": [
      "percentage",
      "fixed_amount",
      "buy_x_get_y",
      "free_shipping"
     ],
     "description": "How the discount is computed."
    },
    "rules": {
     "type": "object",
     "properties": {
      "conditions": {
       "type": "object",
       "description": "Every condition that is present must hold.",
       "properties": {
        "minOrderAmount": {
         "type": "number",
         "description": "The whole order must be worth at least this."
        },
        "productIds": {
         "type": "array",
         "description": "Products that qualify.",
         "items": {
          "type": "string"
         }
        },
        "categoryIds": {
         "type": "array",
         "description": "Categories whose products qualify.",
         "items": {
          "type": "string"
         }
        },
        "warehouseIds": {
         "type": "array",
         "description": "Warehouses that the order may come from.",
         "items": {
          "type": "string"
         }
        },
        "customerTiers": {
         "type": "array",
         "description": "Tiers that the customer may have.",
         "items": {
          "type": "string"
         }
        }
       }
      },
      "actions": {
       "type": "object",
       "description": "What the customer gets.",
       "properties": {
        "discountValue": {
         "type": "number",
         "description": "Percent for `percentage`, an amount for `fixed_amount`."
        },
        "maxDiscountAmount": {
         "type": "number",
         "description": "The discount is never more than this."
        },
        "freeShipping": {
         "type": "boolean",
         "description": "The order is shipped free."
        },
        "buyQuantity": {
         "type": "integer",
         "description": "`buy_x_get_y`: units to buy for each gift. Absent means 1."
        },
        "getQuantity": {
         "type": "integer",
         "description": "`buy_x_get_y`: units given free. Absent means 1."
        }
       }
      }
     }
    },
    "effectiveFrom": {
     "type": "string",
     "description": "The first moment at which it applies.",
     "format": "date-time"
    },
    "effectiveTo": {
     "type": "string",
     "description": "The moment at which it ends.",
     "format": "date-time"
    },
    "status": {
     "type": "string",
     "enum": [
      "active",
      "inactive",
      "expired"
     ]
    },
    "createdBy": {
     "type": "string",
     "description": "Subject of whoever created it."
    },
    "createdAt": {
     "type": "string",
     "format": "date-time"
    }
   },
   "required": [
    "promotionId",
    "name",
    "type",
    "rules",
    "effectiveFrom",
    "effectiveTo"
   ]
  },
  "examples": [
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000001",
    "eventType": "PromotionCreated",
    "version": "1.1",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "promotion-service",
    "data": {
     "promotionId": "promo_spring",
     "name": "Spring: 20 % off shoes",
     "type": "percentage",
     "rules": {
      "conditions": {
       "minOrderAmount": 50,
       "categoryIds": [
        "cat_shoes"
       ],
       "customerTiers": [
        "gold",
        "platinum"
       ]
      },
      "actions": {
       "discountValue": 20,
       "maxDiscountAmount": 100
      }
     },
     "effectiveFrom": "2026-03-01T00:00:00Z",
     "effectiveTo": "2026-04-01T00:00:00Z",
     "status": "active",
     "createdBy": "admin",
     "createdAt": "2026-02-20T10:00:00Z"
    }
   },
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000002",
    "eventType": "PromotionCreated",
    "version": "1.1",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "promotion-service",
    "data": {
     "promotionId": "promo_free_shipping",
     "name": "Free shipping",
     "type": "free_shipping",
     "rules": {
      "actions": {
       "freeShipping": true
      }
     },
     "effectiveFrom": "2026-03-01T00:00:00Z",
     "effectiveTo": "2026-12-31T23:59:59Z"
    }
   },
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000003",
    "eventType": "PromotionCreated",
    "version": "1.1",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "promotion-service",
    "data": {
     "promotionId": "promo_3_for_2",
     "name": "Three for two",
     "type": "buy_x_get_y",
     "rules": {
      "conditions": {
       "productIds": [
        "prod_socks"
       ]
      },
      "actions": {
       "buyQuantity": 2,
       "getQuantity": 1
      }
     },
     "effectiveFrom": "2026-03-01T00:00:00Z",
     "effectiveTo": "2026-06-01T00:00:00Z",
     "status": "inactive"
    }
   }
  ],
  "counterExamples": [
   {
    "reason": "the discount is a text, not a number",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000004",
     "eventType": "PromotionCreated",
     "version": "1.1",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "promotion-service",
     "data": {
      "promotionId": "promo_spring",
      "name": "Spring: 20 % off shoes",
      "type": "percentage",
      "rules": {
       "conditions": {
        "minOrderAmount": 50,
        "categoryIds": [
         "cat_shoes"
        ],
        "customerTiers": [
         "gold",
         "platinum"
        ]
       },
       "actions": {
        "discountValue": "20",
        "maxDiscountAmount": 100
       }
      },
      "effectiveFrom": "2026-03-01T00:00:00Z",
      "effectiveTo": "2026-04-01T00:00:00Z",
      "status": "active",
      "createdBy": "admin",
      "createdAt": "2026-02-20T10:00:00Z"
     }
    }
   },
   {
    "reason": "a required field is missing",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000005",
     "eventType": "PromotionCreated",
     "version": "1.1",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "promotion-service",
     "data": {
      "promotionId": "promo_spring",
      "type": "percentage",
      "rules": {
       "conditions": {
        "minOrderAmount": 50,
        "categoryIds": [
         "cat_shoes"
        ],
        "customerTiers": [
         "gold",
         "platinum"
        ]
       },
       "actions": {
        "discountValue": 20,
        "maxDiscountAmount": 100
       }
      },
      "effectiveFrom": "2026-03-01T00:00:00Z",
      "effectiveTo": "2026-04-01T00:00:00Z",
      "status": "active",
      "createdBy": "admin",
      "createdAt": "2026-02-20T10:00:00Z"
     }
    }
   },
   {
    "reason": "the type is not one of the four",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000006",
     "eventType": "PromotionCreated",
     "version": "1.1",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "promotion-service",
     "data": {
      "promotionId": "promo_spring",
      "name": "Spring: 20 % off shoes",
      "type": "bogof",
      "rules": {
       "conditions": {
        "minOrderAmount": 50,
        "categoryIds": [
         "cat_shoes"
        ],
        "customerTiers": [
         "gold",
         "platinum"
        ]
       },
       "actions": {
        "discountValue": 20,
        "maxDiscountAmount": 100
       }
      },
      "effectiveFrom": "2026-03-01T00:00:00Z",
      "effectiveTo": "2026-04-01T00:00:00Z",
      "status": "active",
      "createdBy": "admin",
      "createdAt": "2026-02-20T10:00:00Z"
     }
    }
   },
   {
    "reason": "the end is a date without a time",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000007",
     "eventType": "PromotionCreated",
     "version": "1.1",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "promotion-service",
     "data": {
      "promotionId": "promo_spring",
      "name": "Spring: 20 % off shoes",
      "type": "percentage",
      "rules": {
       "conditions": {
        "minOrderAmount": 50,
        "categoryIds": [
         "cat_shoes"
        ],
        "customerTiers": [
         "gold",
         "platinum"
        ]
       },
       "actions": {
        "discountValue": 20,
        "maxDiscountAmount": 100
       }
      },
      "effectiveFrom": "2026-03-01T00:00:00Z",
      "effectiveTo": "2026-04-01",
      "status": "active",
      "createdBy": "admin",
      "createdAt": "2026-02-20T10:00:00Z"
     }
    }
   },
   {
    "reason": "a condition that nobody declared",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000008",
     "eventType": "PromotionCreated",
     "version": "1.1",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "promotion-service",
     "data": {
      "promotionId": "promo_spring",
      "name": "Spring: 20 % off shoes",
      "type": "percentage",
      "rules": {
       "conditions": {
        "minOrderAmount": 50,
        "categoryIds": [
         "cat_shoes"
        ],
        "customerTiers": [
         "gold",
         "platinum"
        ],
        "minOrder": 50
       },
       "actions": {
        "discountValue": 20,
        "maxDiscountAmount": 100
       }
      },
      "effectiveFrom": "2026-03-01T00:00:00Z",
      "effectiveTo": "2026-04-01T00:00:00Z",
      "status": "active",
      "createdBy": "admin",
      "createdAt": "2026-02-20T10:00:00Z"
     }
    }
   },
   {
    "reason": "a quantity is not a whole number",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000009",
     "eventType": "PromotionCreated",
     "version": "1.1",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "promotion-service",
     "data": {
      "promotionId": "promo_spring",
      "name": "Spring: 20 % off shoes",
      "type": "percentage",
      "rules": {
       "conditions": {
        "minOrderAmount": 50,
        "categoryIds": [
         "cat_shoes"
        ],
        "customerTiers": [
         "gold",
         "platinum"
        ]
       },
       "actions": {
        "discountValue": 20,
        "maxDiscountAmount": 100,
        "buyQuantity": 1.5
       }
      },
      "effectiveFrom": "2026-03-01T00:00:00Z",
      "effectiveTo": "2026-04-01T00:00:00Z",
      "status": "active",
      "createdBy": "admin",
      "createdAt": "2026-02-20T10:00:00Z"
     }
    }
   }
  ]
 },
 {
  "eventType": "PromotionStatusChanged",
  "version": "1.0",
  "major": 1,
  "topic": "promotion.events",
  "key": "promotionId",
  "publishers": [
   "promotion-service"
  ],
  "description": "A promotion was switched on or off, or expired. Catalog shows active promotions only.",
  "schema": {
   "type": "object",
   "properties": {
    "promotionId": {
     "type": "string",
     "description": "Identity of the promotion, and the key of the record.",
     "minLength": 1
    },
    "from": {
     "type": "string",
     "enum": [
      "active",
      "inactive",
      "expired"
     ]
    },
    "to": {
     "type": "string",
     "enum": [
      "active",
      "inactive",
      "expired"
     ],
     "description": "`expired` is final."
    },
    "changedAt": {
     "type": "string",
     "format": "date-time"
    }
   },
   "required": [
    "promotionId",
    "from",
    "to",
    "changedAt"
   ]
  },
  "examples": [
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000017",
    "eventType": "PromotionStatusChanged",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "promotion-service",
    "data": {
     "promotionId": "promo_spring",
     "from": "active",
     "to": "inactive",
     "changedAt": "2026-03-02T09:29:59Z"
    }
   },
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000018",
    "eventType": "PromotionStatusChanged",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "promotion-service",
    "data": {
     "promotionId": "promo_spring",
     "from": "inactive",
     "to": "expired",
     "changedAt": "2026-04-01T00:00:12Z"
    }
   }
  ],
  "counterExamples": [
   {
    "reason": "the new status is missing",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000019",
     "eventType": "PromotionStatusChanged",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "promotion-service",
     "data": {
      "promotionId": "promo_spring",
      "from": "active",
      "changedAt": "2026-03-02T09:29:59Z"
     }
    }
   },
   {
    "reason": "the status is not one of the three",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000001a",
     "eventType": "PromotionStatusChanged",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "promotion-service",
     "data": {
      "promotionId": "promo_spring",
      "from": "active",
      "to": "paused",
      "changedAt": "2026-03-02T09:29:59Z"
     }
    }
   },
   {
    "reason": "an empty id would be an empty key",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000001b",
     "eventType": "PromotionStatusChanged",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "promotion-service",
     "data": {
      "promotionId": "",
      "from": "active",
      "to": "inactive",
      "changedAt": "2026-03-02T09:29:59Z"
     }
    }
   },
   {
    "reason": "a field that nobody declared",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000001c",
     "eventType": "PromotionStatusChanged",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "promotion-service",
     "data": {
      "promotionId": "promo_spring",
      "from": "active",
      "to": "inactive",
      "changedAt": "2026-03-02T09:29:59Z",
      "reason": "sold out"
     }
    }
   }
  ]
 },
 {
  "eventType": "ReviewModerated",
  "version": "1.0",
  "major": 1,
  "topic": "review.events",
  "key": "reviewId",
  "publishers": [
   "review-service"
  ],
  "description": "A review was approved or rejected. A rejected one leaves the product's rating, which is why the stars are here too.",
  "schema": {
   "type": "object",
   "properties": {
    "reviewId": {
     "type": "string",
     "description": "Identity of the review, and the key of the record.",
     "minLength": 1
    },
    "productId": {
     "type": "string",
     "minLength": 1
    },
    "customerId": {
     "type": "string",
     "minLength": 1
    },
    "rating": {
     "type": "integer",
     "description": "Stars.",
     "minimum": 1,
     "maximum": 5
    },
    "from": {
     "type": "string",
     "enum": [
      "pending",
      "approved",
      "rejected"
     ]
    },
    "to": {
     "type": "string",
     "enum": [
      "pending",
      "approved",
      "rejected"
     ]
    },
    "moderatedBy": {
     "type": "string",
     "description": "Subject of the moderator.",
     "minLength": 1
    },
    "moderatedAt": {
     "type": "string",
     "format": "date-time"
    }
   },
   "required": [
    "reviewId",
    "productId",
    "customerId",
    "rating",
    "from",
    "to",
    "moderatedAt"
   ]
  },
  "examples": [
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000045",
    "eventType": "ReviewModerated",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "review-service",
    "data": {
     "reviewId": "rev_9001",
     "productId": "prod_runner",
     "customerId": "cust_demo",
     "rating": 5,
     "from": "pending",
     "to": "approved",
     "moderatedBy": "admin",
     "moderatedAt": "2026-03-11T08:00:00Z"
    }
   },
   {
    "eventId": "0198f1c2-7a00-4000-8000-000000000046",
    "eventType": "ReviewModerated",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "review-service",
    "data": {
     "reviewId": "rev_9002",
     "productId": "prod_socks",
     "customerId": "cust_2",
     "rating": 1,
     "from": "approved",
     "to": "rejected",
     "moderatedAt": "2026-03-12T08:00:00Z"
    }
   }
  ],
  "counterExamples": [
   {
    "reason": "the stars are missing, which catalog needs",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000047",
     "eventType": "ReviewModerated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "review-service",
     "data": {
      "reviewId": "rev_9001",
      "productId": "prod_runner",
      "customerId": "cust_demo",
      "from": "pending",
      "to": "approved",
      "moderatedBy": "admin",
      "moderatedAt": "2026-03-11T08:00:00Z"
     }
    }
   },
   {
    "reason": "the status is not one of the three",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000048",
     "eventType": "ReviewModerated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "review-service",
     "data": {
      "reviewId": "rev_9001",
      "productId": "prod_runner",
      "customerId": "cust_demo",
      "rating": 5,
      "from": "pending",
      "to": "spam",
      "moderatedBy": "admin",
      "moderatedAt": "2026-03-11T08:00:00Z"
     }
    }
   },
   {
    "reason": "the time is missing",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000049",
     "eventType": "ReviewModerated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "review-service",
     "data": {
      "reviewId": "rev_9001",
      "productId": "prod_runner",
      "customerId": "cust_demo",
      "rating": 5,
      "from": "pending",
      "to": "approved",
      "moderatedBy": "admin"
     }
    }
   },
   {
    "reason": "a field that nobody declared",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000004a",
     "eventType": "ReviewModerated",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "review-service",
     "data": {
      "reviewId": "rev_9001",
      "productId": "prod_runner",
      "customerId": "cust_demo",
      "rating": 5,
      "from": "pending",
      "to": "approved",
      "moderatedBy": "admin",
      "moderatedAt": "2026-03-11T08:00:00Z",
      "reason": "spam"
     }
    }
   }
  ]
 },
 {
  "eventType": "ReviewSubmitted",
  "version": "1.0",
  "major": 1,
  "topic": "review.events",
  "key": "reviewId",
  "publishers": [
   "review-service"
  ],
  "description": "A customer wrote a review. Catalog adds it to the product's rating, customer to the activity.",
  "schema": {
   "type": "object",
   "properties": {
    "reviewId": {
     "type": "string",
     "description": "Identity of the review, and the key of the record."
    },
    "productId": {
     "type": "string"
    },
    "customerId": {
     "type": "string"
    },
    "rating": {
     "type": "integer",
     "description": "Stars.",
     "minimum": 1,
     "maximum": 5
    },
    "title": {
     "type": "string"
    },
    "content": {
     "type": "string"
    },
    "status": {
     "type": "string",
     "enum": [
      "pending",
      "approved",
      "rejected"
     ]
    },
    "submittedAt": {
     "type": "string",
     "format": "date-time"
    }
   },
   "required": [
    "reviewId",
    "productId",
    "customerId",
    "rating"
   ]
  },
  "examples": [
   {
    "eventId": "0198f1c2-7a00-4000-8000-00000000003e",
    "eventType": "ReviewSubmitted",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "review-service",
    "data": {
     "reviewId": "rev_9001",
     "productId": "prod_runner",
     "customerId": "cust_demo",
     "rating": 5,
     "title": "Light",
     "content": "Ran a marathon in them.",
     "status": "pending",
     "submittedAt": "2026-03-10T20:00:00Z"
    }
   },
   {
    "eventId": "0198f1c2-7a00-4000-8000-00000000003f",
    "eventType": "ReviewSubmitted",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "review-service",
    "data": {
     "reviewId": "rev_9002",
     "productId": "prod_socks",
     "customerId": "cust_2",
     "rating": 1
    }
   }
  ],
  "counterExamples": [
   {
    "reason": "six stars",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000040",
     "eventType": "ReviewSubmitted",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "review-service",
     "data": {
      "reviewId": "rev_9001",
      "productId": "prod_runner",
      "customerId": "cust_demo",
      "rating": 6,
      "title": "Light",
      "content": "Ran a marathon in them.",
      "status": "pending",
      "submittedAt": "2026-03-10T20:00:00Z"
     }
    }
   },
   {
    "reason": "no star",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000041",
     "eventType": "ReviewSubmitted",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "review-service",
     "data": {
      "reviewId": "rev_9001",
      "productId": "prod_runner",
      "customerId": "cust_demo",
      "rating": 0,
      "title": "Light",
      "content": "Ran a marathon in them.",
      "status": "pending",
      "submittedAt": "2026-03-10T20:00:00Z"
     }
    }
   },
   {
    "reason": "half a star",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000042",
     "eventType": "ReviewSubmitted",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "review-service",
     "data": {
      "reviewId": "rev_9001",
      "productId": "prod_runner",
      "customerId": "cust_demo",
      "rating": 4.5,
      "title": "Light",
      "content": "Ran a marathon in them.",
      "status": "pending",
      "submittedAt": "2026-03-10T20:00:00Z"
     }
    }
   },
   {
    "reason": "the product is missing",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000043",
     "eventType": "ReviewSubmitted",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "review-service",
     "data": {
      "reviewId": "rev_9001",
      "customerId": "cust_demo",
      "rating": 5,
      "title": "Light",
      "content": "Ran a marathon in them.",
      "status": "pending",
      "submittedAt": "2026-03-10T20:00:00Z"
     }
    }
   },
   {
    "reason": "the status is not one of the three",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000044",
     "eventType": "ReviewSubmitted",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "review-service",
     "data": {
      "reviewId": "rev_9001",
      "productId": "prod_runner",
      "customerId": "cust_demo",
      "rating": 5,
      "title": "Light",
      "content": "Ran a marathon in them.",
      "status": "hidden",
      "submittedAt": "2026-03-10T20:00:00Z"
     }
    }
   }
  ]
 },
 {
  "eventType": "ShipmentCreated",
  "version": "1.1",
  "major": 1,
  "topic": "shipping.events",
  "key": "shipmentId",
  "publishers": [
   "shipping-service"
  ],
  "description": "A shipment was created. Inventory confirms its reservation, review learns a verified purchase, customer adds it to the activity.",
  "schema": {
   "type": "object",
   "properties": {
    "shipmentId": {
     "type": "string",
     "description": "Identity of the shipment, and the key of the record. Stock is reserved under it."
    },
    "orderId": {
     "type": "string"
    },
    "customerId": {
     "type": "string",
     "description": "Who gets it. Since 1.1."
    },
    "fulfillmentEntity": {
     "type": "object",
     "description": "Who sends the goods.",
     "properties": {
      "type": {
       "type": "string",
       "enum": [
        "warehouse",
        "store",
        "dropship",
        "3pl"
       ]
      },
      "id": {
       "type": "string"
      },
      "name": {
       "type": "string"
      },
      "address": {
       "type": "object",
       "description": "As the sender has it; not read by anyone."
      }
     }
    },
    "items": {
     "type": "array",
     "items": {
      "type": "object",
      "properties": {
       "productId": {
        "type": "string"
       },
       "sku": {
        "type": "string"
       },
       "quantity": {
        "type": "integer"
       }
      }
     }
    },
    "carrier": {
     "type": "object",
     "properties": {
      "name": {
       "type": "string"
      },
      "service": {
       "type": "string"
      },
      "trackingNumber": {
       "type": "string"
      }
     }
    },
    "estimatedDelivery": {
     "type": "string",
     "format": "date-time"
    },
    "createdAt": {
     "type": "string",
     "format": "date-time"
    }
   },
   "required": [
    "shipmentId",
    "orderId",
    "fulfillmentEntity",
    "items"
   ]
  },
  "examples": [
   {
    "eventId": "0198f1c2-7a00-4000-8000-00000000001d",
    "eventType": "ShipmentCreated",
    "version": "1.1",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "shipping-service",
    "data": {
     "shipmentId": "shp_5001",
     "orderId": "order_1001",
     "fulfillmentEntity": {
      "type": "warehouse",
      "id": "wh_hamburg",
      "name": "Hamburg",
      "address": {
       "city": "Hamburg",
       "country": "DE"
      }
     },
     "items": [
      {
       "productId": "prod_runner",
       "sku": "RUN-42",
       "quantity": 1
      },
      {
       "productId": "prod_socks",
       "sku": "SOCK-M",
       "quantity": 3
      }
     ],
     "carrier": {
      "name": "DHL",
      "service": "express",
      "trackingNumber": "JD0001"
     },
     "estimatedDelivery": "2026-03-05T18:00:00Z",
     "createdAt": "2026-03-02T09:29:59Z",
     "customerId": "cust_demo"
    }
   },
   {
    "eventId": "0198f1c2-7a00-4000-8000-00000000001e",
    "eventType": "ShipmentCreated",
    "version": "1.1",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "shipping-service",
    "data": {
     "shipmentId": "shp_5002",
     "orderId": "order_1002",
     "fulfillmentEntity": {
      "type": "store",
      "id": "store_7"
     },
     "items": [
      {
       "productId": "prod_socks",
       "sku": "SOCK-M",
       "quantity": 1
      }
     ]
    }
   }
  ],
  "counterExamples": [
   {
    "reason": "the items are missing",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000001f",
     "eventType": "ShipmentCreated",
     "version": "1.1",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "shipping-service",
     "data": {
      "shipmentId": "shp_5001",
      "orderId": "order_1001",
      "fulfillmentEntity": {
       "type": "warehouse",
       "id": "wh_hamburg",
       "name": "Hamburg",
       "address": {
        "city": "Hamburg",
        "country": "DE"
       }
      },
      "carrier": {
       "name": "DHL",
       "service": "express",
       "trackingNumber": "JD0001"
      },
      "estimatedDelivery": "2026-03-05T18:00:00Z",
      "createdAt": "2026-03-02T09:29:59Z",
      "customerId": "cust_demo"
     }
    }
   },
   {
    "reason": "a quantity is not a whole number",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000020",
     "eventType": "ShipmentCreated",
     "version": "1.1",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "shipping-service",
     "data": {
      "shipmentId": "shp_5001",
      "orderId": "order_1001",
      "fulfillmentEntity": {
       "type": "warehouse",
       "id": "wh_hamburg",
       "name": "Hamburg",
       "address": {
        "city": "Hamburg",
        "country": "DE"
       }
      },
      "items": [
       {
        "productId": "prod_runner",
        "sku": "RUN-42",
        "quantity": 0.5
       },
       {
        "productId": "prod_socks",
        "sku": "SOCK-M",
        "quantity": 3
       }
      ],
      "carrier": {
       "name": "DHL",
       "service": "express",
       "trackingNumber": "JD0001"
      },
      "estimatedDelivery": "2026-03-05T18:00:00Z",
      "createdAt": "2026-03-02T09:29:59Z",
      "customerId": "cust_demo"
     }
    }
   },
   {
    "reason": "the sender's type is not one of the four",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000021",
     "eventType": "ShipmentCreated",
     "version": "1.1",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "shipping-service",
     "data": {
      "shipmentId": "shp_5001",
      "orderId": "order_1001",
      "fulfillmentEntity": {
       "type": "drone",
       "id": "wh_hamburg",
       "name": "Hamburg",
       "address": {
        "city": "Hamburg",
        "country": "DE"
       }
      },
      "items": [
       {
        "productId": "prod_runner",
        "sku": "RUN-42",
        "quantity": 1
       },
       {
        "productId": "prod_socks",
        "sku": "SOCK-M",
        "quantity": 3
       }
      ],
      "carrier": {
       "name": "DHL",
       "service": "express",
       "trackingNumber": "JD0001"
      },
      "estimatedDelivery": "2026-03-05T18:00:00Z",
      "createdAt": "2026-03-02T09:29:59Z",
      "customerId": "cust_demo"
     }
    }
   },
   {
    "reason": "an item has a field that nobody declared",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000022",
     "eventType": "ShipmentCreated",
     "version": "1.1",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "shipping-service",
     "data": {
      "shipmentId": "shp_5001",
      "orderId": "order_1001",
      "fulfillmentEntity": {
       "type": "warehouse",
       "id": "wh_hamburg",
       "name": "Hamburg",
       "address": {
        "city": "Hamburg",
        "country": "DE"
       }
      },
      "items": [
       {
        "productId": "prod_runner",
        "sku": "RUN-42",
        "quantity": 1
       },
       {
        "productId": "prod_socks",
        "sku": "SOCK-M",
        "quantity": 3,
        "price": 4.99
       }
      ],
      "carrier": {
       "name": "DHL",
       "service": "express",
       "trackingNumber": "JD0001"
      },
      "estimatedDelivery": "2026-03-05T18:00:00Z",
      "createdAt": "2026-03-02T09:29:59Z",
      "customerId": "cust_demo"
     }
    }
   },
   {
    "reason": "the delivery is not a date-time",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000023",
     "eventType": "ShipmentCreated",
     "version": "1.1",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "shipping-service",
     "data": {
      "shipmentId": "shp_5001",
      "orderId": "order_1001",
      "fulfillmentEntity": {
       "type": "warehouse",
       "id": "wh_hamburg",
       "name": "Hamburg",
       "address": {
        "city": "Hamburg",
        "country": "DE"
       }
      },
      "items": [
       {
        "productId": "prod_runner",
        "sku": "RUN-42",
        "quantity": 1
       },
       {
        "productId": "prod_socks",
        "sku": "SOCK-M",
        "quantity": 3
       }
      ],
      "carrier": {
       "name": "DHL",
       "service": "express",
       "trackingNumber": "JD0001"
      },
      "estimatedDelivery": "Thursday",
      "createdAt": "2026-03-02T09:29:59Z",
      "customerId": "cust_demo"
     }
    }
   }
  ]
 },
 {
  "eventType": "ShipmentStatusChanged",
  "version": "1.0",
  "major": 1,
  "topic": "shipping.events",
  "key": "shipmentId",
  "publishers": [
   "shipping-service"
  ],
  "description": "A shipment went on: created → picked → shipped → delivered, or was cancelled. Inventory releases what was cancelled and takes what was shipped out of its stock.",
  "schema": {
   "type": "object",
   "properties": {
    "shipmentId": {
     "type": "string",
     "description": "Identity of the shipment, and the key of the record.",
     "minLength": 1
    },
    "orderId": {
     "type": "string",
     "minLength": 1
    },
    "customerId": {
     "type": "string",
     "description": "Absent where the shipment was created without one.",
     "minLength": 1
    },
    "from": {
     "type": "string",
     "enum": [
      "created",
      "picked",
      "shipped",
      "delivered",
      "cancelled"
     ]
    },
    "to": {
     "type": "string",
     "enum": [
      "created",
      "picked",
      "shipped",
      "delivered",
      "cancelled"
     ]
    },
    "changedAt": {
     "type": "string",
     "format": "date-time"
    }
   },
   "required": [
    "shipmentId",
    "orderId",
    "from",
    "to",
    "changedAt"
   ]
  },
  "examples": [
   {
    "eventId": "0198f1c2-7a00-4000-8000-00000000002a",
    "eventType": "ShipmentStatusChanged",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "shipping-service",
    "data": {
     "shipmentId": "shp_5001",
     "orderId": "order_1001",
     "customerId": "cust_demo",
     "from": "picked",
     "to": "shipped",
     "changedAt": "2026-03-03T07:10:00Z"
    }
   },
   {
    "eventId": "0198f1c2-7a00-4000-8000-00000000002b",
    "eventType": "ShipmentStatusChanged",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "shipping-service",
    "data": {
     "shipmentId": "shp_5002",
     "orderId": "order_1002",
     "from": "created",
     "to": "cancelled",
     "changedAt": "2026-03-02T11:00:00Z"
    }
   }
  ],
  "counterExamples": [
   {
    "reason": "the order is missing",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000002c",
     "eventType": "ShipmentStatusChanged",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "shipping-service",
     "data": {
      "shipmentId": "shp_5001",
      "customerId": "cust_demo",
      "from": "picked",
      "to": "shipped",
      "changedAt": "2026-03-03T07:10:00Z"
     }
    }
   },
   {
    "reason": "the status is not one of the five",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000002d",
     "eventType": "ShipmentStatusChanged",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "shipping-service",
     "data": {
      "shipmentId": "shp_5001",
      "orderId": "order_1001",
      "customerId": "cust_demo",
      "from": "picked",
      "to": "lost",
      "changedAt": "2026-03-03T07:10:00Z"
     }
    }
   },
   {
    "reason": "a time in the local form",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000002e",
     "eventType": "ShipmentStatusChanged",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "shipping-service",
     "data": {
      "shipmentId": "shp_5001",
      "orderId": "order_1001",
      "customerId": "cust_demo",
      "from": "picked",
      "to": "shipped",
      "changedAt": "03.03.2026 07:10"
     }
    }
   },
   {
    "reason": "a field that nobody declared",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000002f",
     "eventType": "ShipmentStatusChanged",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "shipping-service",
     "data": {
      "shipmentId": "shp_5001",
      "orderId": "order_1001",
      "customerId": "cust_demo",
      "from": "picked",
      "to": "shipped",
      "changedAt": "2026-03-03T07:10:00Z",
      "trackingNumber": "JD0001"
     }
    }
   }
  ]
 },
 {
  "eventType": "StockChanged",
  "version": "1.0",
  "major": 1,
  "topic": "inventory.events",
  "key": "productId",
  "publishers": [
   "warehouse-inventory-service"
  ],
  "description": "A product's stock in one warehouse changed. Catalog keeps what is available.",
  "schema": {
   "type": "object",
   "properties": {
    "productId": {
     "type": "string",
     "description": "Identity of the product, and the key of the record.",
     "minLength": 1
    },
    "warehouseId": {
     "type": "string",
     "minLength": 1
    },
    "onHand": {
     "type": "integer",
     "description": "Units in the warehouse.",
     "minimum": 0
    },
    "reserved": {
     "type": "integer",
     "description": "Units promised to shipments.",
     "minimum": 0
    },
    "available": {
     "type": "integer",
     "description": "`onHand` less `reserved`; below 0 where a count found less than was promised."
    },
    "changedAt": {
     "type": "string",
     "format": "date-time"
    }
   },
   "required": [
    "productId",
    "warehouseId",
    "onHand",
    "reserved",
    "available",
    "changedAt"
   ]
  },
  "examples": [
   {
    "eventId": "0198f1c2-7a00-4000-8000-00000000005d",
    "eventType": "StockChanged",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "warehouse-inventory-service",
    "data": {
     "productId": "prod_runner",
     "warehouseId": "wh_hamburg",
     "onHand": 40,
     "reserved": 3,
     "available": 37,
     "changedAt": "2026-03-02T09:29:59Z"
    }
   },
   {
    "eventId": "0198f1c2-7a00-4000-8000-00000000005e",
    "eventType": "StockChanged",
    "version": "1.0",
    "timestamp": "2026-03-02T09:30:00.000Z",
    "source": "warehouse-inventory-service",
    "data": {
     "productId": "prod_socks",
     "warehouseId": "wh_berlin",
     "onHand": 0,
     "reserved": 0,
     "available": 0,
     "changedAt": "2026-03-02T09:29:59Z"
    }
   }
  ],
  "counterExamples": [
   {
    "reason": "half a unit",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-00000000005f",
     "eventType": "StockChanged",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "warehouse-inventory-service",
     "data": {
      "productId": "prod_runner",
      "warehouseId": "wh_hamburg",
      "onHand": 39.5,
      "reserved": 3,
      "available": 37,
      "changedAt": "2026-03-02T09:29:59Z"
     }
    }
   },
   {
    "reason": "less than nothing on hand",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000060",
     "eventType": "StockChanged",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "warehouse-inventory-service",
     "data": {
      "productId": "prod_runner",
      "warehouseId": "wh_hamburg",
      "onHand": -1,
      "reserved": 3,
      "available": 37,
      "changedAt": "2026-03-02T09:29:59Z"
     }
    }
   },
   {
    "reason": "the warehouse is missing",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000061",
     "eventType": "StockChanged",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "warehouse-inventory-service",
     "data": {
      "productId": "prod_runner",
      "onHand": 40,
      "reserved": 3,
      "available": 37,
      "changedAt": "2026-03-02T09:29:59Z"
     }
    }
   },
   {
    "reason": "a field that nobody declared",
    "envelope": {
     "eventId": "0198f1c2-7a00-4000-8000-000000000062",
     "eventType": "StockChanged",
     "version": "1.0",
     "timestamp": "2026-03-02T09:30:00.000Z",
     "source": "warehouse-inventory-service",
     "data": {
      "productId": "prod_runner",
      "warehouseId": "wh_hamburg",
      "onHand": 40,
      "reserved": 3,
      "available": 37,
      "changedAt": "2026-03-02T09:29:59Z",
      "inStock": true
     }
    }
   }
  ]
 }
] as unknown as readonly ContractDocument[];

export const topics: readonly TopicDeclaration[] = [
 {
  "kind": "events",
  "partitions": 6,
  "retentionMs": 604800000,
  "replication": {
   "embedded": 1,
   "otherwise": 3
  },
  "name": "promotion.events",
  "description": "Promotions by promotionId, their applications by orderId."
 },
 {
  "kind": "events",
  "partitions": 6,
  "retentionMs": 604800000,
  "replication": {
   "embedded": 1,
   "otherwise": 3
  },
  "name": "shipping.events",
  "description": "Shipments by shipmentId."
 },
 {
  "kind": "events",
  "partitions": 6,
  "retentionMs": 604800000,
  "replication": {
   "embedded": 1,
   "otherwise": 3
  },
  "name": "customer.events",
  "description": "Customers by customerId."
 },
 {
  "kind": "events",
  "partitions": 6,
  "retentionMs": 604800000,
  "replication": {
   "embedded": 1,
   "otherwise": 3
  },
  "name": "review.events",
  "description": "Reviews by reviewId."
 },
 {
  "kind": "events",
  "partitions": 6,
  "retentionMs": 604800000,
  "replication": {
   "embedded": 1,
   "otherwise": 3
  },
  "name": "catalog.events",
  "description": "Products by productId."
 },
 {
  "kind": "events",
  "partitions": 6,
  "retentionMs": 604800000,
  "replication": {
   "embedded": 1,
   "otherwise": 3
  },
  "name": "pricing.events",
  "description": "Prices by productId."
 },
 {
  "kind": "events",
  "partitions": 6,
  "retentionMs": 604800000,
  "replication": {
   "embedded": 1,
   "otherwise": 3
  },
  "name": "inventory.events",
  "description": "Stock by productId."
 },
 {
  "kind": "dead-letters",
  "partitions": 1,
  "retentionMs": 604800000,
  "replication": {
   "embedded": 1,
   "otherwise": 3
  },
  "name": "catalog-service.dlq",
  "description": "What catalog-service could not handle."
 },
 {
  "kind": "dead-letters",
  "partitions": 1,
  "retentionMs": 604800000,
  "replication": {
   "embedded": 1,
   "otherwise": 3
  },
  "name": "pricing-service.dlq",
  "description": "What pricing-service could not handle."
 },
 {
  "kind": "dead-letters",
  "partitions": 1,
  "retentionMs": 604800000,
  "replication": {
   "embedded": 1,
   "otherwise": 3
  },
  "name": "warehouse-inventory-service.dlq",
  "description": "What warehouse-inventory-service could not handle."
 },
 {
  "kind": "dead-letters",
  "partitions": 1,
  "retentionMs": 604800000,
  "replication": {
   "embedded": 1,
   "otherwise": 3
  },
  "name": "promotion-service.dlq",
  "description": "What promotion-service could not handle."
 },
 {
  "kind": "dead-letters",
  "partitions": 1,
  "retentionMs": 604800000,
  "replication": {
   "embedded": 1,
   "otherwise": 3
  },
  "name": "shipping-service.dlq",
  "description": "What shipping-service could not handle."
 },
 {
  "kind": "dead-letters",
  "partitions": 1,
  "retentionMs": 604800000,
  "replication": {
   "embedded": 1,
   "otherwise": 3
  },
  "name": "customer-service.dlq",
  "description": "What customer-service could not handle."
 },
 {
  "kind": "dead-letters",
  "partitions": 1,
  "retentionMs": 604800000,
  "replication": {
   "embedded": 1,
   "otherwise": 3
  },
  "name": "review-service.dlq",
  "description": "What review-service could not handle."
 }
];
