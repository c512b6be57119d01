import { describe, expect, it } from "vitest";

import { reduceDocument } from "../../scripts/reduce-openapi.ts";

const document = {
  paths: {
    "/things": {
      get: {
        summary: "List things",
        responses: {
          "200": {
            description: "Fine",
            content: {
              "application/json": { schema: { type: "array", items: { $ref: "#/components/schemas/thing" } } },
            },
          },
          "204": { description: "Nothing" },
          "404": { $ref: "#/components/responses/NotFound" },
        },
      },
      post: { responses: { "201": { description: "Not served" } } },
    },
    "/sizes/{size}": { parameters: [{ schema: { type: "string", example: "xl" } }] },
  },
  components: {
    responses: { NotFound: { content: { "application/json": { schema: { type: "object" } } } } },
    schemas: {
      base: { type: "object", required: ["id"], properties: { id: { type: "string", description: "words" } } },
      thing: {
        allOf: [
          { $ref: "#/components/schemas/base" },
          {
            type: "object",
            required: ["parent"],
            properties: {
              description: { type: "string", nullable: true, example: "words" },
              size: { $ref: "#/paths/~1sizes~1%7Bsize%7D/parameters/0/schema" },
              parent: { oneOf: [{ $ref: "#/components/schemas/thing" }, { type: "string", enum: ["none"] }] },
              made: { type: "string", format: "date-time" },
            },
          },
        ],
      },
    },
  },
};

describe("reduceDocument", () => {
  it("keeps statuses, names and types of what is served, closes objects and drops all words", () => {
    expect(reduceDocument(document, { "/things": ["get", "delete"] })).toEqual({
      paths: {
        "/things": {
          GET: {
            "200": { type: "array", items: { $ref: "#/schemas/thing" } },
            "204": null,
            "404": { type: "object" },
          },
        },
      },
      schemas: {
        thing: {
          type: "object",
          required: ["id", "parent"],
          properties: {
            id: { type: "string" },
            description: { type: "string", nullable: true },
            size: { type: "string" },
            parent: { oneOf: [{ $ref: "#/schemas/thing" }, { type: "string", enum: ["none"] }] },
            made: { type: "string", format: "date-time" },
          },
          additionalProperties: false,
        },
      },
    });
  });

  it("names a reference that leads nowhere", () => {
    expect(() => reduceDocument(document, { "/missing": ["get"] })).toThrow("nothing at #/paths/~1missing");
  });
});
