import { actorOf } from "../../audit/actor.ts";
import { AppError } from "../../core/app-error.ts";
import { previewEnvironment } from "../../core/names.ts";
import { pause, type RunContext } from "../../core/run-context.ts";
import type { EnvironmentConfig } from "../../config/schema.ts";
import { timeScale } from "../../config/time-scale.ts";
import { findProject } from "../../engine/project.ts";
import { requireVendorEnvironment } from "../../engine/vendor-environment.ts";
import type { Vendors } from "../../vendors/endpoints.ts";
import type { DeployReport } from "../deploy/deploy-stale.ts";
import { deployEnvironment, judgedServices } from "../deploy/deploy-environment.ts";
import { openTrail } from "../environment/audit-trail.ts";
import { vendorsOf } from "../environment/connect-vendors.ts";
import type { EnvironmentFile } from "../environment/environment-file.ts";
import { openEnvironment } from "../environment/open-environment.ts";
import { bringUp, type UpResult } from "../environment/up.ts";
import { waiting } from "../environment/wait.ts";
import { judge } from "../status/judge.ts";
import type { ServiceStatus } from "../status/judge-service.ts";
import { observe } from "../status/observe.ts";
import { requireAnswers } from "./answers.ts";
import { requireCommit } from "./commits.ts";
import { factsIn, type PreviewFacts, tagsOf } from "./facts.ts";
import { findServices, type PreviewService } from "./find-services.ts";
import { type InheritedLink, lookAtInheritance, refuseInheritance } from "./inherited.ts";
import { requireRoom, type RoomFacts } from "./room.ts";
import { knownPreviews } from "./stacks.ts";
import { readFixture } from "./fixture.ts";
import { seed } from "./seed.ts";
import { asPreview, readTemplate } from "./template.ts";

const FLOW = "pr up";

export interface PreviewUpOptions {
  readonly pr: number;
  readonly sha: string;
  readonly branch: string | undefined;
  /** Ids of the preview services, where a person names them. */
  readonly services: readonly string[];
  /** How long the preview lives after this run, in milliseconds. */
  readonly ttlMs: number;
  /** How long to wait until Render has made the preview services, in milliseconds. */
  readonly waitMs: number;
  /** Path of a fixture to fill the namespaces from. */
  readonly seed: string | undefined;
  readonly yes: boolean | undefined;
}

export interface PreviewUpResult {
  readonly stack: string;
  readonly facts: PreviewFacts;
  /** `commit`: what each runs; absent where Render tells none, as of a service from an image. */
  readonly services: readonly (PreviewService & { readonly commit: string | undefined })[];
  /** Links to other environments' groups that the preview services had from their parents, and have no more. */
  readonly unlinked: readonly InheritedLink[];
  readonly report: UpResult["report"];
  readonly deploys: DeployReport;
  /** How many pairs were written; absent where there is no fixture, or the namespaces hold it already. */
  readonly seeded?: number;
}

/**
 * Brings the preview of a pull request up, or to the newest commit: its own namespaces, credentials, gateway and group,
 * given to its Render preview service and to nothing else. Ready means that a deploy of the commit, made after the link,
 * is live and answers, and that nothing stands between the preview and its variables.
 *
 * @throws AppError PREVIEW_SERVICE_UNCLEAR, PREVIEW_REFUSED, PREVIEW_NOT_READY, and with the code of what refused or
 *   failed (docs/errors.md)
 */
