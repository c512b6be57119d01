import { ageOf, minuteOf } from "../core/times.ts";
import type { CredentialStatus } from "../flows/status/judge-credentials.ts";
import { driftedName } from "../flows/status/judge-drift.ts";
import type { GatewayStatus } from "../flows/status/judge-gateway.ts";
import type { ServiceStatus } from "../flows/status/judge-service.ts";
import type { EnvironmentStatus, StatusReport } from "../flows/status/judge.ts";
import { renderTable } from "./output.ts";

/** What people read: one table for each part, what needs attention at the end. `now`: milliseconds since the epoch. */
export function renderReport(report: StatusReport, now: number): string {
  const { environment, credentials, namespaces, gateway, group, links, services, shadowing, drift, problems } = report;
  return [
    head(environment),
    section(
      "CREDENTIALS (* is handed out)",
      ["ROLE", "SLOT", "STATE", "EPOCH", "ID", "AGE", "EXPIRES", "LAST USED", "AT CLOUDFLARE"],
      credentials.map((credential) => credentialRow(credential, now)),
    ),
    section(
      "NAMESPACES",
      ["NAME", "CLASS", "TITLE", "ID", "EXISTS"],
      namespaces.map((namespace) => [
        namespace.name,
        namespace.class ?? "not in the file",
        namespace.actualTitle ?? namespace.title,
        namespace.id ?? "-",
        yesNo(namespace.exists),
      ]),
    ),
    ...(gateway === undefined ? [] : [gatewaySection(gateway)]),
    section(
      "ENVIRONMENT GROUP",
      ["NAME", "ID", "EXISTS", "VARIABLES"],
      [[group.name, group.id ?? "-", yesNo(group.exists), String(group.variables)]],
    ),
    section(
      "LINKS",
      ["SERVICE", "ID", "CONFIGURED", "LINKED"],
      links.map(({ id, name = "-", configured, linked }) => [name, id, yesNo(configured), yesNo(linked)]),
    ),
    section(
      "SERVICES",
      ["NAME", "ID", "VARIABLES", "LAST DEPLOY", "AGE", "TRIGGER"],
      services.map((service) => serviceRow(service, now)),
    ),
    section(
      "SHADOWED OR LEFT-BEHIND VARIABLES",
      ["SET BY", "NAME", "SERVICES", "EFFECT", "VARIABLES"],
      shadowing.map(({ source, name, services: affected, effect, keys }) => [
        source,
        name,
        affected.join(", "),
        effect,
        keys.join(", "),
      ]),
    ),
    drift.looked
      ? section(
          "CHANGED AT THE VENDORS SINCE THE LAST RUN",
          ["RESOURCE", "CHANGE", "PROPERTIES"],
          [
            ...drift.resources.map((resource) => [
              driftedName(resource),
              resource.change,
              resource.properties.join(", "),
            ]),
            ...group.changes.map(({ key, change }) => [`variable ${key}`, change, ""]),
          ],
        )
      : `CHANGED AT THE VENDORS SINCE THE LAST RUN\nThe engine could not look: ${drift.why}\nThe parts above are what the vendors themselves answered.`,
    problems.length === 0
      ? "Nothing needs attention."
      : [
          `${String(problems.length)} ${problems.length === 1 ? "thing needs" : "things need"} attention:`,
          ...problems.flatMap(({ what, fix }) => [`! ${what}`, `  Fix: ${fix}`]),
        ].join("\n"),
  ].join("\n\n");
}

function gatewaySection({ workerName, exists, url = "-", versionId = "-", deployed, servesOwnVersion }: GatewayStatus) {
  const served = deployed.map(({ id, percentage }) => `${id} (${String(percentage)} %)`).join(", ");
  return section(
    "GATEWAY",
    ["WORKER", "EXISTS", "ADDRESS", "VERSION", "SERVED"],
    [[workerName, yesNo(exists), url, versionId, servesOwnVersion ? "the same" : served || "none"]],
  );
}

function head({ name, kind, app, phase, readShare, access, account, lastRun }: EnvironmentStatus): string {
  const share = readShare === undefined ? "" : ` (${String(readShare)} % of keys are read from KV)`;
  const { id, sharedWith, unknown } = account;
  const sharing =
    sharedWith.length === 0
      ? "an account of its own in this project"
      : `shares its account with ${sharedWith.join(", ")}`;
  const unclear = unknown.length === 0 ? "" : ` (not known: ${unknown.join(", ")}, whose file has problems)`;
  const run =
    lastRun === undefined ? "none" : `${lastRun.kind}, ${lastRun.result}, started ${minuteOf(lastRun.startedAt)}`;
  return [
    `${name}: ${kind} of ${app}, phase ${phase}${share}, access ${access}`,
    `Cloudflare: ${id}, ${sharing}${unclear}`,
    `Last run: ${run}`,
  ].join("\n");
}

function section(title: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? `${title}\nnone` : `${title}\n${renderTable(header, rows)}`;
}

function credentialRow(credential: CredentialStatus, now: number): string[] {
  const { role, slot, active, state, epoch, id = "-", tokenId, status = "-", issuedAt, lastUsedAt } = credential;
  // Only Cloudflare says when its tokens were used; of other credentials the gateway's ledger knows.
  const used = tokenId === undefined || status === "missing" ? "-" : "never";
  return [
    role,
    `${slot}${active ? " *" : ""}`,
    state,
    String(epoch),
    id,
    issuedAt === undefined ? "-" : ageOf(issuedAt, now),
    expiryOf(credential),
    lastUsedAt === undefined ? used : `${ageOf(lastUsedAt, now)} ago`,
    status,
  ];
}

function expiryOf({ expiresAt, daysLeft }: CredentialStatus): string {
  if (expiresAt === undefined) return "-";
  if (daysLeft === undefined) return "never";
  if (daysLeft < 0) return "expired";
  return daysLeft === 1 ? "in 1 day" : `in ${String(daysLeft)} days`;
}

function serviceRow({ id, name = "-", state, lastDeploy }: ServiceStatus, now: number): string[] {
  const { status = "unknown", createdAt, trigger = "unknown" } = lastDeploy ?? { status: "none", trigger: "-" };
  const shown = state === "stale" ? "stale (deployed before the last change of its variables)" : state;
  return [name, id, shown, status, createdAt === undefined ? "-" : ageOf(createdAt, now), trigger];
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}
