import { Hono } from "hono";
import { z } from "zod";

import { type RandomBytes, randomHex } from "../../src/core/random.ts";
import { Secret } from "../../src/core/secret.ts";
import { createEdge, type Sleep } from "../http/edge.ts";
import { type CallFault, FaultPlan } from "../http/faults.ts";
import { loggedJson, RequestLog } from "../http/request-log.ts";
import { carriesKey } from "../render/bearer-auth.ts";
import { type GithubUser, userNamed } from "./user.ts";

export interface GithubEmulatorOptions {
  /** `owner/name` */
  readonly repository: string;
  readonly random: RandomBytes;
  readonly sleep: Sleep;
}

export interface Comment {
  readonly id: number;
  body: string;
  readonly user: GithubUser;
}

/**
 * The part of GitHub's API that kvshift calls, for one repository: open pull requests, and their comments. Answers hold
 * the properties that kvshift reads and no others. https://docs.github.com/en/rest
 */
export interface GithubEmulator {
  readonly fetch: (request: Request) => Promise<Response>;
  /** That of a workflow. */
  readonly token: Secret;
  /** That of a person, whose login is `maintainer`. */
  readonly personalToken: Secret;
  readonly requestLog: RequestLog;
  readonly faults: FaultPlan<CallFault>;
  open(number: number): void;
  close(number: number): void;
  /** What a person writes. */
  comment(number: number, body: string): void;
  commentsOf(number: number): readonly Comment[];
}

/** https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api */
const DEFAULT_PER_PAGE = 30;
const MAX_PER_PAGE = 100;
/** https://docs.github.com/en/rest/issues/comments answers 422 beyond it. */
const MAX_BODY_CHARACTERS = 65_536;

/** Whose token a workflow has: https://docs.github.com/en/actions/concepts/security/github_token */
const BOT = userNamed(1, "github-actions[bot]", "Bot");
const MAINTAINER = userNamed(3, "maintainer", "User");
const PERSON = userNamed(2, "somebody", "User");

const bodySchema = z.object({ body: z.string() });

function carries({ headers }: Request, wanted: Secret): boolean {
  return carriesKey(headers.get("authorization")?.replace(/^token /i, "Bearer ") ?? null, wanted);
}

export function createGithubEmulator({ repository, random, sleep }: GithubEmulatorOptions): GithubEmulator {
  const token = new Secret(`ghs_${randomHex(random, 18)}`);
  const personalToken = new Secret(`ghp_${randomHex(random, 18)}`);
  const requestLog = new RequestLog();
  const faults = new FaultPlan<CallFault>();
  const requests = new Map<number, { state: "open" | "closed"; readonly comments: Comment[] }>();
  let nextId = 1;
  const requestOf = (number: number) => {
    const found = requests.get(number) ?? { state: "open" as const, comments: [] };
    requests.set(number, found);
    return found;
  };
  const add = (number: number, body: string, user: GithubUser): Comment => {
    const comment = { id: nextId, body, user };
    nextId += 1;
    requestOf(number).comments.push(comment);
    return comment;
  };

  const base = `/repos/${repository}`;
  const app = new Hono();
  app.get(`${base}/pulls`, (c) => {
    const wanted = c.req.query("state") ?? "open";
    const found = [...requests].filter(([, { state }]) => wanted === "all" || state === wanted);
    const views = found.toSorted(([a], [b]) => b - a).map(([number, { state }]) => ({ number, state }));
    return paged(c.req.url, views);
  });
  app.get(`${base}/pulls/:number`, (c) => {
    const number = Number(c.req.param("number"));
    const request = requests.get(number);
    return request === undefined ? notFound() : c.json({ number, state: request.state });
  });
  app.get("/user", (c) =>
    carries(c.req.raw, personalToken)
      ? c.json(MAINTAINER)
      : c.json({ message: "Resource not accessible by integration" }, 403),
  );
  app.get(`${base}/issues/:number/comments`, (c) => {
    const request = requests.get(Number(c.req.param("number")));
    return request === undefined ? notFound() : paged(c.req.url, request.comments);
  });
  app.post(`${base}/issues/:number/comments`, async (c) => {
    const number = Number(c.req.param("number"));
    const { success, data } = bodySchema.safeParse(await c.req.json());
    if (!requests.has(number)) return notFound();
    if (!success || data.body.length > MAX_BODY_CHARACTERS) return unprocessable();
    return c.json(add(number, data.body, carries(c.req.raw, token) ? BOT : MAINTAINER), 201);
  });
  app.patch(`${base}/issues/comments/:id`, async (c) => {
    const id = Number(c.req.param("id"));
    const comment = [...requests.values()].flatMap(({ comments }) => comments).find((one) => one.id === id);
    const { success, data } = bodySchema.safeParse(await c.req.json());
    if (comment === undefined) return notFound();
    if (!success || data.body.length > MAX_BODY_CHARACTERS) return unprocessable();
    comment.body = data.body;
    return c.json(comment);
  });
  app.notFound(() => notFound());

  return {
    token,
    personalToken,
    requestLog,
    faults,
    open: (number) => {
      requestOf(number).state = "open";
    },
    close: (number) => {
      requestOf(number).state = "closed";
    },
    comment: (number, body) => {
      add(number, body, PERSON);
    },
    commentsOf: (number) => requests.get(number)?.comments ?? [],
    fetch: createEdge({
      vendor: "github",
      faults,
      requestLog,
      sleep,
      answer: async (request, exchange) => {
        const sent = await request.clone().text();
        exchange.request = sent === "" ? null : loggedJson(sent);
        if (!carries(request, token) && !carries(request, personalToken)) {
          return Response.json({ message: "Bad credentials" }, { status: 401 });
        }
        const response = await app.fetch(request);
        exchange.response = loggedJson(await response.clone().text());
        return response;
      },
      errorBody: (status) => ({ message: `status ${String(status)}` }),
    }),
  };
}

/** One page, with the address of the next one, as GitHub gives it. */
function paged(url: string, items: readonly object[]): Response {
  const asked = new URL(url);
  const perPage = Math.min(MAX_PER_PAGE, Number(asked.searchParams.get("per_page") ?? DEFAULT_PER_PAGE));
  const page = Number(asked.searchParams.get("page") ?? 1);
  const shown = items.slice((page - 1) * perPage, page * perPage);
  asked.searchParams.set("page", String(page + 1));
  const link = page * perPage < items.length ? { link: `<${asked.href}>; rel="next"` } : {};
  return Response.json(shown, { headers: link });
}

function notFound(): Response {
  return Response.json({ message: "Not Found" }, { status: 404 });
}

function unprocessable(): Response {
  return Response.json({ message: "Validation Failed" }, { status: 422 });
}