export async function previewUp(options: PreviewUpOptions, run: RunContext): Promise<PreviewUpResult> {
  const { clock, emit } = run;
  const name = previewEnvironment(options.pr);
  const project = await findProject(run.cwd);
  const template = await readTemplate(project, name, clock);
  const fixture = options.seed === undefined ? undefined : await readFixture(options.seed, project, template.config);
  requireVendorEnvironment(run.env);
  const vendors = vendorsOf(run);
  const scale = timeScale(run.env);
  const services = await findServices(
    vendors.render,
    {
      ownerId: template.config.render.ownerId,
      parents: template.config.render.services,
      branch: options.branch,
      named: options.services,
      waitMs: options.waitMs / scale,
    },
    run,
    POLL_MS / scale,
  );
  const ids = services.map(({ id }) => id);
  const expires = new Date(clock.now() + options.ttlMs).toISOString();
  const file = asPreview(template, name, { services: ids, expires }, clock);
  await using environment = await openEnvironment(name, run, {
    create: true,
    needsVendors: true,
    lock: "wait",
    file,
  });
  const { session, config } = environment;
  const inheritance = await lookAtInheritance(environment, vendors, services);
  refuseInheritance(name, inheritance);
  const tags = await session.tags();
  const before = factsIn(tags);
  // A preview that is there already has its room.
  if (before === undefined) requireRoom(name, await roomFor(config, vendors, run));
  const facts = factsOf(options, file, before, (await actorOf(run.env)).name, clock.now(), expires);
  // Before anything is made: from now on `pr down` and `pr sweep` know what may be there.
  await session.setTags(tagsOf(facts, tags));
  const trail = await openTrail(environment, run);
  const request = { pr: options.pr, sha: options.sha, branch: facts.branch };
  if (inheritance.links.length > 0) {
    await trail.around(
      { flow: FLOW, step: "unlink", details: { ...request, unlinked: inheritance.links } },
      async () => {
        for (const { groupId, groupName, serviceId } of inheritance.links) {
          await vendors.render.unlink(groupId, serviceId);
          emit({ type: "note", text: `${serviceId} had ${groupName} from its parent: taken off it` });
        }
      },
      () => ({}),
    );
  }
  const { report } = await bringUp(environment, vendors, { adopt: false, removeUsed: false, yes: options.yes }, run, {
    trail,
    flow: FLOW,
    details: request,
  });
  const seeded = await seed(environment, facts, fixture, run, { trail, details: request });
  const deploys = await trail.around(
    { flow: FLOW, step: "deploy", details: { ...request, services: ids } },
    () => deployEnvironment(environment, vendors, run),
    (done) => ({ ...done }),
  );
  const wait = waiting({ clock, signal: run.signal, scale, sleep: pause });
  const look = (): Promise<readonly ServiceStatus[]> => judgedServices(environment, vendors);
  const running = await requireCommit(name, options.sha, look, wait, emit);
  // A build that was under way when the variables came may have begun without them.
  const last = running.every(({ state }) => state === "current")
    ? deploys
    : await deployEnvironment(environment, vendors, run);
  // Render may have linked something meanwhile, or a person.
  const after = await lookAtInheritance(environment, vendors, services);
  refuseInheritance(name, after);
  const { problems } = judge(await observe(environment, vendors, run), clock.now());
  if (problems.length > 0) {
    throw new AppError("PREVIEW_NOT_READY", {
      problem: `${name} is up, but not as it should be.`,
      details: problems.map(({ what, fix }) => `${what} ${fix}`),
      fix: `Mend what the lines name and run \`kvshift pr up\` again, or remove it with \`kvshift pr down --pr ${String(options.pr)}\`.`,
      retryable: true,
    });
  }
  await requireAnswers(name, services, (url, init) => fetch(url, init), wait);
  const shown = config.render.services.flatMap((id) =>
    services
      .filter((service) => service.id === id)
      .map((service) => ({ ...service, commit: running.find((one) => one.id === id)?.commit })),
  );
  return {
    stack: name,
    facts,
    services: shown,
    unlinked: inheritance.links,
    report,
    deploys: bothOf(deploys, last),
    ...seeded,
  };
}

const POLL_MS = 5000;

/** What two rounds of deploys did together. */
function bothOf(first: DeployReport, last: DeployReport): DeployReport {
  return first === last ? last : { ...last, deployed: [...first.deployed, ...last.deployed] };
}

async function roomFor(config: EnvironmentConfig, { cloudflare }: Vendors, run: RunContext): Promise<RoomFacts> {
  const { accountId } = config.cloudflare;
  const [namespaces, workers, { previews }] = await Promise.all([
    cloudflare.namespaces(accountId),
    cloudflare.workers(accountId),
    knownPreviews(run),
  ]);
  return {
    account: { namespaces: namespaces.length, workers: workers.length },
    wanted: {
      namespaces: Object.keys(config.namespaces).length,
      workers: config.access === "gateway" ? 1 : 0,
      services: config.render.services.length,
    },
    previews,
  };
}

function factsOf(
  { pr, sha, branch }: PreviewUpOptions,
  { config, secretsProvider }: EnvironmentFile,
  before: PreviewFacts | undefined,
  by: string,
  now: number,
  expires: string,
): PreviewFacts {
  const { app, access, cloudflare, render, namespaces } = config;
  return {
    pr,
    sha,
    branch: branch ?? before?.branch ?? "",
    created: before?.created ?? new Date(now).toISOString(),
    expires,
    by,
    app,
    accountId: cloudflare.accountId,
    access,
    ownerId: render.ownerId,
    secretsProvider: secretsProvider ?? "",
    // One that the template has no more may still be there.
    namespaces: [...new Set([...(before?.namespaces ?? []), ...Object.keys(namespaces)])],
    services: render.services,
    seed: before?.seed ?? "",
  };
}
