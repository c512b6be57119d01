import type { EmulatorContext } from "./context.ts";
import { ApiError } from "./envelope.ts";

interface PageOptions {
  readonly minPerPage: number;
  readonly maxPerPage: number;
  readonly code: number;
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly resultInfo: object;
}

const DEFAULT_PER_PAGE = 20;

/** One page by the query parameters `page` and `per_page`; a page after the last is empty. */
export function pageOf<Item>(c: EmulatorContext, all: readonly Item[], options: PageOptions): Page<Item> {
  const { minPerPage: min, maxPerPage: max, code } = options;
  const page = integerParameter(c, "page", { default: 1, min: 1, max: Number.MAX_SAFE_INTEGER, code });
  const perPage = integerParameter(c, "per_page", { default: DEFAULT_PER_PAGE, min, max, code });
  const items = all.slice((page - 1) * perPage, page * perPage);
  return {
    items,
    resultInfo: {
      page,
      per_page: perPage,
      count: items.length,
      total_count: all.length,
      total_pages: Math.ceil(all.length / perPage),
    },
  };
}

export function integerParameter(
  c: EmulatorContext,
  name: string,
  options: { default: number; min: number; max: number; code: number },
): number {
  const text = c.req.query(name);
  if (text === undefined) return options.default;
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= options.min && value <= options.max) return value;
  throw new ApiError(400, {
    code: options.code,
    message: `Invalid ${name} of ${text}. It must be an integer from ${String(options.min)} to ${String(options.max)}.`,
  });
}

export function choiceParameter<Choice extends string>(
  c: EmulatorContext,
  name: string,
  choices: readonly [Choice, ...Choice[]],
  code: number,
): Choice {
  const text = c.req.query(name);
  if (text === undefined) return choices[0];
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  throw new ApiError(400, { code, message: `Invalid ${name} of ${text}. It must be one of ${choices.join(", ")}.` });
}
